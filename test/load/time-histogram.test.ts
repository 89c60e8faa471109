import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeEncoded } from "../../client/load/crowd-sample.ts";
import { TimeHistogram } from "../../client/load/time-histogram.ts";

const durations = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 300 });

function of(values: readonly number[]): TimeHistogram {
  const made = new TimeHistogram();
  for (const value of values) made.record(value);
  return made;
}

describe("a histogram of times", () => {
  test("of several processes, put together, is that of one", () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 5 }), (parts) => {
        const merged = mergeEncoded(parts.map((each) => of(each).encode()));
        const one = of(parts.flat());
        expect(merged.count).toBe(one.count);
        expect(merged.encode()).toBe(one.encode());
        for (const percent of [0, 50, 90, 99, 99.9, 100]) {
          expect(merged.percentile(percent)).toBe(one.percentile(percent));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("tells percentiles within a thousandth", () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
        expect(Math.abs(of(values).percentile(percent) - exact)).toBeLessThanOrEqual(exact * 0.001 + 0.001);
      }),
      { numRuns: 100 },
    );
  });

  test("has bars that hold all there is", () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 60 }), (values, most) => {
        const bars = of(values).bars(most);
        expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        expect(bars.every(({ count }) => count >= 0)).toBe(true);
        expect(bars.length).toBeLessThanOrEqual(most + 1);
      }),
      { numRuns: 50 },
    );
    expect(of([1, 1, 4]).bars(4)).toEqual([
      { toMs: 1, count: 2 },
      { toMs: 2, count: 0 },
      { toMs: 3, count: 0 },
      { toMs: 4, count: 1 },
    ]);
  });

  test("takes what is no time for none, and what is too long for the longest", () => {
    expect(of([Number.NaN, -1]).percentiles()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
    expect(of([Number.POSITIVE_INFINITY]).percentiles().max).toBeCloseTo(600_000, -3);
    expect(new TimeHistogram().percentiles()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
    expect(new TimeHistogram().bars(10)).toEqual([]);
  });
});
