import { expect, test } from "vitest";
import { arena, SHOT_SPEED } from "../../../examples/arena/arena.ts";
import arenaRoom from "../../../examples/arena/arena-room.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { encodeInputs, packInput } from "../../../src/game/schema/input-codec.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { PredictedPlay } from "./predicted-play.ts";

const OTHERS = 6;
const TICKS = 2400;

function newArena(seed: number) {
  const link = { lossPercent: 5, doublePercent: 5, delayTicks: 3, jitterTicks: 1 };
  const play = new PredictedPlay(arenaRoom, {
    seed,
    link,
    leadTicks: 5,
    input: (tick, random) => ({
      ...(random.below(8) === 0 && { move: { x: random.next() * 2 - 1, y: random.next() * 2 - 1 } }),
      aim: (tick / 10) % 6,
      fire: tick > 30 && random.below(3) > 0,
    }),
  });
  return { play, others: Array.from({ length: OTHERS }, () => play.room.join("other")) };
}

/** They hunt the player. Their inputs come right on time. */
function playOthers({ play, others }: ReturnType<typeof newArena>, random: SeededRandom): void {
  const bytes = new Uint8Array(100);
  for (const other of others) {
    const [from, to] = [other.entity!, play.player.entity!];
    const { math } = play.room.world;
    const seconds = math.hypot(to.x - from.x, to.y - from.y) / SHOT_SPEED;
    const [x, y] = [to.x + to.vx * seconds - from.x, to.y + to.vy * seconds - from.y];
    const move = { x: x / 50, y: y / 50 };
    const input = packInput(arena, { move, aim: math.atan2(y, x), fire: random.below(20) === 0 });
    const writer = new MsgpackWriter().reset(bytes);
    encodeInputs(arena as unknown as Game<Shape>, writer, play.room.tick, [input]);
    play.room.receiveInput(other, bytes, 0, writer.at);
  }
}

/** FNV-1a. */
function hashOf(text: string, before: number): number {
  let hash = before;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

function playArena(seed: number) {
  const game = newArena(seed);
  const { play } = game;
  const random = new SeededRandom(seed + 1);
  let hash = 0x811c9dc5;
  let outside = 0;
  let late = 0;
  let shots = 0;
  let told = "";
  for (let n = 0; n < TICKS; n += 1) {
    playOthers(game, random);
    play.tick();
    const ship = play.player.entity!;
    const news = [ship.hp, ship.score, ship.isWreck].join();
    if (news !== told) outside += 1;
    told = news;
    const states = play.predictedState();
    for (const state of states.values()) hash = hashOf(state, hash);
    shots += play.predicted.view.shot.size;
    // Whatever happened to it, the player has the exact state of what it owned a moment ago.
    for (const id of states.keys()) if (play.predicted.hides(id) === false) late += 1;
  }
  return { play, hash, outside, late, shots };
}

test("among others who shoot at it a ship is corrected no more often than something happens to it", () => {
  const { play, outside, late, shots } = playArena(7);
  const { counters } = play.predicted;
  expect(play.errors).toEqual([]);
  expect(late).toBe(0);
  expect(outside).toBeGreaterThan(10);
  expect(counters.corrections).toBeGreaterThan(outside / 2);
  expect(counters.corrections).toBeLessThanOrEqual(outside);
  expect(counters).toMatchObject({ stepErrors: 0, foreignDespawns: 0 });
  // Its ship, and what that fired when it was mended before the player heard of that.
  expect(counters.entitiesAdopted).toBeLessThan(10);
  expect(counters.spawnsMatched).toBeGreaterThan(100);
  expect(shots).toBeGreaterThan(TICKS / 2);
});

test("what is predicted is the same on every runtime", () => {
  expect(playArena(8).hash).not.toBe(GOLDEN);
  expect(playArena(7).hash).toBe(GOLDEN);
});

/** Of all that was predicted in 2,400 ticks with seed 7, tick by tick and to the last bit. */
const GOLDEN = 946791225;
