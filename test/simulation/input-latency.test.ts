import { describe, expect, test } from "vitest";
import { runLatency } from "../../bench/feel/latency-scenario.ts";

const TICK_MS = 1000 / 30;
const SECONDS = 12;

describe.each([5, 6])("from an input to a state that has it in, seed %i", (seed) => {
  const lossFree = runLatency(0, seed, SECONDS);

  test("without loss", () => {
    expect(lossFree.p99).toBeLessThanOrEqual(155);
    expect(lossFree.unusedPercent).toBe(0);
  });

  test.each([
    [2, 1],
    [5, 2],
    [10, 2],
  ])("with %i %% lost each way it takes %i ticks more at most", (lossPercent, ticks) => {
    const run = runLatency(lossPercent, seed, SECONDS);
    expect(run.p99).toBeLessThanOrEqual(lossFree.p99 + ticks * TICK_MS);
    expect(run.unusedPercent).toBeLessThanOrEqual(1);
    // Repeats there are, of states alone.
    expect(run.downBytes).toBeGreaterThan(1.5 * lossFree.downBytes);
    expect(run.upBytes).toBeLessThan(1.5 * lossFree.upBytes);
  });
});
