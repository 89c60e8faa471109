import { describe, expect, test } from "vitest";
import { MAX_AHEAD_TICKS, MAX_REPLAYED_TICKS } from "../../../src/game/prediction/predicted-world.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import type { Link } from "../replication/told-player.ts";
import { type PlayOptions, PredictedPlay } from "./predicted-play.ts";
import { pushedGame, pushedRoom } from "./pushed-game.ts";

type Pushed = (typeof pushedGame)["~shape"];

const STEP = 1 / 64;
const PERFECT: Link = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 3 };

function newPlay(options: Partial<PlayOptions<Pushed>> = {}): PredictedPlay<Pushed> {
  const input = (tick: number) => ({ thrust: ((tick * 7) % 65) / 64, turn: ((tick * 5) % 65) / 64 });
  return new PredictedPlay(pushedRoom, { seed: 3, link: PERFECT, leadTicks: 5, input, ...options });
}

function hullOf({ predicted }: PredictedPlay<Pushed>) {
  return [...predicted.view.hull][0]!;
}

describe("what is shown after a correction", () => {
  test("goes on from where it was, and nothing of it is left 250 ms later", () => {
    const play = newPlay();
    play.run(50);
    const { predicted } = play;
    const hull = hullOf(play);
    play.player.entity!.vx = -60;
    let corrected = 0;
    for (let n = 0; n < 30; n += 1) {
      const { corrections } = predicted.counters;
      const { x } = hull;
      play.tick();
      if (predicted.counters.corrections === corrections) continue;
      corrected = play.nowMs;
      // The tick that was played meanwhile moved it too.
      expect(Math.abs(hull.x - x)).toBeLessThan(60 / 30 + STEP);
      expect(Math.abs(predicted.shownError(hull.id, "x"))).toBeGreaterThan(10);
      const first = predicted.shownError(hull.id, "x");
      predicted.show(corrected + 60);
      expect(predicted.shownError(hull.id, "x")).toBeCloseTo(first / 2, 0);
      predicted.show(corrected + 249);
      expect(Math.abs(predicted.shownError(hull.id, "x"))).toBeLessThan(STEP * 2);
      predicted.show(corrected + 250);
      expect(predicted.shownError(hull.id, "x")).toBe(0);
    }
    expect(corrected).toBeGreaterThan(0);
    expect(predicted.counters).toMatchObject({ corrections: 1, snaps: 0 });
  });

  test("of many collisions is within a step of the truth 250 ms after each", () => {
    const play = newPlay();
    play.run(50);
    const { predicted } = play;
    const errors: number[] = [];
    let correctedAtMs = 0;
    play.run(1500, () => {
      const hull = play.player.entity!;
      // Some close to each other, but at times none for long enough.
      if (play.room.tick % 40 < 12 && play.room.tick % 3 === 0) hull.vx = hull.vx > 0 ? -20 : 20;
      if (play.room.tick % 45 === 0) hull.heading += 2;
      const { corrections } = predicted.counters;
      if (corrections !== countOf(play)) correctedAtMs = play.nowMs;
      counts.set(play, corrections);
      if (play.nowMs - correctedAtMs < 250) return;
      const me = hullOf(play);
      errors.push(Math.hypot(predicted.shownError(me.id, "x"), predicted.shownError(me.id, "y")));
    });
    errors.sort((a, b) => a - b);
    expect(predicted.counters.corrections).toBeGreaterThan(150);
    expect(errors.length).toBeGreaterThan(200);
    expect(errors[Math.floor(errors.length * 0.99)]).toBeLessThan(STEP);
  });

  test("snaps where it was teleported", () => {
    const play = newPlay();
    play.run(50);
    const hull = hullOf(play);
    play.player.entity!.x = -300;
    play.run(20);
    expect(play.predicted.counters).toMatchObject({ corrections: 1, snaps: 1 });
    expect(hull.x).toBeLessThan(-200);
    expect(play.predicted.shownError(hull.id, "x")).toBe(0);
  });
});

const counts = new WeakMap<object, number>();
function countOf(play: object): number {
  return counts.get(play) ?? 0;
}

