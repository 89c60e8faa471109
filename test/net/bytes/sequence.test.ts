import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromSequence, toSequence } from "../../../src/net/bytes/sequence.ts";

describe("sequences", () => {
  it("come back to the count they came from within half the circle", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 50), fc.integer({ min: -0x7fff, max: 0x8000 }), (near, distance) => {
        fc.pre(near + distance >= 0);
        expect(fromSequence(toSequence(near + distance), near)).toBe(near + distance);
      }),
    );
  });

  it("are understood as the later count at exactly half the circle", () => {
    expect(fromSequence(toSequence(100_000 + 0x8000), 100_000)).toBe(100_000 + 0x8000);
    expect(fromSequence(toSequence(100_000 - 0x8000), 100_000)).toBe(100_000 + 0x8000);
  });

  it("wrap at 65536 and may lie before the beginning", () => {
    expect([toSequence(65_535), toSequence(65_536)]).toEqual([65_535, 0]);
    expect([fromSequence(0, 65_535), fromSequence(65_535, 65_536)]).toEqual([65_536, 65_535]);
    expect(fromSequence(65_535, 0)).toBe(-1);
  });
});
