/** The door `tickwire/server`: runs a room on this machine, on the runtime it finds itself in. */
import { BotCrew } from "../client/bot-crew.ts";
import { ClientDriver } from "../client/client-driver.ts";
import { definitionDigest } from "./definition-digest.ts";
import type { Bot } from "./game/schema/define-bot.ts";
import type { RoomRules } from "./game/schema/define-room.ts";
import type { LinkQuality } from "./game/schema/link-quality.ts";
import type { Shape } from "./game/schema/shape.ts";
import { LOOPBACK_RATES } from "./net/congestion/rate-limits.ts";
import { loadSodium } from "./net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "./net/crypto/token-issuer.ts";
import type { TokenRequest } from "./net/crypto/token-request.ts";
import type { DatagramSocket } from "./net/ports/datagram-socket.ts";
import { formatAddress, isLoopback, type PeerAddress } from "./net/ports/peer-address.ts";
import { MonotonicClock } from "./runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "./runtime-adapters/open-socket.ts";
import { PreciseTicker } from "./runtime-adapters/precise-ticker.ts";
import { systemRandom } from "./runtime-adapters/system-random.ts";
import { TimerTicker } from "./runtime-adapters/timer-ticker.ts";
import { unixMs } from "./runtime-adapters/wall-clock.ts";
import { GameServer } from "./server.ts";
import type { GameServerHooks, NetOptions } from "./server-parts.ts";

export { DEFAULT_RATES, LOOPBACK_RATES } from "./net/congestion/rate-limits.ts";
export { DEFAULT_PEER_LIMITS } from "./net/connection/peer-budget.ts";
export { DEFAULT_HANDSHAKE_LIMITS } from "./net/connection/server-handshake.ts";
export type { GameServerHooks, PlayerInfo } from "./server-parts.ts";

export interface ServeOptions<S extends Shape = Shape> extends GameServerHooks {
  /** IP literal. Default 127.0.0.1; other than loopback only with backend keys. */
  readonly host?: string;
  /** UDP port, 0 for any. Default 7777. */
  readonly port?: number;
  /** How many rooms run the game, named "1", "2" and so on; they share nothing but the port. Default 1. */
  readonly rooms?: number;
  /** In each room. Default: what the room says. */
  readonly maxPlayers?: number;
  /** Of the game's and the bots' chance. Default: a new one each time. */
  readonly seed?: number;
  /** How many bots play in this process. Default 0. */
  readonly bots?: number;
  /** What plays them. Default: random input. */
  readonly bot?: Bot<S> | undefined;
  /** Keys, audience and limits of connections. */
  readonly net?: NetOptions;
  /** Serve on any address though nobody vouches for who joins. */
  readonly insecureDev?: boolean;
  /** How long `close` may take to tell everyone. Default 3. */
  readonly drainSeconds?: number;
}

export type CounterGroup = "net" | "room" | "values" | "socket";

export interface ServerStats {
  readonly rooms: number;
  /** Everyone in all rooms, bots too. */
  readonly players: number;
  /** Of the players, those that are bots of this process. */
  readonly bots: number;
  /** Who looks on, and is no player. */
  readonly spectators: number;
  /** Of the players, those whose connection has fallen silent. */
  readonly dropped: number;
  /** How often ticks were dropped because the process could not keep up. */
  readonly overruns: number;
  /** UDP payload from and to the players. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** Enough for a tick's inputs of a few thousand players; the kernel may grant less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const clock = new MonotonicClock();
const BOT_CONNECT_TIMEOUT_MS = 10_000;

/**
 * Serves a room, or several that run the same game, until `close`.
 *
 * @throws Error with one sentence when `rooms` or the host is not lawful or the port cannot be had.
 */
export async function serve<S extends Shape>(
  rules: RoomRules<S>,
  options: ServeOptions<NoInfer<S>> = {},
): Promise<Server<S>> {
  const { host = "127.0.0.1", onValueWarning } = options;
  checkExposure(host, options);
  const seed = options.seed ?? randomSeed();
  // Clients learn the one, and must not work out the other; but who fixes the seed wants the same game again.
  const stepSeed = options.seed ?? randomSeed();
  const sodium = await loadSodium();
  const definition = definitionDigest(sodium, rules.game);
  const net = { loopbackRates: options.net?.rates ?? LOOPBACK_RATES, ...options.net };
  const backendKey = net.backendKeys?.[0] ?? DEVELOPMENT_KEY;
  const game = new GameServer(rules, {
    ...options,
    clock,
    random: systemRandom,
    sodium,
    definition,
    unixMs,
    net,
    seed,
    stepSeed,
  });
  const bind = { host, port: options.port ?? 7777, receiveBufferBytes: RECEIVE_BUFFER_BYTES };
  const socket = await openDatagramSocket(bind, game);
  const server = new Server(game, socket, seed, options.drainSeconds ?? 3);
  const crew = new BotCrew(rules.game, options.bot, {
    server: addressFromHere(socket.address),
    crypto: { sodium, cipher: sodium.packetCipher(), definition },
    token: () => issueToken(sodium, systemRandom, backendKey, botClaims(net.audience), unixMs()),
    plaintext: net.plaintext ?? false,
    random: systemRandom,
    seed,
    connectTimeoutMs: BOT_CONNECT_TIMEOUT_MS,
    ...(onValueWarning !== undefined && { onValueWarning: (warning) => onValueWarning(warning, undefined) }),
  });
  await server.addBots(crew, options.bots ?? 0);
  return server;
}

/** Rooms that are being served. */
export class Server<S extends Shape = Shape> {
  /** `udp://127.0.0.1:7777`, with the real port. */
  readonly url: string;
  /** Of the game's chance: serve with the same seed for the same chance. */
  readonly seed: number;
  /** What the kernel granted, or undefined where the runtime cannot tell. */
  readonly receiveBufferBytes: number | undefined;
  /** Settles once everyone was told and the port is free. */
  readonly closed: Promise<void>;
  readonly #game: GameServer<S>;
  readonly #socket: DatagramSocket;
  readonly #drainMs: number;
  readonly #ticker = new PreciseTicker(clock);
  readonly #pacedTicker = new TimerTicker(clock);
  readonly #bots = new Set<object>();
  #settleClosed: () => void = () => {};
  #closeByMs = Number.POSITIVE_INFINITY;

