import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";
import { InputTimes } from "../../bench/peers/input-times.ts";
import { InputWatch } from "../../client/load/input-watch.ts";
import { TimeHistogram } from "../../client/load/time-histogram.ts";
import { replicaPlans } from "../../src/game/replication/replica-plan.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";

const TICK_MS = 1000 / 30;
/** No multiple of a tick, so that inputs come at all its moments alike. */
const SET_EVERY_MS = TICK_MS * 1.0137;

const game = defineGame({
  name: "numbered",
  tickRate: 30,
  input: { serial: t.uint(0xffff) },
  entities: { ship: { serial: t.uint(0xffff) } },
  avatar: "ship",
  step: {
    ship(ship, input) {
      ship.serial = input.serial;
    },
  },
});

const room = defineRoom(game, {
  onJoin(world, player) {
    player.entity = world.spawn("ship", { serial: 0 });
  },
});

const plan = replicaPlans(game as unknown as Game<Shape>)[0]!;
const { place } = plan.views[0].fields.find(({ schema }) => schema.name === "serial")!;

/** A player who is watched as a probe is, and whose inputs are set between ticks and told by their numbers as well. */
function join(simulation: Simulation<(typeof game)["~shape"]>, watched: TimeHistogram, seed: number) {
  const chance = new SeededRandom(seed);
  const anyTime = { roll: () => chance.next(), onLatency: (ms: number) => watched.record(ms) };
  const watch = new InputWatch(TICK_MS, () => {}, anyTime);
  const times = new InputTimes();
  const client = simulation.join();
  // In place of the bot that would play it.
  client.onTick = (tick, dueMs) => watch.played(tick, dueMs);
  client.onState = (tick) => {
    watch.told(tick, simulation.nowMs);
    const own = client["~store"].present[0]!.entities.find(({ newest }) => newest?.owner === client.playerId);
    if (own?.newest !== undefined) times.answer(own.newest.numbers[place]!, simulation.nowMs);
  };
  let setMs = simulation.nowMs + chance.next() * SET_EVERY_MS;
  return {
    watch,
    times,
    nextMs: () => setMs,
    set() {
      client.setInput({ serial: times.set(simulation.nowMs) });
      setMs += SET_EVERY_MS;
    },
  };
}

test.each([
  ["a good link", { latencyMs: 10 }],
  ["a jittery one", { latencyMs: 40, swingMs: 20 }],
  ["one that loses", { latencyMs: 30, lossPercent: 2 }],
])("what is measured of inputs set at any time is what they take, on %s", (_, link) => {
  const simulation = new Simulation(room, { seed: 5, link });
  const watched = new TimeHistogram();
  const players = Array.from({ length: 6 }, (_, i) => join(simulation, watched, i));
  const runTo = (endMs: number): void => {
    for (;;) {
      const next = players.reduce((a, b) => (a.nextMs() <= b.nextMs() ? a : b));
      simulation.run((Math.min(next.nextMs(), endMs) - simulation.nowMs) / 1000);
      if (next.nextMs() > endMs) return;
      next.set();
    }
  };
  runTo(5_000);
  for (const { watch, times } of players) {
    watch.isOpen = true;
    times.begin();
  }
  runTo(45_000);
  for (const { watch, times } of players) {
    watch.isOpen = false;
    times.end();
  }
  runTo(46_000);
  const set = new TimeHistogram();
  for (const { times } of players) {
    const { allMs, unanswered } = times.judge(new Set(), simulation.nowMs);
    expect(unanswered).toBe(0);
    for (const ms of allMs) set.record(ms);
  }
  expect(set.count).toBeGreaterThan(6_000);
  expect(Math.abs(watched.count / set.count - 1)).toBeLessThan(0.03);
  for (const percent of [5, 25, 50, 75, 95, 99]) {
    expect(Math.abs(watched.percentile(percent) - set.percentile(percent))).toBeLessThan(1.5);
  }
});
