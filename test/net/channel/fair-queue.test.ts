import { describe, expect, test } from "vitest";
import { ByteBudget } from "../../../src/net/channel/byte-budget.ts";
import { channelSettings } from "../../../src/net/channel/channel-kind.ts";
import { FairQueue, newLane } from "../../../src/net/channel/fair-queue.ts";

function queueOf(...configs: Parameters<typeof channelSettings>[0][]) {
  const lanes = configs.map((config, index) => ({ ...newLane(channelSettings(config, "server")), index }));
  const queue = new FairQueue(lanes);
  /** Bytes by channel once `total` were sent in frames of `frameBytes`, of channels that always have something. */
  const share = (total: number, frameBytes: readonly number[], busy = lanes.map(() => true)): number[] => {
    const sent = lanes.map(() => 0);
    for (let all = 0; all < total; ) {
      const lane = queue.next(({ index }) => busy[index]!)!;
      const bytes = frameBytes[lane.index]!;
      queue.served(lane, bytes);
      sent[lane.index]! += bytes;
      all += bytes;
    }
    return sent;
  };
  return { queue, share };
}

describe("FairQueue", () => {
  test("equals share by weight, whatever the size of their frames", () => {
    const { share } = queueOf(
      { kind: "unreliable" },
      { kind: "reliable-ordered", weight: 2 },
      { kind: "reliable-latest", weight: 5 },
    );
    const [a, b, c] = share(800_000, [1_000, 90, 333]);
    expect(a! / 100_000).toBeCloseTo(1, 1);
    expect(b! / 200_000).toBeCloseTo(1, 1);
    expect(c! / 500_000).toBeCloseTo(1, 1);
  });

  test("higher priority first, bulk after all else whatever its own", () => {
    const { share, queue } = queueOf(
      { kind: "bulk", priority: 7, weight: 100 },
      { kind: "unreliable", priority: 0 },
      { kind: "reliable-ordered", priority: 1 },
    );
    expect(share(10_000, [100, 100, 100])).toEqual([0, 0, 10_000]);
    expect(share(10_000, [100, 100, 100], [true, true, false])).toEqual([0, 10_000, 0]);
    expect(share(10_000, [100, 100, 100], [true, false, false])).toEqual([10_000, 0, 0]);
    expect(queue.next(() => false)).toBeUndefined();
  });

  test("who was idle saves nothing up, and waits for nobody", () => {
    const { share } = queueOf({ kind: "unreliable" }, { kind: "reliable-ordered" });
    share(1_000_000, [100, 100], [true, false]);
    const [a, b] = share(20_000, [100, 100]);
    expect(Math.abs(a! - b!)).toBeLessThanOrEqual(100);
  });
});

describe("ByteBudget", () => {
  test("keeps to its average, and saves up a quarter of a second", () => {
    const budget = new ByteBudget(10_000);
    let sent = 0;
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 33) {
      while (budget.allows(nowMs)) {
        budget.spend(500);
        sent += 500;
      }
    }
    expect(sent).toBeGreaterThan(10_000 * 10);
    expect(sent).toBeLessThan(10_000 * 10.25 + 1_000);
    let burst = 0;
    while (budget.allows(60_000)) {
      budget.spend(500);
      burst += 500;
    }
    expect(burst).toBe(2_500);
  });

  test("without a limit always allows", () => {
    const budget = new ByteBudget(Number.POSITIVE_INFINITY);
    budget.spend(1e12);
    expect(budget.allows(0)).toBe(true);
    expect(budget.allows(1)).toBe(true);
  });
});
