import { describe, expect, test } from "vitest";
import { TickMeter } from "../../src/ops/tick-meter.ts";

describe("tick meter", () => {
  test("is all zero before the first tick", () => {
    const meter = new TickMeter({ budgetMs: 33 });
    expect(meter.summary()).toEqual({ p50: 0, p99: 0, max: 0, overruns: 0, ticks: 0 });
    expect(meter.recent(0)).toEqual({ p50: 0, p99: 0, max: 0, overruns: 0, ticks: 0 });
  });

  test("gives percentiles in milliseconds with three digits", () => {
    const meter = new TickMeter({ budgetMs: 33 });
    for (let i = 1; i <= 1_000; i += 1) meter.record(i / 100, 0, i);
    const { p50, p99, max, overruns, ticks } = meter.summary();
    expect(p50).toBeCloseTo(5, 1);
    expect(p99).toBeCloseTo(9.9, 1);
    expect(max).toBe(10);
    expect({ overruns, ticks }).toEqual({ overruns: 0, ticks: 1_000 });
  });

  test("tells ten microseconds from twenty", () => {
    const meter = new TickMeter({ budgetMs: 33 });
    meter.record(0.01, 0, 0);
    expect(meter.summary().p50).toBe(0.01);
    meter.record(0.02, 0, 0);
    expect(meter.summary()).toMatchObject({ p50: 0.01, p99: 0.02, max: 0.02 });
  });

  test("never tells of a percentile above the longest", () => {
    const meter = new TickMeter({ budgetMs: 33 });
    // Its bucket ends above it, and it has a fraction of a microsecond more than is told of it.
    meter.record(388.05834499999946, 0, 0);
    expect(meter.summary()).toMatchObject({ p50: 388.058, p99: 388.058, max: 388.058 });
  });

  test("counts overruns and lateness", () => {
    const meter = new TickMeter({ budgetMs: 10 });
    meter.record(10, 2, 0);
    meter.record(10.001, 4, 0);
    expect(meter.summary().overruns).toBe(1);
    expect(meter.lateness()).toMatchObject({ p50: 2, max: 4, overruns: 0 });
  });

  test("forgets what is older than its window, and only for the recent", () => {
    const meter = new TickMeter({ budgetMs: 10, windowMs: 10_000 });
    meter.record(50, 0, 0);
    meter.record(1, 0, 4_000);
    expect(meter.recent(4_500)).toMatchObject({ max: 50, ticks: 2, overruns: 1 });
    meter.record(2, 0, 6_000);
    expect(meter.recent(6_500)).toMatchObject({ max: 50, ticks: 3 });
    meter.record(3, 0, 12_000);
    expect(meter.recent(12_000)).toMatchObject({ max: 3, ticks: 2, overruns: 0 });
    expect(meter.recent(60_000)).toMatchObject({ max: 0, ticks: 0 });
    expect(meter.summary()).toMatchObject({ max: 50, ticks: 4, overruns: 1 });
  });

  test("takes any number without failing", () => {
    const meter = new TickMeter({ budgetMs: 10 });
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e12, 0]) meter.record(value, value, 0);
    expect(meter.summary()).toMatchObject({ ticks: 5, max: 600_000, p50: 0 });
  });

  test("tells listeners of every tick", () => {
    const meter = new TickMeter({ budgetMs: 10 });
    const heard: number[][] = [];
    meter.listen((durationMs, latenessMs) => heard.push([durationMs, latenessMs]));
    meter.record(1, 2, 0);
    meter.record(3, 4, 0);
    expect(heard).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
