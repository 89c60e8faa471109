import { describe, expect, test } from "vitest";
import type { TraceHeader, TraceTick } from "../../client/trace-format.ts";
import { TraceRecorder } from "../../client/trace-recorder.ts";
import { tracedNumbers } from "../../client/traced-numbers.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import { defineRoom } from "../../src/game/schema/define-room.ts";
import { t } from "../../src/game/schema/field-types.ts";
import { Simulation } from "../../src/testing-door.ts";
import { pushedGame } from "../game/prediction/pushed-game.ts";

const SECONDS = 30;
const PUSH_EVERY_TICKS = 60;
/** The step of x and y. */
const STEP = 1 / 64;

/** Everyone is pushed now and then, which nobody can foresee. */
const room = defineRoom(pushedGame, {
  onJoin(world, player) {
    player.entity = world.spawn("hull", { x: 10, y: 20 });
  },
  onTick(world) {
    if (world.tick % PUSH_EVERY_TICKS === 0) for (const hull of world.hull) hull.vx += 30;
  },
});

interface Truth {
  /** In the order of the traced fields. */
  readonly numbers: readonly number[];
  readonly x: number;
  readonly y: number;
}

/** One player's trace of a game on a bad link, and where everyone really was, by tick and id. */
function play(
  link: { latencyMs: number; jitterMs: number; lossPercent: number },
  laterLatencyMs = link.latencyMs,
) {
  const simulation = new Simulation(room, {
    ...{ seed: 7, link },
    bot: { game: pushedGame, think: (_me, roll) => ({ thrust: roll(), turn: roll() - 0.5 }) },
  });
  const me = simulation.join();
  for (let others = 0; others < 3; others += 1) simulation.join();
  const truth = new Map<number, Map<number, Truth>>();
  const { room: played } = simulation.server;
  const step = played.step.bind(played);
  played.step = () => {
    step();
    const byId = new Map<number, Truth>();
    for (const { id, x, y, vx, vy, heading, luck, lean } of played.world.hull) {
      byId.set(id, { x, y, numbers: [x, y, vx, vy, heading, luck, lean.x, lean.y] });
    }
    truth.set(played.tick, byId);
  };
  const lines: string[] = [];
  const seen: number[] = [];
  me.onTick = ((before) => (tick: number, dueMs: number) => {
    seen.push(tick);
    before(tick, dueMs);
  })(me.onTick);
  const recorder = new TraceRecorder(me as never, {
    bot: "player 1",
    nowMs: () => simulation.nowMs,
    write: (line) => lines.push(line),
  });
  simulation.run(SECONDS / 2);
  simulation.network.setAllLinks({ latencyMs: laterLatencyMs });
  simulation.run(SECONDS / 2);
  const written = lines.length;
  recorder.end();
  simulation.run(1);
  const [header, ...ticks] = lines.map((line) => JSON.parse(line)) as [TraceHeader, ...TraceTick[]];
  return { header, ticks, truth, written, seen, me };
}

