import { defineGame, defineRoom, t } from "tickwire";
import { type LinkConditions, Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";

const SPEED = 40;
const SIDE = 200;
const SECONDS = 60;
/** Until the clock has seen enough of the link. */
const WARM_UP_SECONDS = 5;
const FRAME_MS = 5;
const TICK_MS = 1000 / 30;
const FREEZE_MS = 50;

const body = { vx: t.fixed(-64, 64, 1 / 4) };
const course = defineGame({
  name: "course",
  tickRate: 30,
  input: { aim: t.angle(8) },
  avatar: "eye",
  entities: {
    eye: { aim: t.angle(8) },
    /** Goes on by itself where nothing is heard. */
    glider: { x: t.fixed(-SIDE, SIDE, 1 / 64).follows("vx"), ...body },
    /** Has to be told of each tick. */
    walker: { x: t.fixed(-SIDE, SIDE, 1 / 64), ...body },
  },
  messages: { lap: { from: "server", channel: "reliable-ordered", fields: { tick: t.uint(1_000_000) } } },
  step: {},
});

const room = defineRoom(course, {
  onCreate(world) {
    world.spawn("glider", { vx: SPEED });
    world.spawn("walker", { vx: SPEED });
  },
  onJoin(world, player) {
    player.entity = world.spawn("eye", {});
  },
  onTick(world) {
    for (const kind of ["glider", "walker"] as const) {
      for (const mover of world[kind]) {
        if (Math.abs(mover.x) > SIDE - 10) mover.vx = -Math.sign(mover.x) * SPEED;
        mover.x += mover.vx * world.dt;
      }
    }
    if (world.tick % 60 === 0) world.broadcast("lap", { tick: world.tick });
  },
});

interface Case {
  readonly name: string;
  readonly link: Partial<LinkConditions>;
  /** Every so many seconds nothing comes for this long. */
  readonly burst?: { readonly everySeconds: number; readonly ms: number };
  /** Of 60 seconds. */
  readonly mostFreezes: number;
  /** The shown time is behind by so much at most, on average, beside the tick. */
  readonly mostDelayMs: number;
}

/** ± around the latency; the network's jitter only adds. */
const link = (latencyMs: number, spreadMs: number, lossPercent: number): Partial<LinkConditions> => ({
  latencyMs: latencyMs - spreadMs,
  jitterMs: 2 * spreadMs,
  lossPercent,
});

const CASES: readonly Case[] = [
  { name: "localhost", link: {}, mostFreezes: 0, mostDelayMs: 1 },
  { name: "30 ± 5 ms, 1 %", link: link(30, 5, 1), mostFreezes: 0, mostDelayMs: 12 },
  { name: "100 ± 20 ms, 3 %", link: link(100, 20, 3), mostFreezes: 1, mostDelayMs: 45 },
  {
    name: "200 ± 50 ms, 10 %, bursts",
    link: link(200, 50, 10),
    burst: { everySeconds: 7, ms: 120 },
    mostFreezes: 3,
    mostDelayMs: 115,
  },
];

/** Watches something that should move all the time: how often it stands still too long, goes back or leaps. */
class Watch {
  freezes = 0;
  backwards = 0;
  #last = Number.NaN;
  #movedAtMs = 0;

  see(value: number, isStraight: boolean, nowMs: number): void {
    if (value !== this.#last) this.#movedAtMs = nowMs;
    const stillMs = nowMs - this.#movedAtMs;
    if (stillMs > FREEZE_MS && stillMs - FRAME_MS <= FREEZE_MS) this.freezes += 1;
    if (isStraight && value < this.#last) this.backwards += 1;
    this.#last = value;
  }
}

function watch({ link: conditions, burst }: Case, seed: number) {
  const simulation = new Simulation(room, { seed, link: conditions });
  const client = simulation.join();
  const time = new Watch();
  const glider = new Watch();
  const walker = new Watch();
  const laps: { readonly told: number; readonly shown: number }[] = [];
  client.on("lap", ({ tick }) => laps.push({ told: tick, shown: client.view.tick }));
  simulation.run(WARM_UP_SECONDS);
  const { freezes } = client.stats;
  laps.length = 0;
  let delays = 0;
  let frames = 0;
  let far = 0;
  for (let ms = 0; ms < SECONDS * 1000; ms += FRAME_MS) {
    if (burst !== undefined) {
      const within = ms % (burst.everySeconds * 1000);
      if (within === 0) simulation.network.setAllLinks({ lossPercent: 100 });
      else if (within === burst.ms) simulation.network.setAllLinks(conditions);
    }
    simulation.run(FRAME_MS / 1000);
    client.showAt(simulation.nowMs);
    time.see(client.view.tick, true, simulation.nowMs);
    for (const seen of client.view.glider) {
      // At the ends it turns, so only straight flight counts.
      const isStraight = Math.abs(seen.x) < SIDE - 40;
      glider.see(seen.vx < 0 ? -seen.x : seen.x, isStraight, simulation.nowMs);
      if (Math.abs(seen.x) > SIDE) far += 1;
    }
    for (const seen of client.view.walker) {
      const isStraight = Math.abs(seen.x) < SIDE - 40;
      walker.see(seen.vx < 0 ? -seen.x : seen.x, isStraight, simulation.nowMs);
    }
    delays += client.stats.interpolationMs;
    frames += 1;
  }
  return {
    ...{ time, glider, walker, laps, far },
    counted: client.stats.freezes - freezes,
    meanDelayMs: delays / frames,
  };
}

describe.each(CASES)("others' motion, seen by way of a link of $name", (scenario) => {
  const { mostFreezes, mostDelayMs } = scenario;
  test.each([1, 2, 3, 4])("flows, is not far behind, and never runs back (seed %i)", (seed) => {
    const { time, glider, walker, far, counted, meanDelayMs } = watch(scenario, seed);
    expect(counted).toBe(time.freezes);
    expect(time.freezes).toBeLessThanOrEqual(mostFreezes);
    expect(glider.freezes).toBeLessThanOrEqual(mostFreezes);
    // Whoever does not go on by itself is only as smooth as the path: a path that is short of room leaves it out at times.
    if (scenario.link.latencyMs === undefined) expect(walker.freezes).toBe(0);
    expect([time.backwards, glider.backwards, walker.backwards, far]).toEqual([0, 0, 0, 0]);
    expect(meanDelayMs).toBeLessThanOrEqual(mostDelayMs + TICK_MS);
    expect(meanDelayMs).toBeGreaterThan(TICK_MS - 1);
  });
});

test.each(CASES)("a message is told of when its moment is shown: $name", (scenario) => {
  const { laps } = watch(scenario, 5);
  expect(laps.length).toBeGreaterThan(25);
  for (const { told, shown } of laps) expect(shown).toBeGreaterThanOrEqual(told);
});

test("the delays that the clock chooses are these, on average over a minute", () => {
  const delaysMs = CASES.map((scenario) => Math.round(watch(scenario, 1).meanDelayMs));
  expect(delaysMs).toEqual(DELAYS_MS);
});

/** docs/decisions/interpolation.md quotes them. */
const DELAYS_MS: readonly number[] = [33, 43, 72, 141];
