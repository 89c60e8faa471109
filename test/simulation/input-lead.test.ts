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
    name: "200 ms ± 50, 10 % loss in bursts of 66 ms",
    link: { latencyMs: 150, jitterMs: 100, lossPercent: 10, burstMs: 66 },
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
      expect(run.lead).toBeGreaterThan(lead[0]);
      expect(run.lead).toBeLessThan(lead[1]);
      expect(Math.abs(run.lead - run.wanted)).toBeLessThan(0.6);
      expect(run.jitterMs).toBeGreaterThanOrEqual(jitterMs[0]);
      expect(run.jitterMs).toBeLessThan(jitterMs[1]);
    }
  });
});

describe("a way that becomes 60 ms longer or shorter at once", () => {
  test.each(SEEDS)("is followed within a second, seed %d", (seed) => {
    const simulation = new Simulation(room, { seed, link: { latencyMs: 20, jitterMs: 5 } });
    for (let i = 0; i < PLAYERS; i += 1) simulation.join();
    simulation.run(10);
    const missedIn = (seconds: number): number => {
      const before = used(simulation).missed;
      simulation.run(seconds);
      return used(simulation).missed - before;
    };
    expect(missedIn(2)).toBe(0);
    simulation.network.setAllLinks({ latencyMs: 80 });
    const missed = missedIn(1);
    // Nobody hears of it for a round trip.
    expect(missed).toBeGreaterThan(0);
    expect(missed).toBeLessThanOrEqual(PLAYERS * 0.4 * TICK_RATE);
    expect(missedIn(5)).toBe(0);
    for (const { stats } of simulation.clients) expect(stats.inputLeadTicks).toBeLessThan(2);
    simulation.network.setAllLinks({ latencyMs: 20 });
    expect(missedIn(1.5)).toBe(0);
    // What is too much of 2 ticks is gone but for the last one, which is given up more slowly.
    for (const { stats } of simulation.clients) {
      expect(stats.inputLeadTicks - stats.wantedLeadTicks).toBeLessThan(1.1);
    }
    expect(missedIn(3)).toBe(0);
    for (const { stats } of simulation.clients) {
      expect(stats.inputLeadTicks - stats.wantedLeadTicks).toBeLessThan(0.3);
    }
  });
});

describe("input delay", () => {
  test.each([0, 1, 3])("of %d ticks: what is put in counts so much later, and less is predicted", (delay) => {
    const seen: { tick: number; n: number }[] = [];
    const noting = defineRoom(game, {
      onTick(world) {
        for (const { input } of world.players) seen.push({ tick: world.tick, n: input.n });
      },
    });
    const simulation = new Simulation(noting, {
      seed: 3,
      link: { latencyMs: 60 },
      client: { inputDelayTicks: delay },
    });
    const client: GameClient<Lead> = simulation.join((me, tick) => me.setInput({ n: tick % 1024 }));
    simulation.run(6);
    const late = seen.filter(({ tick }) => tick > 4 * TICK_RATE).map(({ tick, n }) => tick - n);
    expect(new Set(late)).toEqual(new Set([delay]));
    // 120 ms and one tick of lead, less the delay.
    const ahead = client.tick - simulation.server.room.tick;
    expect(ahead).toBeGreaterThanOrEqual(2 - delay);
    expect(ahead).toBeLessThanOrEqual(5 - delay);
    expect(client.stats.inputLeadTicks).toBeLessThan(1.5);
  });

  test("of other lengths there is none", () => {
    for (const inputDelayTicks of [-1, 1.5, 4, Number.NaN]) {
      const simulation = new Simulation(room, { seed: 1, client: { inputDelayTicks } });
      expect(() => simulation.join()).toThrow(RangeError);
    }
  });
});
