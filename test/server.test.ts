import { defineGame, defineRoom, t } from "tickwire";
import { expect, test } from "vitest";
import { GameClient } from "../client/game-client.ts";
import { definitionDigest } from "../src/definition-digest.ts";
import { SeededRandom } from "../src/net/bytes/seeded-random.ts";
import { loadSodium } from "../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../src/net/crypto/token-issuer.ts";
import { Outbox } from "../src/net/ports/outbox.ts";
import { VirtualClock } from "../src/runtime-adapters/virtual-clock.ts";
import { GameServer } from "../src/server.ts";

const game = defineGame({ name: "still", tickRate: 50, input: {}, entities: { stone: { x: t.uint(9) } } });
const SERVER = { host: "127.0.0.1", port: 7777 };
const STRANGER = { host: "10.9.9.9", port: 9 };

test("a server that cannot keep up hears what has come before the next tick, and does not wait when nothing has", async () => {
  const TICK_TAKES_MS = 30;
  const DATAGRAM_TAKES_MS = 0.125;
  const sodium = await loadSodium();
  const clock = new VirtualClock();
  const spend = (ms: number): void => clock.advanceTo(clock.nowMs() + ms);
  const chance = new SeededRandom(1);
  const server = new GameServer(defineRoom(game, { onTick: () => spend(TICK_TAKES_MS) }), {
    clock,
    sodium,
    random: (into) => chance.fill(into),
    definition: definitionDigest(sodium, game),
    unixMs: () => 0,
    seed: 1,
  });
  const noise = new Uint8Array(40);
  const read = (): void => {
    spend(DATAGRAM_TAKES_MS);
    server.onDatagram(noise, STRANGER);
  };
  clock.advanceTo(20);
  server.turn();
  expect([server.room.tick, clock.nowMs()]).toEqual([1, 20 + TICK_TAKES_MS]);
  // The next was due 10 ms ago, and the ticker asks in vain as long as datagrams wait, but not for ever.
  let datagrams = 0;
  while (server.room.tick === 1) {
    for (let i = 0; i < 32 && server.room.tick === 1; i += 1) {
      read();
      datagrams += 1;
    }
    server.turn();
  }
  expect(datagrams).toBeGreaterThanOrEqual(TICK_TAKES_MS / DATAGRAM_TAKES_MS);
  expect(datagrams).toBeLessThanOrEqual(TICK_TAKES_MS / DATAGRAM_TAKES_MS + 32);
  // Nothing waits any more.
  const { tick } = server.room;
  for (let i = 0; i < 3; i += 1) read();
  expect(server.room.tick).toBe(tick);
  server.turn();
  expect(server.room.tick).toBeGreaterThan(tick);
});

test("whoever is told hears whether turns take long: then nothing leaves that need not", async () => {
  const sodium = await loadSodium();
  const clock = new VirtualClock();
  const chance = new SeededRandom(1);
  const random = (into: Uint8Array): void => chance.fill(into);
  const definition = definitionDigest(sodium, game);
  let takesMs = 1;
  const room = defineRoom(game, { onTick: () => clock.advanceTo(clock.nowMs() + takesMs) });
  const server = new GameServer(room, { clock, sodium, random, definition, unixMs: () => 0, seed: 1 });
  const crypto = { sodium, cipher: sodium.packetCipher(), definition };
  const token = issueToken(sodium, random, DEVELOPMENT_KEY, {}, 0);
  const client = new GameClient(game, {
    server: SERVER,
    crypto,
    token,
    random,
    name: "",
    connectTimeoutMs: 1_000,
  });
  const told = new Outbox();
  server.attach({
    address: SERVER,
    receiveBufferBytes: undefined,
    sendMany(outbox) {
      for (let i = 0; i < outbox.length; i += 1) {
        client.receive(outbox.bytesOf(i).slice(0, outbox.lengthOf(i)), SERVER, clock.nowMs());
      }
      return outbox.length;
    },
    close: () => Promise.resolve(),
  });
  const play = (ticks: number): void => {
    const end = server.room.tick + ticks;
    while (server.room.tick < end) {
      clock.advanceTo(Math.max(clock.nowMs(), server.nextTickMs));
      server.turn();
      client.turn(clock.nowMs(), told);
      for (let i = 0; i < told.length; i += 1) {
        server.onDatagram(told.bytesOf(i).slice(0, told.lengthOf(i)), STRANGER);
      }
      told.clear();
    }
  };
  client.start(0);
  play(20);
  const [connection] = server.net.connections();
  expect(connection!.state).toBe("connected");
  expect(connection!.isHurried).toBe(false);
  // Of 20 ms.
  for (const [ms, isHurried] of [
    [8, false],
    [9, true],
    [8, false],
  ] as const) {
    takesMs = ms;
    play(3);
    expect(connection!.isHurried).toBe(isHurried);
  }
});

test("a flood that keeps the ticker from waking does not hold up the ticks", async () => {
  const sodium = await loadSodium();
  const clock = new VirtualClock();
  const chance = new SeededRandom(1);
  const server = new GameServer(defineRoom(game, {}), {
    clock,
    sodium,
    random: (into) => chance.fill(into),
    definition: definitionDigest(sodium, game),
    unixMs: () => 0,
    seed: 1,
  });
  const noise = new Uint8Array(40);
  // Due at 20 ms: not yet, and a little late is left to the ticker.
  for (const nowMs of [10, 20, 22]) {
    clock.advanceTo(nowMs);
    server.onDatagram(noise, STRANGER);
    expect(server.room.tick).toBe(0);
  }
  // No timer has fired, but datagrams go on.
  for (let nowMs = 23; nowMs <= 1_023; nowMs += 1) {
    clock.advanceTo(nowMs);
    server.onDatagram(noise, STRANGER);
  }
  expect(server.room.tick).toBe(51);
  expect(server.overruns).toBe(0);
});
