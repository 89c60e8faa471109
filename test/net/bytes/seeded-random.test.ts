import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";

describe("SeededRandom", () => {
  it.each([
    [0, [2297102522, 4242804496, 2805528058, 609994695]],
    [1, [1704185757, 3549877329, 3556786932, 2704429714]],
    [2, [998555514, 1283260220, 268127761, 3826283284]],
    [-1, [3143046385, 1776056176, 1182847144, 1718488747]],
    [2 ** 40 + 7, [3966437748, 2993338825, 960374425, 2629110069]],
  ])("gives seed %i the same numbers everywhere and for ever", (seed, expected) => {
    const random = new SeededRandom(seed);
    expect(expected.map(() => random.uint32())).toEqual(expected);
    const again = new SeededRandom(seed);
    expect(expected.map(() => again.next())).toEqual(expected.map((word) => word / 2 ** 32));
  });

  it("has not drifted after a million numbers", () => {
    const random = new SeededRandom(9);
    let hash = 0;
    for (let i = 0; i < 1_000_000; i += 1) hash = (Math.imul(hash, 31) + random.uint32()) >>> 0;
    expect(hash).toBe(2800643349);
  });

  it("fills bytes of any length in one order", () => {
    const bytes = new Uint8Array(7);
    new SeededRandom(1).fill(bytes);
    expect(bytes).toEqual(Uint8Array.of(157, 207, 147, 101, 81, 212, 150));
    new SeededRandom(1).fill(new Uint8Array(0));
  });

  it("spreads evenly below a limit", () => {
    const random = new SeededRandom(3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i += 1) counts[random.below(10)]! += 1;
    // Five standard deviations of each count.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9_000));
    expect(random.below(1)).toBe(0);
  });
});
