import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";
import { BULK, Rig, TURN_MS } from "../net/endpoint/rig.ts";

const BYTES = 3_000_000;
const game = defineGame({
  name: "voxels",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: { walker: { x: t.fixed(-100, 100, 1 / 64) } },
  avatar: "walker",
  messages: {
    world: { from: "server", channel: "bulk", fields: { blocks: t.bytes(BYTES) } },
    hello: { from: "both", fields: { n: t.uint(1_000_000) } },
  },
});

test("a client's upload of 3 MB is no flood", () => {
  const rig = new Rig();
  const client = rig.joined();
  expect(client.endpoint.send(BULK, new Uint8Array(BYTES))).toBe("queued");
  let turns = 0;
  for (; client.endpoint.connection.unackedMessages > 0 && turns < 1_000; turns += 1) rig.run(1);
  expect(rig.serverSaw.at(-1)?.payload.length).toBe(BYTES);
  // 128 KiB a second, of which heads take a little.
  expect(turns * TURN_MS).toBeGreaterThan((BYTES / 131_072) * 950);
  expect(turns * TURN_MS).toBeLessThan((BYTES / 131_072) * 1_100);
});

test("3 MB world on join: it arrives whole while the game plays", () => {
  const blocks = Uint8Array.from({ length: BYTES }, (_, i) => (i * 7) >> 5);
  const rules = defineRoom(game, {
    onJoin(world, player) {
      player.entity = world.spawn("walker");
      expect(player.send("world", { blocks })).toBe("queued");
    },
    onMessage: {
      hello(_world, player, { n }) {
        player.send("hello", { n });
      },
    },
  });
  const simulation = new Simulation(rules, {
    seed: 9,
    link: { latencyMs: 40, jitterMs: 10, lossPercent: 2, duplicatePercent: 5, reorderPercent: 5 },
  });
  const client = simulation.join();
  let joinedAtTick = -1;
  client.onStateChange(({ state }) => {
    if (state === "playing") joinedAtTick = simulation.server.room.tick;
  });
  let world: Uint8Array | undefined;
  const echoes: number[] = [];
  client.on("world", (message) => {
    world = message.blocks;
  });
  client.on("hello", ({ n }) => echoes.push(n));
  simulation.run(1.5);
  let said = 0;
  for (; world === undefined && said < 60; said += 1) {
    client.send("hello", { n: said });
    simulation.run(0.5);
  }
  expect(world?.length).toBe(BYTES);
  expect(blocks.every((byte, i) => world![i] === byte)).toBe(true);
  simulation.run(2);
  expect(echoes).toEqual(Array.from({ length: said }, (_, n) => n));
  // All but what the network lost or delivered too late: the blob takes nothing from the game.
  const ticksInside = simulation.server.room.tick - joinedAtTick;
  expect(client.stats.stateTicks).toBeGreaterThan(ticksInside * 0.88);
});
