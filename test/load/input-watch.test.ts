import { Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";
import { InputWatch } from "../../client/load/input-watch.ts";
import { TimeHistogram } from "../../client/load/time-histogram.ts";
import type { arena } from "../../examples/arena/arena.ts";
import arenaRoom from "../../examples/arena/arena-room.ts";

const TICK_MS = 1000 / 30;
const STALL_MS = 200;
const STALL_EVERY_SECONDS = 5;

/** Puts a player into the simulation. `closedLoop` hears what one finds who only looks at inputs from when they were sent. */
function watched(
  simulation: Simulation<(typeof arena)["~shape"]>,
  latencies: TimeHistogram,
  closedLoop?: TimeHistogram,
): InputWatch {
  const watch = new InputWatch(TICK_MS, (ms) => latencies.record(ms));
  const sent = new Map<number, number>();
  const client = simulation.join();
  const { onTick } = client;
  client.onTick = (tick, dueMs) => {
    onTick(tick, dueMs);
    watch.played(tick, dueMs);
    sent.set(tick, simulation.nowMs);
  };
  client.onState = (stateTick) => {
    watch.told(stateTick, simulation.nowMs);
    for (const [tick, atMs] of sent) {
      if (tick >= stateTick) continue;
      closedLoop?.record(simulation.nowMs - atMs);
      sent.delete(tick);
    }
  };
  return watch;
}

/** Eight players for a minute of virtual time. The server stands still for `stallMs` every five seconds. */
function playMinute(seed: number, stallMs: number) {
  const simulation = new Simulation(arenaRoom, { seed, link: { latencyMs: 10 } });
  const latencies = new TimeHistogram();
  const watches = Array.from({ length: 8 }, () => watched(simulation, latencies));
  simulation.run(10);
  for (const watch of watches) watch.isOpen = true;
  for (let i = 0; i < 60 / STALL_EVERY_SECONDS; i += 1) {
    if (stallMs > 0) simulation.freeze(simulation.server, stallMs / 1000);
    simulation.run(STALL_EVERY_SECONDS);
  }
  return { latencies, counts: watches.map(({ counts }) => counts) };
}

describe("input → state", () => {
  test.each([1, 2])(
    "a server that stands still for 200 ms every 5 s shows in p99 and longest (seed %i)",
    (seed) => {
      const quiet = playMinute(seed, 0).latencies.percentiles();
      const { latencies, counts } = playMinute(seed, STALL_MS);
      const stalled = latencies.percentiles();
      // Of a hundred inputs four are due in a stall, and wait for what is left of it: the worst one for three quarters.
      // How far from its next tick the server was is worth a tick.
      expect(stalled.p50 - quiet.p50).toBeLessThan(TICK_MS / 2);
      expect(stalled.p99).toBeGreaterThanOrEqual(quiet.p50 + STALL_MS * 0.75 - TICK_MS);
      expect(stalled.p99).toBeLessThanOrEqual(quiet.p50 + STALL_MS);
      expect(stalled.max).toBeGreaterThanOrEqual(quiet.p50 + STALL_MS - TICK_MS - 1);
      expect(stalled.max).toBeLessThanOrEqual(quiet.max + STALL_MS + TICK_MS);
      // About as many inputs as time has ticks: none is left out for having been late.
      for (const { played, skipped } of counts) expect((played + skipped) / (60 * 30)).toBeGreaterThan(0.98);
    },
  );

  test("a client that stands still hides nothing either, as it would by looking at what it sent", () => {
    const simulation = new Simulation(arenaRoom, { seed: 3, link: { latencyMs: 10 } });
    const latencies = new TimeHistogram();
    const closedLoop = new TimeHistogram();
    const watch = watched(simulation, latencies, closedLoop);
    simulation.run(10);
    watch.isOpen = true;
    closedLoop.clear();
    const client = simulation.clients[0]!;
    for (let i = 0; i < 12; i += 1) {
      simulation.freeze(client, 1);
      simulation.run(5);
    }
    // A fifth of all inputs were due while it stood still, and waited for half a second on average.
    expect(latencies.percentile(50)).toBeLessThan(100);
    expect(latencies.percentile(95)).toBeGreaterThan(600);
    expect(latencies.percentiles().max).toBeGreaterThan(950);
    expect(watch.counts.skipped).toBeGreaterThan(250);
    expect(closedLoop.percentile(95)).toBeLessThan(300);
  });

  test("an input that was due while its client stood still counts from then", () => {
    const latencies: number[] = [];
    const watch = new InputWatch(10, (ms) => latencies.push(ms));
    watch.isOpen = true;
    watch.played(1, 100);
    watch.told(2, 115);
    // Ticks 2 to 5 were due at 110 to 140; the client wakes up at 152 and plays from 5 on.
    watch.played(5, 140);
    watch.played(6, 150);
    watch.told(6, 160);
    watch.told(7, 170);
    expect(latencies).toEqual([15, 50, 40, 30, 20, 20]);
    expect(watch.counts).toEqual({ played: 3, skipped: 3, unanswered: 0 });
  });

  test("an input set between two ticks counts from then to the state with the next tick", () => {
    const [inTick, anyTime]: [number[], number[]] = [[], []];
    const rolls = [0.5, 0.25, 0.75, 0.5, 0];
    const roll = () => rolls.shift()!;
    const watch = new InputWatch(10, (ms) => inTick.push(ms), { roll, onLatency: (ms) => anyTime.push(ms) });
    watch.isOpen = true;
    // Before the first tick there was a tick's time too.
    watch.played(1, 100);
    watch.told(2, 115);
    watch.played(2, 112);
    watch.told(3, 130);
    // Two were due while it stood still, 10 ms apart, and so much time is before each.
    watch.played(5, 142);
    watch.told(6, 150);
    expect(inTick).toEqual([15, 18, 28, 18, 8]);
    expect(anyTime).toEqual([20, 21, 35.5, 23, 8]);
  });

  test("what is never answered counts with the time it waited", () => {
    const latencies: number[] = [];
    const watch = new InputWatch(10, (ms) => latencies.push(ms));
    watch.played(1, 100);
    watch.isOpen = true;
    watch.played(2, 110);
    watch.isOpen = false;
    watch.played(3, 120);
    watch.told(2, 125);
    expect(watch.waiting).toBe(1);
    watch.giveUp(1_110);
    expect(latencies).toEqual([1_000]);
    expect(watch.counts).toEqual({ played: 1, skipped: 0, unanswered: 1 });
  });
});
