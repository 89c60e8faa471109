import { describe, expect, test } from "vitest";
import { WALL } from "../../examples/arena/arena.ts";
import arenaRoom, { bot } from "../../examples/arena/arena-room.ts";
import { describeSnapshot, hashSnapshot } from "../../src/game/replication/snapshot.ts";
import { RoomBench } from "../game/room-bench.ts";

const SECONDS = 60;
const BOTS = 8;

function play(seed: number) {
  const bench = new RoomBench(arenaRoom, seed);
  const hashes: string[] = [];
  let outside = 0;
  let wrecked = 0;
  for (let n = 0; n < BOTS; n += 1) bench.join(`bot ${n}`, bot.think, seed * 1000 + n);
  for (let tick = 0; tick < SECONDS * 30; tick += 1) {
    bench.tick();
    for (const ship of bench.room.world.ship) {
      if (Math.abs(ship.x) > WALL || Math.abs(ship.y) > WALL) outside += 1;
      if (ship.wreckTicks === 90) wrecked += 1;
    }
    if (tick % 300 === 299) hashes.push(hashSnapshot(bench.room.capture()));
  }
  return { bench, hashes, outside, wrecked };
}

describe("eight bots in the arena for a minute", () => {
  const { bench, hashes, outside, wrecked } = play(1);
  const heard = bench.clients[0]!.heard;

  test("score, die, come back and chat", () => {
    const scored = heard.filter((message) => message.name === "scored");
    const said = heard.filter(
      (message) => message.name === "chat" && /^bot \d: /.test(String(message.values.text)),
    );
    const flying = [...bench.room.world.ship].filter((ship) => ship.wreckTicks === 0);
    expect(scored.length).toBeGreaterThan(10);
    expect(scored.length).toBe(wrecked);
    expect(said.length).toBeGreaterThan(5);
    expect(flying.length).toBeGreaterThan(2);
    const scores = [...bench.room.world.ship].map((ship) => ship.score);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBe(scored.length);
    expect(scores.filter((score) => score > 0).length).toBeGreaterThan(4);
  });

  test("stay within the walls, and the rules throw nothing and write nothing out of range", () => {
    expect(outside).toBe(0);
    expect(bench.errors).toEqual([]);
    expect(bench.room.valueCounters).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
  });

  test("end in the same state with the same seed, on every runtime", () => {
    expect(play(1).hashes).toEqual(hashes);
    expect(play(2).hashes).not.toEqual(hashes);
    expect(hashes).toEqual(GOLDEN);
  });

  test("see what the server has, field by field", () => {
    const snapshot = bench.room.capture();
    const { newest } = bench.clients[3]!.assembler;
    expect(newest === undefined ? undefined : describeSnapshot(newest)).toEqual(describeSnapshot(snapshot));
  });

  test("see the reload of their own ship only", () => {
    const { replica, player } = bench.clients[2]!;
    for (const ship of replica.view.ship) {
      expect(ship.reload).toBe(ship.owner === player.id ? player.entity?.reload : undefined);
    }
  });
});

/** State hashes at every tenth second with seed 1. */
const GOLDEN: readonly string[] = [
  "f845af289cd4147a",
  "fa7848956b0d8f23",
  "7602a900ce499b2a",
  "ec505573e560257d",
  "986ff58099ebb2da",
  "e6a53051eee6e563",
];
