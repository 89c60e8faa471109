import { describe, expect, test } from "vitest";
import { BOUNDS, CELLS, type CellResult, measureCell } from "../../bench/delivery/bottleneck-cells.ts";

const quiet = new Map<string, CellResult>();

describe("greedy flows beside a 30 Hz game", () => {
  test.each(CELLS)("$kbps kbit/s, $bufferMs ms of buffer, $lossPercent % loss", (cell) => {
    const result = measureCell(cell);
    const { alone, pair, swapped } = result;
    for (const { utilisation, queueP95Ms, statesPerSecond } of [alone, pair, swapped]) {
      expect(utilisation).toBeGreaterThanOrEqual(BOUNDS.leastUtilisation);
      expect(utilisation).toBeLessThanOrEqual(1.01);
      expect(queueP95Ms).toBeLessThanOrEqual(BOUNDS.mostQueueMs(cell.kbps));
      // The game goes on, on the narrowest link too, where its states alone would be too much for two players.
      expect(Math.min(...statesPerSecond)).toBeGreaterThan(5);
    }
    for (const { shares } of [pair, swapped]) {
      expect(Math.max(...shares)).toBeLessThanOrEqual(BOUNDS.mostShare);
    }
    const key = `${cell.kbps}/${cell.bufferMs}`;
    if (cell.lossPercent === 0) quiet.set(key, result);
    else {
      const kept = alone.utilisation / quiet.get(key)!.alone.utilisation;
      expect(kept).toBeGreaterThanOrEqual(BOUNDS.leastThroughputUnderLoss);
    }
  });
});
