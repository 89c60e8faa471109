import { defineGame, defineRoom, t } from "tickwire";
import { type LinkConditions, Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";
import type { GameClient } from "../../client/game-client.ts";

const TICK_RATE = 30;
const game = defineGame({
  name: "lead",
  tickRate: TICK_RATE,
  input: { n: t.uint(1023) },
  entities: { walker: { x: t.fixed(-100, 100, 1 / 64) } },
});
type Lead = (typeof game)["~shape"];
const room = defineRoom(game, {});

const PLAYERS = 4;
const WARM_UP_S = 3;
const MEASURED_S = 30;

/** Ticks of players so far, and those of them that had to do without their input. */
function used({ server }: Simulation<Lead>) {
  const { inputsRepeated, inputsNeutral, inputsLate, inputsTooEarly } = server.room.counters;
  return {
    ticks: server.room.tick * PLAYERS,
    missed: inputsRepeated + inputsNeutral,
    inputsLate,
    inputsTooEarly,
  };
}

/** Shares in percent, leads in ticks, over all players from the third second on. */
function measure(seed: number, link: Partial<LinkConditions>, linkDown = link) {
  const simulation = new Simulation(room, { seed, link, linkDown });
  for (let i = 0; i < PLAYERS; i += 1) simulation.join();
  simulation.run(WARM_UP_S);
  const before = used(simulation);
  let lead = 0;
  let wanted = 0;
  let jitterMs = 0;
  const samples = MEASURED_S * 10 * PLAYERS;
  for (let i = 0; i < MEASURED_S * 10; i += 1) {
    simulation.run(0.1);
    for (const { stats } of simulation.clients) {
      lead += stats.inputLeadTicks / samples;
      wanted += stats.wantedLeadTicks / samples;
      jitterMs += stats.jitterMs / samples;
    }
  }
  const after = used(simulation);
  const missed = after.missed - before.missed;
  return {
    used: 100 * (1 - missed / (after.ticks - before.ticks)),
    late: after.inputsLate - before.inputsLate,
    tooEarly: after.inputsTooEarly - before.inputsTooEarly,
    missed,
    lead,
    wanted,
    jitterMs,
  };
}

interface Row {
  readonly name: string;
  readonly link: Partial<LinkConditions>;
  /** Percent of the players' ticks that use the input that was meant for them. */
  readonly leastUsed: number;
  /** Bounds of the mean, in ticks. */
  readonly lead: readonly [number, number];
  readonly jitterMs: readonly [number, number];
}

/** Latency of a row is the mean: half of the jitter to either side. */
const ROWS: readonly Row[] = [
  { name: "localhost", link: {}, leastUsed: 99.9, lead: [1, 1.5], jitterMs: [0, 2] },
  {
    name: "30 ms ± 5, 1 % loss",
    link: { latencyMs: 25, jitterMs: 10, lossPercent: 1 },
    leastUsed: 99.5,
    lead: [1.2, 2],
    jitterMs: [3, 7],
  },
  {
    name: "100 ms ± 20, 3 % loss",
    link: { latencyMs: 80, jitterMs: 40, lossPercent: 3 },
    leastUsed: 99,
    lead: [2, 3],
    jitterMs: [15, 25],
  },
  {
    name: "200 ms ± 50, 10 % loss in bursts of 100 ms",
    link: { latencyMs: 150, jitterMs: 100, lossPercent: 10, burstMs: 100 },
    leastUsed: 97,
    lead: [4, 7.5],
    jitterMs: [35, 60],
  },
];
const SEEDS = [1, 2, 3, 4, 5];

describe("inputs are used on their tick, and no sooner than they have to be", () => {
  test.each(ROWS)("$name", ({ name, link, leastUsed, lead, jitterMs }) => {
    const runs = SEEDS.map((seed) => measure(seed, link));
    for (const [i, run] of runs.entries()) {
      console.log(
        `${name}, seed ${SEEDS[i]}: ${run.used.toFixed(2)} % used, ${run.late} late, ` +
          `lead ${run.lead.toFixed(2)} of ${run.wanted.toFixed(2)} ticks, jitter ${run.jitterMs.toFixed(1)} ms`,
      );
      expect(run.used).toBeGreaterThanOrEqual(leastUsed);
      expect(run.tooEarly).toBe(0);
      // Each late one was missed.
      expect(run.late).toBeLessThanOrEqual(run.missed + PLAYERS);
      expect(run.lead).toBeGreaterThan(lead[0]);
      expect(run.lead).toBeLessThan(lead[1]);
      expect(Math.abs(run.lead - run.wanted)).toBeLessThan(0.6);
      expect(run.jitterMs).toBeGreaterThanOrEqual(jitterMs[0]);
      expect(run.jitterMs).toBeLessThan(jitterMs[1]);
    }
  });
});