  constructor(game: GameServer<S>, socket: DatagramSocket, seed: number, drainSeconds: number) {
    this.#game = game;
    this.#socket = socket;
    this.#drainMs = drainSeconds * 1000;
    this.seed = seed;
    this.url = `udp://${formatAddress(socket.address)}`;
    this.receiveBufferBytes = socket.receiveBufferBytes;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    game.attach(socket);
    this.#wakeUp();
  }

  get stats(): ServerStats {
    const { rooms, net } = this.#game;
    const { counters } = net;
    return {
      rooms: rooms.length,
      players: rooms.reduce((sum, { playerCount }) => sum + playerCount, 0),
      bots: this.#bots.size,
      spectators: rooms.reduce((sum, { onlookers }) => sum + onlookers.count, 0),
      dropped: rooms.reduce((sum, { droppedCount }) => sum + droppedCount, 0),
      overruns: this.#game.overruns,
      bytesUp: counters.bytesReceived,
      bytesDown: counters.bytesSent,
    };
  }

  /** Everything that is counted, refusals included; over all rooms. */
  *counters(): Iterable<readonly [group: CounterGroup, name: string, value: number]> {
    const { net, rooms } = this.#game;
    for (const [name, value] of Object.entries(net.counters)) yield ["net", name, value];
    for (const [name, value] of sums(rooms.map(({ counters }) => counters))) yield ["room", name, value];
    for (const [name, value] of sums(rooms.map((room) => room.valueCounters))) yield ["values", name, value];
    for (const [kind, value] of this.#game.socketErrors) yield ["socket", kind, value];
  }

  /** How it stands with the ways to all players. */
  links(): Iterable<LinkQuality> {
    return this.#game.links();
  }

  /** Tells everyone, and lets go of the port once all were told or the drain time is over. */
  close(detail = "the server is shutting down"): Promise<void> {
    if (this.#closeByMs === Number.POSITIVE_INFINITY) {
      this.#closeByMs = clock.nowMs() + this.#drainMs;
      this.#game.close(detail);
      this.#wakeUp();
    }
    return this.closed;
  }

  async addBots(crew: BotCrew<S>, count: number): Promise<void> {
    const driver = new ClientDriver({
      clock,
      ticker: new TimerTicker(clock),
      openSocket: openDatagramSocket,
    });
    for (let i = 0; i < count; i += 1) {
      const bot = crew.next();
      this.#bots.add(bot);
      void bot.closed.then(() => this.#bots.delete(bot));
      await driver.add(bot, addressFromHere(this.#socket.address));
    }
  }

  readonly #turn = (): void => {
    this.#game.turn();
    if (this.#game.isOver || clock.nowMs() >= this.#closeByMs) {
      this.#ticker.cancel();
      this.#pacedTicker.cancel();
      void this.#socket.close().then(this.#settleClosed);
      return;
    }
    this.#wakeUp();
  };

  #wakeUp(): void {
    this.#ticker.wakeAt(this.#game.nextTickMs, this.#turn);
    const pacedMs = this.#game.nextPacedMs;
    if (pacedMs === Number.POSITIVE_INFINITY) this.#pacedTicker.cancel();
    else this.#pacedTicker.wakeAt(pacedMs, this.#turn);
  }
}

/** Where programs of this machine reach a socket: "all addresses" is none that anything answers from. */
function addressFromHere({ host, port }: PeerAddress): PeerAddress {
  if (host === "0.0.0.0") return { host: "127.0.0.1", port };
  return { host: host === "::" ? "::1" : host, port };
}

/** What must not happen by accident: anyone may join, or everyone may read along. */
function checkExposure(host: string, { net, insecureDev }: Pick<ServeOptions, "net" | "insecureDev">): void {
  if (net?.backendKeys?.length === 0) {
    throw new Error("net.backendKeys holds no key: leave it out for development, or give it one");
  }
  if (isLoopback(host)) return;
  if (net?.plaintext === true) {
    throw new Error(
      `cannot serve on ${host} in plain text: that is for measurements on loopback addresses only`,
    );
  }
  if (net?.backendKeys === undefined && insecureDev !== true) {
    throw new Error(
      `cannot serve on ${host} without a backend key: anyone could join (--insecure-dev allows it)`,
    );
  }
}

/** Name by name, over counters that have the same names. */
function* sums(all: readonly object[]): Iterable<readonly [name: string, sum: number]> {
  const counters = all as readonly Readonly<Record<string, number>>[];
  for (const name of Object.keys(counters[0]!)) {
    yield [name, counters.reduce((sum, each) => sum + each[name]!, 0)];
  }
}

function botClaims(audience: string | undefined): TokenRequest {
  return audience === undefined ? {} : { audience };
}

function randomSeed(): number {
  const bytes = new Uint8Array(4);
  systemRandom(bytes);
  return new DataView(bytes.buffer).getUint32(0);
}
