import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";

const notes = defineGame({
  name: "notes",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: { walker: { x: t.fixed(-100, 100, 1 / 64), y: t.fixed(-100, 100, 1 / 64), name: t.text(24) } },
  messages: {
    up: { from: "client", channel: "reliable-ordered", fields: { n: t.uint(1_000_000) } },
    down: { from: "server", channel: "reliable-ordered", fields: { n: t.uint(1_000_000) } },
  },
  avatar: "walker",
  step: {
    walker(walker, input, world) {
      walker.x += input.move.x * 10 * world.dt;
      walker.y += input.move.y * 10 * world.dt;
    },
  },
});

const SEED = 20_261_120;
const CLIENTS = 20;
const SECONDS = 60;
const MESSAGES_EVERY_TICKS = 6;

test("20 clients, 60 s, 10 % loss, 5 % duplication, reordering, 200 ms one way: every reliable message once and in order", () => {
  console.log(`seed ${SEED}`);
  const heardByServer = new Map<string, number[]>();
  let sentDown = 0;
  let talks = true;
  const room = defineRoom(notes, {
    onJoin(world, player) {
      player.entity = world.spawn("walker", { name: player.name });
      heardByServer.set(player.name, []);
    },
    onTick(world) {
      if (!talks || world.players.size < CLIENTS || world.tick % MESSAGES_EVERY_TICKS !== 0) return;
      world.broadcast("down", { n: sentDown });
      sentDown += 1;
    },
    onMessage: {
      up(_world, player, message) {
        heardByServer.get(player.name)!.push(message.n);
      },
    },
  });
  const simulation = new Simulation(room, {
    seed: SEED,
    link: { lossPercent: 10, duplicatePercent: 5, reorderPercent: 5, latencyMs: 200, jitterMs: 10 },
  });
  const sentUp = new Map<string, number>();
  const heardByClient: number[][] = [];
  for (let i = 0; i < CLIENTS; i += 1) {
    const name = `player ${i + 1}`;
    const heard: number[] = [];
    heardByClient.push(heard);
    const client = simulation.join((me, tick) => {
      if (!talks || tick % MESSAGES_EVERY_TICKS !== 0) return;
      const n = sentUp.get(name) ?? 0;
      if (me.send("up", { n }) === "queued") sentUp.set(name, n + 1);
    });
    client.on("down", ({ n }) => heard.push(n));
  }
  simulation.run(SECONDS);
  // What is still under way gets its time, as it would in life.
  talks = false;
  simulation.run(5);

  expect(simulation.clients.map(({ state }) => state)).toEqual(Array(CLIENTS).fill("playing"));
  expect(simulation.server.net.counters.connectionsOpened).toBe(CLIENTS);
  const allDown = Array.from({ length: sentDown }, (_, n) => n);
  expect(sentDown).toBeGreaterThan(250);
  for (const heard of heardByClient) expect(heard).toEqual(allDown);
  for (const [name, heard] of heardByServer) {
    expect(heard.length).toBeGreaterThan(250);
    expect(heard).toEqual(Array.from({ length: sentUp.get(name)! }, (_, n) => n));
  }
  const { sent, duplicated, delivered, lost, unreachable, underWay, reordered } = simulation.network;
  expect(sent + duplicated).toBe(delivered + lost + unreachable + underWay);
  expect(lost / sent).toBeGreaterThan(0.09);
  expect(reordered).toBeGreaterThan(1_000);
});

test("a clean path of any length resends nothing", () => {
  for (const latencyMs of [0, 30, 250]) {
    const room = defineRoom(notes, {
      onTick: (world) => world.broadcast("down", { n: world.tick }),
    });
    const simulation = new Simulation(room, { seed: 7, link: { latencyMs } });
    for (let i = 0; i < 5; i += 1) simulation.join((me, tick) => void me.send("up", { n: tick }));
    simulation.run(3);
    const counters = [simulation.server.net.counters, ...simulation.clients.map((client) => client.counters)];
    const before = counters.map(({ messagesResent }) => messagesResent);
    simulation.run(20);
    expect(counters.map(({ messagesResent }) => messagesResent)).toEqual(before);
    expect(simulation.server.room.counters.messagesReceived).toBeGreaterThan(5 * 20 * 29);
  }
});