describe("what the server does not have", () => {
  test("vanishes once the server has confirmed its tick without it", () => {
    const room = defineRoom(pushedGame, {
      ...pushedRoom.hooks,
      onTick(world) {
        for (const dart of world.dart) world.despawn(dart);
      },
    });
    const input = (tick: number) => ({ fire: tick >= 60 && tick % 10 === 0 });
    const play = new PredictedPlay(room, { seed: 3, link: PERFECT, leadTicks: 5, input });
    let most = 0;
    play.run(90, () => {
      most = Math.max(most, play.predicted.view.dart.size);
      for (const { endsAt } of play.predicted.view.dart) {
        expect(play.predicted.confirmedTick).toBeLessThanOrEqual(endsAt - 40);
      }
    });
    expect(most).toBe(2);
    expect(play.predicted.counters).toMatchObject({ spawnsMatched: 0, corrections: 0 });
    expect(play.predicted.counters.spawnsVanished).toBeGreaterThan(4);
  });

  test("is gone when the player no longer steers it, and what it steers then is predicted at once", () => {
    const play = newPlay();
    play.run(50);
    const old = hullOf(play);
    play.player.entity = play.room.world.spawn("hull", { x: -100 });
    play.run(10);
    const next = hullOf(play);
    expect(play.predicted.view.hull.size).toBe(1);
    expect(next).not.toBe(old);
    expect([next.id, play.predicted.get(old.id)]).toEqual([play.player.entity!.id, undefined]);
    expect(play.predicted.at(Math.floor(next.id / 2 ** 20))).toBe(next);
    // What is still held of the old one can be read.
    expect(old.x).toBeTypeOf("number");
    play.run(50);
    expect([...play.predictedState().values()].length).toBe(1);
    expect(play.predicted.counters).toMatchObject({ corrections: 0, entitiesAdopted: 2 });
  });
});

describe("a step", () => {
  test("that throws is counted and costs nothing else", () => {
    const play = newPlay({ input: (tick) => ({ thrust: 1, mischief: tick % 5 === 0 ? 1 : 0 }) });
    play.run(100);
    expect(play.predicted.counters.stepErrors).toBeGreaterThan(15);
    expect(play.predicted.counters.corrections).toBe(0);
  });

  test("despawns nothing of others, and sees them where they are foretold to be", () => {
    const play = newPlay({ input: (tick) => ({ thrust: 1, turn: 0.2, mischief: tick % 5 === 0 ? 2 : 0 }) });
    const { world } = play.room;
    const despawn = world.despawn.bind(world);
    // The server has its own mind about rocks.
    Object.assign(world, {
      despawn: (entity: { id: never; kind?: string }) => entity.kind !== "rock" && despawn(entity),
    });
    for (let n = 0; n < 50; n += 1) {
      world.spawn("rock", { x: n * 16 - 400, y: ((n * 7) % 10) * 40 - 200, vx: (n % 5) * 2 - 4 });
    }
    let near = 0;
    play.run(300, () => {
      near += hullOf(play)?.near ?? 0;
    });
    expect(near).toBeGreaterThan(300);
    expect(play.predicted.counters.foreignDespawns).toBeGreaterThan(1000);
    expect(play.predicted.view.rock.size).toBe(0);
    // A rock within a step of the edge may count on one side only.
    expect(play.predicted.counters.corrections).toBeLessThan(5);
  });

  test("draws other luck with another seed, which is set right", () => {
    const play = newPlay({ stepSeed: 99 });
    play.run(60);
    const { corrections, ticksConfirmed } = play.predicted.counters;
    expect(corrections).toBeGreaterThan(40);
    expect(corrections).toBeLessThanOrEqual(ticksConfirmed);
    expect(play.predicted.counters.correctedFields).toBe(corrections);
  });
});

test("what has ended before the server told of it is not shown again", () => {
  const input = (tick: number) => ({ fire: tick > 100 && tick % 10 === 0 });
  // Darts live for 40 ticks; the first word of one comes after 43.
  const play = newPlay({ link: { ...PERFECT, delayTicks: 18 }, leadTicks: 25, input });
  let told = 0;
  play.run(300, () => {
    for (const { newest } of play.told.store.present.flatMap(({ entities }) => entities)) {
      if (play.room.tick < 60) continue;
      expect(play.predicted.hides(newest!.id)).toBe(true);
      told += 1;
    }
    expect(play.predicted.view.dart.size).toBeLessThanOrEqual(10);
  });
  expect(told).toBeGreaterThan(1000);
  const { counters } = play.predicted;
  expect(counters).toMatchObject({ corrections: 0, entitiesAdopted: 1, spawnsVanished: 0 });
  expect(counters.spawnsMatched).toBeGreaterThan(30);
});

