import { expect, test } from "vitest";
import { runBulk } from "../../bench/delivery/bulk-scenario.ts";

test("4 MB at 2 Mbit/s, 80 ms of round trip and 2 % loss, while the game plays", () => {
  const result = runBulk({ kbps: 2_000, rttMs: 80, lossPercent: 2, seed: 1 });
  expect(result.isWhole).toBe(true);
  expect(result.utilisation).toBeGreaterThanOrEqual(0.75);
  expect(result.goodput).toBeGreaterThanOrEqual(0.75);
  expect(result.busyIntervalP99).toBeLessThanOrEqual(result.quietIntervalP99 + 2);
});
