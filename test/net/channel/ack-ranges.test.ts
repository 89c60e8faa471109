import fc from "fast-check";
import { expect, test } from "vitest";
import { areRangesLawful, MAX_RANGE_SPAN, MAX_RANGES } from "../../../src/net/channel/ack-ranges.ts";

test("lawful are at most 32 runs, none empty, over at most 1,024 packets, none before the first", () => {
  const length = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(1_023, 1_024, 1_025, -1));
  fc.assert(
    fc.property(fc.array(length, { maxLength: 70, size: "max" }), fc.nat(2_000), (ranges, ack) => {
      const span = ranges.reduce((sum, each) => sum + each, 0);
      const isLawful =
        ranges.length % 2 === 1 &&
        (ranges.length + 1) / 2 <= MAX_RANGES &&
        Math.min(...ranges) >= 1 &&
        span <= MAX_RANGE_SPAN &&
        ack - span >= 0;
      expect(areRangesLawful(ranges, ack)).toBe(isLawful);
    }),
    { numRuns: 2_000 },
  );
});

test("each bound has a lawful neighbour", () => {
  const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
  for (const [ranges, ack, isLawful] of [
    [[1], 1, true],
    [[1], 0, false],
    [[], 10, false],
    [[1, 1], 10, false],
    [[1, 1, 1], 3, true],
    [[1, 1, 1], 2, false],
    [[1, 0, 1], 10, false],
    [ones(63), 63, true],
    [ones(65), 65, false],
    [[1_024], 1_024, true],
    [[1_025], 2_000, false],
    [[...ones(62), 962], 2_000, true],
    [[...ones(62), 963], 2_000, false],
  ] as const) {
    expect(areRangesLawful(ranges, ack), JSON.stringify([ranges.length, ack])).toBe(isLawful);
  }
});