test("what has no step is not predicted", () => {
  const play = newPlay();
  const flag = play.room.world.spawn("flag", { x: 3 });
  Object.assign(flag, { owner: play.player.id });
  play.run(60, () => {
    flag.x += 1;
  });
  expect(play.predicted.view.flag.size).toBe(0);
  expect(play.predicted.hides(flag.id)).toBe(false);
  expect(play.predicted.counters.corrections).toBe(0);
});

describe("the work of a tick is bounded", () => {
  test("through silence, after which it is as exact as before", () => {
    const link = { ...PERFECT };
    const play = newPlay({ link });
    const { predicted } = play;
    let most = 0;
    let replayed = predicted.counters.replayedTicks;
    const measure = () => {
      const { replayedTicks } = predicted.counters;
      most = Math.max(most, replayedTicks - replayed);
      replayed = replayedTicks;
      expect(predicted.tick - predicted.confirmedTick).toBeLessThanOrEqual(MAX_AHEAD_TICKS);
    };
    play.run(60, measure);
    link.lossPercent = 100;
    play.run(200, measure);
    expect(predicted.tick).toBe(predicted.confirmedTick + MAX_AHEAD_TICKS);
    link.lossPercent = 0;
    play.run(20, measure);
    const { corrections } = predicted.counters;
    const states = new Map<number, string[]>();
    play.run(60, () => {
      measure();
      states.set(predicted.tick, [...play.predictedState().values()]);
      const known = states.get(play.room.tick);
      if (known !== undefined) expect(known).toEqual([...play.truth.get(play.room.tick)!.values()]);
    });
    expect(predicted.tick).toBe(play.nextTick);
    expect(predicted.counters.corrections).toBe(corrections);
    expect(most).toBeLessThanOrEqual(2 * MAX_REPLAYED_TICKS);
  });

  test("farther from the server than can be replayed at once it catches up in the next ticks", () => {
    const link = { ...PERFECT, delayTicks: 18 };
    const play = newPlay({ link, leadTicks: 20 });
    play.run(100);
    play.player.entity!.vx = -20;
    play.run(18);
    expect(play.predicted.counters.corrections).toBe(0);
    play.run(30);
    expect(play.predicted.counters.corrections).toBe(1);
    expect(play.predicted.tick).toBe(play.nextTick);
    play.run(100);
    expect(play.predicted.counters.corrections).toBe(1);
  });
});

describe("ticks that the player", () => {
  test("leaves out have the input that stands in for them on the server", () => {
    const play = newPlay();
    play.run(60);
    const { play: playTick } = play;
    // A pause of the process: 5 ticks, then 12, whose last four are neutral.
    let skip = 5;
    play.play = (tick) => {
      if (skip === 0) playTick.call(play, tick);
      else skip -= 1;
    };
    play.run(40);
    skip = 12;
    play.run(60);
    expect(play.predicted.counters.corrections).toBe(0);
    expect(play.predicted.tick).toBe(play.nextTick - 1 + 1);
  });

  test("plays anew take the place of what was played", () => {
    const play = newPlay();
    play.run(60);
    const { predicted } = play;
    const before = predicted.tick;
    const neutral = { thrust: 0, turn: 0, fire: false, mischief: 0 };
    const states = [...play.predictedState().values()];
    predicted.advance(before - 3, neutral);
    expect(predicted.tick).toBe(before - 2);
    predicted.advance(before - 2, neutral);
    predicted.advance(before - 1, neutral);
    expect(predicted.tick).toBe(before);
    expect([...play.predictedState().values()]).not.toEqual(states);
  });
});

test("nothing is predicted before the server has said who the player is", () => {
  const play = newPlay({ link: { ...PERFECT, lossPercent: 100 } });
  play.run(30);
  expect([play.predicted.confirmedTick, play.predicted.tick, play.predicted.view.hull.size]).toEqual([
    -1, 0, 0,
  ]);
});
