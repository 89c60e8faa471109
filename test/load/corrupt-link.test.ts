import { expect, test } from "vitest";
import { ImpairingProxy } from "../../client/load/impairing-proxy.ts";
import { linkPlan } from "../../client/load/link-profiles.ts";
import { connect } from "../../client/mod.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import { defineRoom } from "../../src/game/schema/define-room.ts";
import { t } from "../../src/game/schema/field-types.ts";
import { formatAddress } from "../../src/net/ports/peer-address.ts";
import { alertTicker } from "../../src/runtime-adapters/alert-ticker.ts";
import { MonotonicClock } from "../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../src/runtime-adapters/open-socket.ts";
import { serve } from "../../src/server-door.ts";

const number = t.uint(2 ** 24);
const game = defineGame({
  name: "counting",
  tickRate: 30,
  input: {},
  entities: { walker: { x: t.int(0, 9) } },
  messages: {
    up: { from: "client", channel: "reliable-ordered", fields: { n: number } },
    down: { from: "server", channel: "reliable-ordered", fields: { n: number } },
  },
  avatar: "walker",
});
const MESSAGES = 80;
const SEND_EVERY_MS = 20;
/** Of a handshake not every byte is sealed: its padding may change and do no harm. */
const HANDSHAKE_DATAGRAMS = 10;

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
};
const numbers = Array.from({ length: MESSAGES }, (_, n) => n);

test("datagrams with a wrong byte are refused at both ends, counted, and nothing wrong is ever heard", async () => {
  const heardByServer: number[] = [];
  const room = defineRoom(game, {
    onJoin(world, player) {
      player.entity = world.spawn("walker");
    },
    onMessage: {
      up(_world, player, { n }) {
        heardByServer.push(n);
        player.send("down", { n });
      },
    },
  });
  const server = await serve(room, { port: 0 });
  const clock = new MonotonicClock();
  const proxy = await ImpairingProxy.open({
    target: { host: "127.0.0.1", port: Number(server.url.split(":").at(-1)) },
    plan: linkPlan({ corruptPercent: { up: 30, down: 25 }, latencyMs: 5 }),
    seed: 4,
    clock,
    ticker: alertTicker(clock),
    openSocket: openDatagramSocket,
  });
  try {
    const me = await connect(game, `udp://${formatAddress(proxy.address)}`);
    const heardByClient: number[] = [];
    me.on("down", ({ n }) => void heardByClient.push(n));
    for (const n of numbers) {
      me.send("up", { n });
      await new Promise((resolve) => setTimeout(resolve, SEND_EVERY_MS));
    }
    await until(() => heardByClient.length >= MESSAGES);
    expect(heardByServer).toEqual(numbers);
    expect(heardByClient).toEqual(numbers);

    const { up, down } = proxy.counters;
    const atServer = new Map(Array.from(server.counters(), ([, name, value]) => [name, value]));
    const atClient = new Map(Object.entries(me.counters));
    for (const [refused, way] of [
      [atServer, up],
      [atClient, down],
    ] as const) {
      expect(way.corrupted).toBeGreaterThan(5);
      expect(refused.get("refusedForged")).toBeGreaterThan(0);
      expect(refusals(refused)).toBeGreaterThanOrEqual(way.corrupted - HANDSHAKE_DATAGRAMS - under(way));
    }
    me.leave("done");
    await me.closed;
  } finally {
    await proxy.close();
    await server.close();
  }
});

function refusals(counters: ReadonlyMap<string, number>): number {
  return [...counters].reduce((sum, [name, value]) => sum + (name.startsWith("refused") ? value : 0), 0);
}

/** Corrupted datagrams that may still be on their way: all that has come and not left. */
function under({ received, forwarded }: { readonly received: number; readonly forwarded: number }): number {
  return received - forwarded;
}
