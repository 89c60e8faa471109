import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";
import type { LinkConditions } from "../../src/runtime-adapters/link-conditions.ts";

const BLOB_BYTES = 200_000;
const WATCHED_SECONDS = 10;
const TICK_RATE = 30;

const game = defineGame({
  name: "repeated",
  tickRate: TICK_RATE,
  input: { push: t.int(-1, 1) },
  entities: { ball: { x: t.fixed(-1000, 1000, 1 / 64), luck: t.uint(65_535) } },
  avatar: "ball",
  messages: { blob: { from: "server", channel: "bulk", fields: { data: t.bytes(BLOB_BYTES) } } },
});
const room = defineRoom(game, {
  onJoin(world, player) {
    player.entity = world.spawn("ball", {});
  },
  onTick(world) {
    for (const ball of world.ball) ball.luck = Math.floor(world.random() * 65_536);
  },
});

interface Conditions {
  readonly link?: Partial<LinkConditions>;
  /** From the end of the first ten seconds on; default: the same. */
  readonly laterLink?: Partial<LinkConditions>;
  readonly bytesPerSecond?: number;
  readonly sendsBulk?: boolean;
  /** As if each turn took the server long. */
  readonly isHurried?: boolean;
}

/** One player for twenty seconds and more. What the server sent in the last ten, and what the player was told then. */
function play({ link = {}, laterLink, bytesPerSecond, sendsBulk = false, isHurried }: Conditions) {
  const rates = bytesPerSecond !== undefined && {
    ...{ startBytesPerSecond: bytesPerSecond, minBytesPerSecond: 2_000, maxBytesPerSecond: bytesPerSecond },
  };
  const simulation = new Simulation(room, { seed: 11, link, ...(rates && { net: { rates } }) });
  const client = simulation.join();
  simulation.run(10);
  if (laterLink !== undefined) {
    simulation.network.setAllLinks(laterLink);
    simulation.run(20);
  }
  if (sendsBulk) {
    const data = new Uint8Array(BLOB_BYTES);
    for (const player of simulation.server.room.players) {
      for (let n = 0; n < 8; n += 1) player.send("blob", { data });
    }
  }
  const [connection] = simulation.server.net.connections();
  if (isHurried) {
    Object.defineProperty(connection, "isHurried", { get: () => true, set() {} });
    // The one that is due already still leaves.
    simulation.run(1);
  }
  const { newest: firstNumber } = connection!.acks.sent;
  const { stateTicks } = client.stats;
  simulation.run(WATCHED_SECONDS);
  return {
    client,
    packets: connection!.acks.sent.newest - firstNumber,
    hasRepeated: connection!.acks.newestRepeat > firstNumber,
    toldTicks: client.stats.stateTicks - stateTicks,
  };
}

const TICKS = WATCHED_SECONDS * TICK_RATE;

describe("the server tells a tick twice", () => {
  test("not where nothing is lost", () => {
    const { packets, hasRepeated, toldTicks } = play({ link: { latencyMs: 40, jitterMs: 10 } });
    expect(hasRepeated).toBe(false);
    expect(packets).toBe(TICKS);
    expect(toldTicks).toBe(TICKS);
  });

  test("where packets get lost: then nearly all ticks are told", () => {
    const { client, packets, hasRepeated, toldTicks } = play({
      link: { latencyMs: 40, jitterMs: 10, lossPercent: 10 },
    });
    expect(hasRepeated).toBe(true);
    expect(packets).toBeGreaterThan(1.9 * TICKS);
    expect(packets).toBeLessThanOrEqual(2 * TICKS + 1);
    expect(toldTicks).toBeGreaterThan(0.97 * TICKS);
    expect(client.counters.refusedBlock).toBe(0);
    expect(client.refusals.ownsRefused).toBe(0);
  });

  test("no more once nothing is lost any more", () => {
    const { packets, hasRepeated } = play({
      link: { latencyMs: 40, lossPercent: 10 },
      laterLink: { lossPercent: 0 },
    });
    expect(hasRepeated).toBe(false);
    expect(packets).toBe(TICKS);
  });

  test("not beside messages that fill the path", () => {
    const { hasRepeated } = play({
      link: { latencyMs: 40, lossPercent: 5 },
      bytesPerSecond: 40_000,
      sendsBulk: true,
    });
    expect(hasRepeated).toBe(false);
  });

  test("not while the server is short of time", () => {
    const { packets, hasRepeated, toldTicks } = play({
      link: { latencyMs: 40, lossPercent: 5 },
      isHurried: true,
    });
    expect(hasRepeated).toBe(false);
    expect(packets).toBe(TICKS);
    expect(toldTicks).toBeGreaterThan(0.9 * TICKS);
  });

  test("not on a path that has no room for it", () => {
    // Thirty packets of 28 bytes of headers and some 60 of their own.
    const { packets, hasRepeated } = play({ link: { latencyMs: 40, lossPercent: 5 }, bytesPerSecond: 3_500 });
    expect(hasRepeated).toBe(false);
    expect(packets).toBeLessThanOrEqual(TICKS);
  });
});
