import { expect, test } from "vitest";
import { Lateness } from "../../client/load/lateness.ts";

test("tells the middle, the worst of a hundred and the worst of all", () => {
  const lateness = new Lateness();
  expect(lateness.read()).toEqual({ p50: 0, p99: 0, max: 0 });
  for (let i = 1; i <= 1_000; i += 1) lateness.add(i / 100);
  const { p50, p99, max } = lateness.read();
  // The upper ends of their steps.
  expect(p50).toBeCloseTo(5.05, 9);
  expect(p99).toBeCloseTo(9.95, 9);
  expect(max).toBe(10);
});

test("counts what is out of its range, and knows how late the latest was", () => {
  const lateness = new Lateness();
  lateness.add(5_000);
  expect(lateness.read()).toEqual({ p50: 200, p99: 200, max: 5_000 });
  lateness.clear();
  lateness.add(-1);
  expect(lateness.read()).toEqual({ p50: 0, p99: 0, max: 0 });
});
