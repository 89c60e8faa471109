import { defineGame, defineRoom, t } from "tickwire";
import { serve } from "tickwire/server";
import { expect, test } from "vitest";
import { BotCrew } from "../../client/bot-crew.ts";
import { ClientDriver } from "../../client/client-driver.ts";
import { parseServerUrl } from "../../client/server-url.ts";
import { definitionDigest } from "../../src/definition-digest.ts";
import { loadSodium } from "../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../src/net/crypto/token-issuer.ts";
import { MonotonicClock } from "../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../src/runtime-adapters/open-socket.ts";
import { systemRandom } from "../../src/runtime-adapters/system-random.ts";
import { TimerTicker } from "../../src/runtime-adapters/timer-ticker.ts";
import { unixMs } from "../../src/runtime-adapters/wall-clock.ts";

const game = defineGame({
  name: "crew",
  tickRate: 30,
  input: { go: t.bool() },
  entities: { ship: { x: t.int(0, 9) } },
  avatar: "ship",
});
const room = defineRoom(game, {
  onJoin(world, player) {
    player.entity = world.spawn("ship");
  },
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("bots end with their server, unless they are asked to come back to the next", async () => {
  const sodium = await loadSodium();
  const first = await serve(room, { port: 0 });
  const server = parseServerUrl(first.url);
  const clock = new MonotonicClock();
  const driver = new ClientDriver({
    clock,
    ticker: new TimerTicker(clock),
    openSocket: openDatagramSocket,
  });
  const [leaving, staying] = [false, true].map((rejoin) => {
    const crew = new BotCrew(game, undefined, {
      server,
      crypto: { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, game) },
      token: () => issueToken(sodium, systemRandom, DEVELOPMENT_KEY, {}, unixMs()),
      random: systemRandom,
      ...{ seed: 1, connectTimeoutMs: 5_000, rejoin },
    });
    return crew.next();
  });
  for (const bot of [leaving!, staying!]) await driver.add(bot, server);
  await until(() => [leaving!, staying!].every(({ stats }) => stats.stateTicks > 3));
  await first.close("an update");
  expect(await leaving!.closed).toEqual({ reason: "draining", detail: "an update", by: "server" });
  const second = await serve(room, { port: server.port });
  await until(() => second.stats.players > 0);
  expect([staying!.state, staying!.stats.rejoins, leaving!.state]).toEqual(["playing", 1, "closed"]);
  staying!.leave("done");
  await staying!.closed;
  await second.close();
});
