import { definitionDigest } from "../src/definition-digest.ts";
import type { Bot } from "../src/game/schema/define-bot.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { ValueWarning } from "../src/game/schema/value-warnings.ts";
import type { BackendKey } from "../src/net/crypto/connect-token.ts";
import { loadSodium } from "../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../src/net/crypto/token-issuer.ts";
import { MonotonicClock } from "../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../src/runtime-adapters/open-socket.ts";
import { systemRandom } from "../src/runtime-adapters/system-random.ts";
import { TimerTicker } from "../src/runtime-adapters/timer-ticker.ts";
import { unixMs } from "../src/runtime-adapters/wall-clock.ts";
import { BotCrew } from "./bot-crew.ts";
import { ClientDriver } from "./client-driver.ts";
import type { GameClient } from "./game-client.ts";
import { fetchServerTicks, type ServerTicks } from "./server-ticks.ts";
import { parseServerUrl } from "./server-url.ts";
import { TraceRecorder } from "./trace-recorder.ts";

export interface BotsOptions {
  /** `udp://127.0.0.1:7777` */
  readonly url: string;
  /** Where the server tells its tick times; without it the report has none. */
  readonly httpUrl?: string;
  /** Issues the bots' tokens. Default: the public development key. */
  readonly backendKey?: BackendKey;
  readonly audience?: string;
  /** Take a server that does not seal, for measurement. */
  readonly plaintext?: boolean;
  readonly count: number;
  /** How long they play once all are in. Without it until `signal`. */
  readonly seconds?: number;
  readonly seed: number;
  /** Takes the trace of the first bot, line by line: see `trace-format.ts`. */
  readonly trace?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Hears of each bot that could not join or was thrown out, and why. */
  readonly onLost?: (name: string, reason: string, detail: string) => void;
  /** Hears of what the fields of an input or a message cannot hold: once for all bots. */
  readonly onValueWarning?: (warning: ValueWarning) => void;
  /** Hears once every bot is in or has failed. */
  readonly onReady?: (connected: number, failed: number) => void;
}

export interface BotsReport {
  readonly connected: number;
  /** Never got in. */
  readonly failed: number;
  /** Got in and were lost before the end. */
  readonly disconnected: number;
  /** Ticks that the server told something of, per second of play and bot. */
  readonly snapshotsPerSecondPerBot: number;
  readonly server: { readonly tickMs: ServerTicks } | undefined;
  /** How often each reason ended a bot's play. */
  readonly errors: Readonly<Record<string, number>>;
}

/** So many bots knock per interval: a crowd of large HELLOs at once would not fit a small receive buffer. */
const JOINS_AT_ONCE = 8;
const JOIN_INTERVAL_MS = 20;
const CONNECT_TIMEOUT_MS = 10_000;

/** What one bot did. */
interface Career {
  readonly client: GameClient<Shape>;
  /** When the first state arrived. */
  playingSinceMs: number | undefined;
  playedMs: number;
}

/** Plays with `count` bots until the time is over or `signal` says so, and reports. */
export async function runBots<S extends Shape>(
  game: Game<S>,
  bot: Bot<S> | undefined,
  options: BotsOptions,
): Promise<BotsReport> {
  const server = parseServerUrl(options.url);
  const sodium = await loadSodium();
  const clock = new MonotonicClock();
  const driver = new ClientDriver({
    clock,
    ticker: new TimerTicker(clock),
    openSocket: openDatagramSocket,
  });
  const claims = options.audience === undefined ? {} : { audience: options.audience };
  const crew = new BotCrew(game, bot, {
    server,
    crypto: { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, game) },
    token: () => issueToken(sodium, systemRandom, options.backendKey ?? DEVELOPMENT_KEY, claims, unixMs()),
    plaintext: options.plaintext ?? false,
    random: systemRandom,
    seed: options.seed,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ...(options.onValueWarning !== undefined && { onValueWarning: options.onValueWarning }),
  });
  const errors: Record<string, number> = {};
  const careers: Career[] = [];
  let recorder: TraceRecorder | undefined;
  let isEnding = false;
  for (let i = 0; i < options.count && options.signal?.aborted !== true; i += 1) {
    const isTraced = options.trace !== undefined && i === 0;
    const client = crew.next(isTraced);
    const career: Career = { client, playingSinceMs: undefined, playedMs: 0 };
    careers.push(career);
    client.onState = () => {
      career.playingSinceMs ??= clock.nowMs();
    };
    if (isTraced)
      recorder = new TraceRecorder(client, {
        bot: "bot 1",
        nowMs: () => clock.nowMs(),
        write: options.trace,
      });
    void client.closed.then(({ reason, detail }) => {
      if (career.playingSinceMs !== undefined) career.playedMs = clock.nowMs() - career.playingSinceMs;
      if (isEnding) return;
      errors[reason] = (errors[reason] ?? 0) + 1;
      options.onLost?.(`bot ${i + 1}`, reason, detail);
    });
    await driver.add(client, server);
    if (i % JOINS_AT_ONCE === JOINS_AT_ONCE - 1) await pause(JOIN_INTERVAL_MS, options.signal);
  }
  await untilAllDecided(careers, options.signal);
  const playing = careers.filter(({ playingSinceMs }) => playingSinceMs !== undefined);
  options.onReady?.(playing.length, careers.length - playing.length);
  if (playing.length > 0) await untilOver(playing, options);
  const disconnected = playing.filter(({ client }) => client.closedInfo !== undefined).length;
  const serverTicks = options.httpUrl === undefined ? undefined : await fetchServerTicks(options.httpUrl);
  recorder?.end();
  isEnding = true;
  for (const { client } of careers) client.leave("the bots are done");
  await Promise.all(careers.map(({ client }) => client.closed));
  await untilToldGoodbye(careers);
  return {
    connected: playing.length,
    failed: options.count - playing.length,
    disconnected,
    snapshotsPerSecondPerBot: snapshotRate(playing),
    server: serverTicks === undefined ? undefined : { tickMs: serverTicks },
    errors,
  };
}

function snapshotRate(careers: readonly Career[]): number {
  let snapshots = 0;
  let seconds = 0;
  for (const { client, playedMs } of careers) {
    // The first one starts the watch.
    snapshots += client.stats.stateTicks - 1;
    seconds += playedMs / 1000;
  }
  return seconds === 0 ? 0 : snapshots / seconds;
}

async function untilAllDecided(careers: readonly Career[], signal: AbortSignal | undefined): Promise<void> {
  const isOpen = ({ client, playingSinceMs }: Career): boolean =>
    playingSinceMs === undefined && client.closedInfo === undefined;
  while (careers.some(isOpen) && signal?.aborted !== true) await pause(JOIN_INTERVAL_MS, signal);
}

async function untilOver(playing: readonly Career[], options: BotsOptions): Promise<void> {
  const everyoneGone = Promise.all(playing.map(({ client }) => client.closed));
  const waits: Promise<unknown>[] = [
    everyoneGone,
    pause(options.seconds === undefined ? undefined : options.seconds * 1000, options.signal),
  ];
  await Promise.race(waits);
}

async function untilToldGoodbye(careers: readonly Career[]): Promise<void> {
  while (careers.some(({ client }) => client.isTurning)) await pause(JOIN_INTERVAL_MS, undefined);
}

/** Waits, for ever without a time; an abort ends it early. */
function pause(ms: number | undefined, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const timer = setTimeout(done, ms ?? 0x7fff_ffff);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
