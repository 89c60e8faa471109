import { simulate } from "tickwire/testing";
import { expect, test } from "vitest";
import arenaRoom, { bot } from "../../examples/arena/arena-room.ts";

const link = { lossPercent: 5, latencyMs: 80, jitterMs: 10 };

test("twelve ships fight over a bad network", () => {
  const errors: string[] = [];
  const { world, clients, server } = simulate(arenaRoom, {
    bot,
    link,
    players: 12,
    seconds: 30,
    seed: 1,
    play(me, tick) {
      if (tick % 300 === 0) me.send("chat", { text: `tick ${tick}` });
    },
    hooks: { onGameError: (error, where) => errors.push(`${where}: ${error}`) },
  });

  expect(errors).toEqual([]);
  expect(clients.map(({ state }) => state)).toEqual(Array(12).fill("playing"));
  const points = [...world.ship].reduce((sum, { score }) => sum + score, 0);
  expect(points).toBeGreaterThan(5);
  // Of some 880 ticks, although each twentieth datagram was lost.
  for (const { stats } of clients) expect(stats.stateTicks).toBeGreaterThan(700);
  expect(server.room.valueCounters).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
});

test("the same seed plays the same game, another seed another", () => {
  const play = (seed: number) => simulate(arenaRoom, { bot, link, players: 4, seconds: 5, seed }).hash;
  expect(play(1)).toBe(play(1));
  expect(play(2)).not.toBe(play(1));
});