describe("a trace", () => {
  const { header, ticks, truth, written, seen, me } = play({ latencyMs: 80, jitterMs: 20, lossPercent: 5 });

  test("begins with what it is of", () => {
    expect(header).toMatchObject({
      ...{ format: "tickwire-trace", version: 1, game: "pushed", tickRate: 30, bot: "player 1" },
    });
    expect(header.kinds.map(({ name }) => name)).toEqual(["hull", "dart", "rock", "flag"]);
    const [hull] = header.kinds;
    expect(hull!.fields.map(({ name }) => name)).toEqual([
      ...["x", "y", "vx", "vy", "heading", "luck", "lean.x", "lean.y"],
    ]);
    expect(hull!.fields[0]).toEqual({ name: "x", step: STEP, turn: 0 });
    expect(hull!.fields[4]).toEqual({ name: "heading", step: (2 * Math.PI) / 1024, turn: 2 * Math.PI });
    expect(hull!.place).toEqual([0, 1]);
  });

  test("has each tick once, in order, all but the last as it was confirmed", () => {
    expect(ticks.length).toBeGreaterThan(SECONDS * 30 * 0.95);
    for (const [at, { tick, ms, confirmedTick, viewTick }] of ticks.entries()) {
      const before = ticks[at - 1] ?? { tick: -1, ms: -1, confirmedTick: -1, viewTick: -1 };
      expect(tick).toBeGreaterThan(before.tick);
      expect(ms).toBeGreaterThanOrEqual(before.ms);
      expect(confirmedTick).toBeGreaterThanOrEqual(before.confirmedTick);
      expect(viewTick).toBeGreaterThanOrEqual(before.viewTick);
      expect(viewTick).toBeLessThanOrEqual(tick);
    }
    expect(ticks.length + 1 - written).toBeLessThan(20);
    // What the bot did before goes on.
    expect(seen.length).toBeGreaterThan(ticks.length);
  });

  test("knows the truth as the server had it, but of what got lost", () => {
    const known = ticks.filter(({ truth }) => truth !== null);
    expect(known.length / ticks.length).toBeGreaterThan(0.9);
    for (const line of known) {
      expect(line.kind).toBe("hull");
      expect(line.truth).toEqual(truth.get(line.tick)!.get(line.id!)!.numbers);
    }
    for (const { truth, predictedOff, shownOff } of ticks) {
      expect([predictedOff === null, shownOff === null]).toEqual([truth === null, truth === null]);
    }
  });

  test("tells how far off it was: only where it was pushed", () => {
    let off = 0;
    for (const { tick, truth, predicted, shown, predictedOff, shownOff, confirmedTick } of ticks) {
      if (truth === null) continue;
      const distance = ([x, y]: readonly number[]) => Math.hypot(x! - truth[0]!, y! - truth[1]!);
      expect(predictedOff).toBeCloseTo(distance(predicted!), 12);
      expect(shownOff).toBeCloseTo(distance(shown!), 12);
      const isPushed = Math.floor(tick / PUSH_EVERY_TICKS) !== Math.floor(confirmedTick / PUSH_EVERY_TICKS);
      if (isPushed && predictedOff! > 1) off += 1;
    }
    expect(off).toBeGreaterThan((SECONDS * 30) / PUSH_EVERY_TICKS / 2);
    const median = ticks.map((tick) => tick.predictedOff ?? 0).sort((a, b) => a - b)[ticks.length >> 1];
    expect(median).toBe(0);
  });

  test("counts what the client counts", () => {
    const last = ticks[ticks.length - 1]!;
    expect(last.corrections).toBeGreaterThan(SECONDS / 2 - 3);
    expect(last.corrections).toBeLessThanOrEqual(me.stats.corrections);
    expect(last.replayedTicks).toBeGreaterThan(last.corrections);
    expect(last.rttMs).toBeGreaterThan(150);
    expect(last.lossPercent).toBeGreaterThan(0);
    expect(last.jitterMs).toBeGreaterThan(0);
    expect(last.wantedLeadTicks).toBeGreaterThan(1);
    expect(last.interpolationMs).toBeGreaterThan(1000 / 30);
  });

  test("compares one of the others with what was told of the moment it was shown", () => {
    let exact = 0;
    let right = 0;
    const others = ticks.flatMap(({ other, viewTick }) => (other?.told ? [{ other, viewTick }] : []));
    expect(others.length / ticks.length).toBeGreaterThan(0.9);
    for (const { other, viewTick } of others) {
      const told = other.told as number[];
      const [shownX, shownY] = other.shown as number[];
      expect(other.off).toBeCloseTo(Math.hypot(shownX! - told[0]!, shownY! - told[1]!), 12);
      if (other.off === 0) exact += 1;
      const [before, after] = [0, 1].map((more) => truth.get(Math.floor(viewTick) + more)?.get(other.id));
      if (before === undefined || after === undefined) continue;
      const part = viewTick - Math.floor(viewTick);
      const offX = told[0]! - (before.x + (after.x - before.x) * part);
      const offY = told[1]! - (before.y + (after.y - before.y) * part);
      if (Math.abs(offX) < 2 * STEP && Math.abs(offY) < 2 * STEP) right += 1;
    }
    // Of a tick whose packet got lost nothing better is ever known.
    expect(right / others.length).toBeGreaterThan(0.9);
    expect(exact / others.length).toBeGreaterThan(0.9);
  });

  test("tells what was shown wrongly because it came too late", () => {
    const slowed = play({ latencyMs: 50, jitterMs: 0, lossPercent: 0 }, 250);
    const off = slowed.ticks.filter(({ other }) => (other?.off ?? 0) > STEP);
    expect(off.length).toBeGreaterThan(1);
    const [first] = off;
    const before = slowed.ticks.findLast(({ ms }) => ms < (SECONDS * 1000) / 2);
    expect(first!.tick).toBeGreaterThan(before!.tick);
    expect(first!.extrapolatedTicks).toBeGreaterThan(before!.extrapolatedTicks);
  });
});

describe("what of a kind is traced", () => {
  const plain = { a: t.fixed(-9, 9, 1 / 8) };
  const traced = tracedNumbers(
    defineGame({
      name: "places",
      tickRate: 20,
      input: {},
      entities: {
        level: { z: t.fixed(0, 9, 1), ...plain, y: t.fixed(0, 9, 1), x: t.fixed(0, 9, 1) },
        ball: {
          ...plain,
          at: t.vec2(-9, 9, 1 / 8),
          hp: t.uint(9),
          secret: t.fixed(0, 1, 1).visibleTo("server"),
        },
        paddle: { speed: t.fixed(-9, 9, 1 / 8), ...plain, height: t.fixed(-9, 9, 1 / 64).follows("speed") },
        dial: { turn: t.angle(8) },
        score: { points: t.uint(9) },
      },
    }) as never,
  );

  test("has a place where its names, its types or its rates tell of one", () => {
    const places = traced.map(({ name, fields, place }) => [name, place.map((at) => fields[at]!.name)]);
    expect(Object.fromEntries(places)).toEqual({
      ...{ level: ["x", "y", "z"], ball: ["at.x", "at.y"], paddle: ["height"], dial: [], score: [] },
    });
  });

  test("is what has fractions and is sent to anyone, in the order of the definition", () => {
    const names = traced.map(({ fields }) => fields.map(({ name }) => name).join(" "));
    expect(names).toEqual(["z a y x", "a at.x at.y", "speed a height", "turn", ""]);
  });

  test("has no distance without a place", () => {
    expect(traced[3]!.distance([0], [1])).toBe(null);
    expect(traced[2]!.distance([0, 0, 1], [0, 0, 3])).toBe(2);
    expect(traced[2]!.distance([0, 0, null], [0, 0, 3])).toBe(null);
  });
});
