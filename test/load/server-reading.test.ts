import { describe, expect, test } from "vitest";
import {
  latenessBetween,
  phasesBetween,
  readServer,
  tickTimesBetween,
} from "../../client/load/server-reading.ts";
import { createMetrics } from "../../src/ops/metrics.ts";
import { TickMeter } from "../../src/ops/tick-meter.ts";

async function served() {
  const ticks = new TickMeter({ budgetMs: 33 });
  const counters = { packetsLost: 0, datagramsSent: 0, inputsBuffered: 0 };
  const metrics = await createMetrics(
    {
      ...{ game: "arena", runtime: "bun", version: "9.9.9" },
      ...{ rooms: () => 1, players: () => 12, bots: () => 0, spectators: () => 0, playersDropped: () => 0 },
      *counters() {
        yield ["net", "packetsLost", counters.packetsLost] as const;
        yield ["net", "datagramsSent", counters.datagramsSent] as const;
        yield ["room", "inputsBuffered", counters.inputsBuffered] as const;
      },
      ticks,
      links: () => [],
    },
    () => ({ residentBytes: 1_000, cpuUserSeconds: 1.5, cpuSystemSeconds: 0.25, uptimeSeconds: 3 }),
  );
  return { ticks, counters, read: async () => readServer(await metrics.text())! };
}

describe("what a server tells of itself", () => {
  test("is read off its metrics", async () => {
    const { ticks, counters, read } = await served();
    ticks.record(2, 0, 0);
    Object.assign(counters, { packetsLost: 3, datagramsSent: 100, inputsBuffered: 7 });
    expect(await read()).toMatchObject({
      ...{ runtime: "bun", version: "9.9.9", players: 12, ticks: 1, overruns: 0, longestTickMs: 2 },
      ...{ cpuSeconds: 1.75, residentBytes: 1_000, lostDown: 3, packetsDown: 100, inputsTaken: 7 },
    });
    expect(readServer("<html>not a server</html>")).toBeUndefined();
    expect(readServer("node_cpu_seconds_total 5")).toBeUndefined();
  });

  test("between two moments leaves out what was before", async () => {
    const { ticks, read } = await served();
    // A warm-up with long ticks.
    for (let i = 0; i < 100; i += 1) ticks.record(80, 20, i);
    const before = await read();
    for (let i = 0; i < 980; i += 1) ticks.record(2.5, 0.1, i);
    for (let i = 0; i < 20; i += 1) ticks.record(45, 5, i);
    const after = await read();
    const times = tickTimesBetween(before, after);
    expect(times.p50).toBeGreaterThan(2);
    expect(times.p50).toBeLessThanOrEqual(3);
    expect(times.p99).toBeGreaterThan(40);
    expect(times.p99).toBeLessThanOrEqual(50);
    expect(times.max).toBe(50);
    expect(times.overruns).toBe(20);
    expect(latenessBetween(before, after)).toBeLessThanOrEqual(5);
  });

  test("tells what ticks were spent on", async () => {
    const { ticks, read } = await served();
    ticks.record(9, 0, 0, { stepMs: 4, captureMs: 3, sendMs: 2 });
    const before = await read();
    ticks.record(6, 0, 0, { stepMs: 1, captureMs: 2, sendMs: 3 });
    ticks.record(6, 0, 0, { stepMs: 3, captureMs: 2, sendMs: 1 });
    const { stepMs, captureMs, sendMs } = phasesBetween(before, await read());
    expect([stepMs, captureMs, sendMs].map((ms) => Math.round(ms * 1e6) / 1e6)).toEqual([2, 2, 2]);
  });

  test("has the longest tick to the microsecond when it was the longest of all, however long", async () => {
    const { ticks, read } = await served();
    ticks.record(1, 0, 0);
    const before = await read();
    for (let i = 0; i < 10; i += 1) ticks.record(1_234.5, 900, i);
    const after = await read();
    expect(tickTimesBetween(before, after)).toMatchObject({ p50: 1_234.5, p99: 1_234.5, max: 1_234.5 });
    expect(latenessBetween(before, after)).toBe(500);
    expect(tickTimesBetween(after, after)).toEqual({ p50: 0, p99: 0, max: 0, overruns: 0 });
  });
});
