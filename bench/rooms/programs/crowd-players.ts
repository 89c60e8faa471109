// crowd-players.ts WHO URL COUNT FULL SEED LOSS: plays, and answers "end" on standard input with what came. FULL of the
// players read the state and tell how much they see; the others are WHO: `light-bot`, as load tests have them, or
// `light-client`, who leave more of their core free and lose LOSS percent of what comes.
import { createInterface } from "node:readline";
import { ClientDriver } from "../../../client/client-driver.ts";
import { GameClient } from "../../../client/game-client.ts";
import { CrowdDriver } from "../../../client/load/crowd-driver.ts";
import { LightBot } from "../../../client/load/light-bot.ts";
import { parseServerUrl } from "../../../client/server-url.ts";
import { definitionDigest } from "../../../src/definition-digest.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../../src/net/crypto/token-issuer.ts";
import { MonotonicClock } from "../../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../../src/runtime-adapters/open-socket.ts";
import { systemRandom } from "../../../src/runtime-adapters/system-random.ts";
import { TimerTicker } from "../../../src/runtime-adapters/timer-ticker.ts";
import { unixMs } from "../../../src/runtime-adapters/wall-clock.ts";
import { crowd, crowdBot, steer } from "../crowd-game.ts";
import { LightClient, type LightClientOptions } from "../light-client.ts";
import type { PlayersReport } from "../reports.ts";

const [, , who, url, count, full, seed, loss] = process.argv;
const lossPercent = Number(loss);
const JOINS_AT_ONCE = 2;
const JOIN_INTERVAL_MS = 15;

const server = parseServerUrl(url!);
const sodium = await loadSodium();
const crypto = { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, crowd) };
const clock = new MonotonicClock();
const ports = { clock, ticker: new TimerTicker(clock), openSocket: openDatagramSocket };
const driver = who === "light-bot" ? new CrowdDriver(ports) : new ClientDriver(ports);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function lightBot(common: Omit<LightClientOptions, "chance" | "lossPercent">, chance: () => number) {
  const bot = new LightBot(crowd, { ...common, ...crowdBot(chance) });
  bot.watch.isOpen = true;
  return bot;
}

const light: (LightClient | LightBot<(typeof crowd)["~shape"]>)[] = [];
const readers: GameClient<(typeof crowd)["~shape"]>[] = [];
/** Entities in sight, beside one's own, over all ticks of all who read. */
let seen = 0;
let looks = 0;
for (let i = 0; i < Number(count); i += 1) {
  const random = new SeededRandom(Number(seed) * 0x1_0000 + i);
  const chance = (): number => random.next();
  const token = issueToken(sodium, systemRandom, DEVELOPMENT_KEY, {}, unixMs());
  const common = { server, crypto, token, random: systemRandom };
  if (i < Number(full)) {
    const reader = new GameClient(crowd, { ...common, name: "", connectTimeoutMs: 20_000 });
    reader.onTick = () => {
      const wish = steer(chance);
      if (wish !== undefined) reader.setInput(wish);
    };
    reader.onState = () => {
      seen += reader.view.ship.size - (reader.entity === undefined ? 0 : 1);
      looks += 1;
    };
    readers.push(reader);
    await driver.add(reader, server);
  } else {
    const client =
      who === "light-bot" ? lightBot(common, chance) : new LightClient({ ...common, chance, lossPercent });
    light.push(client);
    await driver.add(client, server);
  }
  if (i % JOINS_AT_ONCE === JOINS_AT_ONCE - 1) await pause(JOIN_INTERVAL_MS);
}
while (!light.every((each) => each.isPlaying) || !readers.every(({ view }) => view.tick > 0)) {
  const lost = light.find(({ isTurning }) => !isTurning) ?? readers.find(({ isTurning }) => !isTurning);
  if (lost !== undefined) throw new Error(`A player did not get in: ${JSON.stringify(lost.closedInfo)}`);
  await pause(20);
}
console.log(JSON.stringify({ playing: light.length + readers.length }));

const updates = (): number =>
  light.reduce((sum, each) => sum + each.updates, 0) +
  readers.reduce((sum, { stats }) => sum + stats.stateTicks, 0);
let updatesBefore = 0;
let cpuBefore = process.cpuUsage();
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "begin") {
    updatesBefore = updates();
    cpuBefore = process.cpuUsage();
    seen = looks = 0;
  } else if (line === "end") {
    const { user, system } = process.cpuUsage(cpuBefore);
    const rtts = light.map(({ rttMs }) => rttMs ?? 0).sort((a, b) => a - b);
    const report: PlayersReport = {
      updates: updates() - updatesBefore,
      cpuUs: user + system,
      seen,
      looks,
      rttMs: rtts[rtts.length >> 1] ?? 0,
      refused: readers.reduce((sum, { counters }) => sum + counters.refusedBlock, 0),
    };
    console.log(JSON.stringify(report));
  } else break;
}
for (const each of light) each.leave();
for (const each of readers) each.leave("the bench is over");
await pause(300);
process.exit(0);
