import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Reassembly } from "../../../src/net/channel/reassembly.ts";

const message = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31) >> 3);

describe("Reassembly", () => {
  test("any pieces that cover a message make it, in any order, over one another", () => {
    const pieces = fc.array(fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 3_000 })), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), pieces, (total, list) => {
        const whole = message(total);
        const reassembly = new Reassembly(total);
        const seen = new Set<number>();
        const add = (offset: number, end: number): void => {
          let isNew = false;
          for (let byte = offset; byte < end; byte += 1) {
            isNew ||= !seen.has(byte);
            seen.add(byte);
          }
          expect(reassembly.add(offset, total, whole, offset, end)).toBe(isNew ? "new" : "known");
          expect(reassembly.isComplete).toBe(seen.size === total);
        };
        for (const [at, length] of list) {
          const offset = at % total;
          add(offset, Math.min(total, offset + length));
        }
        for (let at = 0; at < total; at += 700) add(at, Math.min(total, at + 700));
        expect(Array.from(reassembly.whole())).toEqual(Array.from(whole));
      }),
      { numRuns: 100 },
    );
  });

  test("pieces that say something else are told, and change nothing", () => {
    const whole = message(9_000);
    const reassembly = new Reassembly(9_000);
    reassembly.add(1_000, 9_000, whole, 1_000, 6_000);
    const other = whole.slice();
    other[5_999]! ^= 1;
    expect(reassembly.add(5_999, 9_000, other, 5_999, 7_000)).toBe("contradiction");
    expect(reassembly.add(0, 9_000, other, 0, 9_000)).toBe("contradiction");
    expect(reassembly.add(1_000, 8_999, whole, 1_000, 1_001)).toBe("contradiction");
    expect(reassembly.add(0, 9_000, whole, 0, 1_000)).toBe("new");
    expect(reassembly.add(5_000, 9_000, whole, 5_000, 9_000)).toBe("new");
    expect(reassembly.whole()).toEqual(whole);
  });

  test("takes memory for what came, not for what was announced", () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const many = Array.from({ length: 1_000 }, (_, i) => {
      const reassembly = new Reassembly(16 * 1024 * 1024);
      reassembly.add(i * 16_000, 16 * 1024 * 1024, Uint8Array.of(1), 0, 1);
      return reassembly;
    });
    const after = process.memoryUsage();
    // A block of 4 KiB each, and what the runtime needs besides.
    expect(after.heapUsed + after.arrayBuffers - heapUsed - arrayBuffers).toBeLessThan(16 * 1024 * 1024);
    expect(many.every(({ isComplete }) => !isComplete)).toBe(true);
  });

  test("remembers no more than so many gaps", () => {
    const reassembly = new Reassembly(100_000);
    const one = Uint8Array.of(0);
    for (let i = 0; i < 1_024; i += 1) {
      expect(reassembly.hasRoomFor(2 * i, 1)).toBe(true);
      reassembly.add(2 * i, 100_000, one, 0, 1);
    }
    expect(reassembly.hasRoomFor(2 * 1_024, 1)).toBe(false);
    // What closes or widens a run is always welcome.
    expect(reassembly.hasRoomFor(1, 1)).toBe(true);
    expect(reassembly.hasRoomFor(2_047, 1)).toBe(true);
  });
});
