/**
 * The door `tickwire/testing`: a whole server, its players and a bad network in one process, in virtual time,
 * from one seed. The same seed plays the same game, packet for packet.
 */
import type { ClientCrypto, GameClientOptions } from "../client/client-types.ts";
import { GameClient } from "../client/game-client.ts";
import { randomThink } from "../client/random-think.ts";
import { definitionDigest } from "./definition-digest.ts";
import { hashSnapshot } from "./game/replication/snapshot.ts";
import type { Bot } from "./game/schema/define-bot.ts";
import type { RoomRules } from "./game/schema/define-room.ts";
import type { Shape } from "./game/schema/shape.ts";
import type { World } from "./game/schema/world-types.ts";
import { SeededRandom } from "./net/bytes/seeded-random.ts";
import type { ConnectToken } from "./net/crypto/connect-token.ts";
import { loadSodium } from "./net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "./net/crypto/token-issuer.ts";
import type { TokenRequest } from "./net/crypto/token-request.ts";
import type { DatagramSocket } from "./net/ports/datagram-socket.ts";
import { Outbox } from "./net/ports/outbox.ts";
import type { PeerAddress } from "./net/ports/peer-address.ts";
import type { LinkConditions } from "./runtime-adapters/link-conditions.ts";
import { MemoryNetwork } from "./runtime-adapters/memory-socket.ts";
import { GameServer } from "./server.ts";
import type { GameServerHooks, NetOptions } from "./server-parts.ts";
import { Freezer } from "./testing-freezer.ts";

export { defineScenario, type Scenario as LoadScenario } from "../client/load/scenario.ts";
export type { LinkConditions } from "./runtime-adapters/link-conditions.ts";

const sodium = await loadSodium();
const SERVER: PeerAddress = { host: "127.0.0.1", port: 7777 };
/** The wall clock of simulations: it passes like their time, from a day that never changes. */
const UNIX_START_MS = 1_800_000_000_000;
/** Newcomers knock at odd moments, so that no two clients' ticks fall together. */
const JOIN_WITHIN_MS = 500;
const CONNECT_TIMEOUT_MS = 10_000;

export interface SimulationOptions<S extends Shape> {
  /** Decides all chance: the game's, the network's and the bots'. */
  readonly seed: number;
  /** Conditions both ways; what is left out is none. Latency is one way. */
  readonly link?: Partial<LinkConditions>;
  /** What is different on the ways from the server to its players. */
  readonly linkDown?: Partial<LinkConditions>;
  /** What plays the players. Default: random input. */
  readonly bot?: Bot<S>;
  /** How many rooms run the game, named "1", "2" and so on. Default 1. */
  readonly rooms?: number;
  /** In each room. */
  readonly maxPlayers?: number;
  /** What the players' clients are told, as `connect` would be. */
  readonly client?: Pick<GameClientOptions, "inputDelayTicks" | "reconnectMs" | "onValueWarning"> & {
    /** Join anew when the connection is lost, as `connect` does. Default false. */
    readonly rejoin?: boolean;
  };
  readonly hooks?: GameServerHooks;
  readonly net?: NetOptions;
}

export interface Scenario<S extends Shape> extends SimulationOptions<S> {
  readonly players: number;
  /** Of virtual time, from the first knock. */
  readonly seconds: number;
  /** Runs at each tick of each client, after its bot: for what the bot does not do. */
  readonly play?: (me: GameClient<S>, tick: number) => void;
}

export interface Outcome<S extends Shape> {
  /** The server's state at the end: that of the first room, where there are several. */
  readonly world: World<S>;
  readonly clients: readonly GameClient<S>[];
  readonly server: GameServer<S>;
  /** Of the server's state at the end, 16 digits for each room: equal for equal seeds, on every runtime. */
  readonly hash: string;
}

/** Plays a scenario to its end and returns what is left. */
export function simulate<S extends Shape>(room: RoomRules<S>, scenario: Scenario<NoInfer<S>>): Outcome<S> {
  const simulation = new Simulation(room, scenario);
  for (let i = 0; i < scenario.players; i += 1) simulation.join(scenario.play);
  simulation.run(scenario.seconds);
  const { server, clients } = simulation;
  const hash = server.rooms.map((each) => hashSnapshot(server.snapshot(each))).join("");
  return { world: server.room.world, clients, server, hash };
}

/** The same, step by step: for tests that change the link or the players on the way. */
export class Simulation<S extends Shape> {
  readonly network: MemoryNetwork;
  readonly clients: GameClient<S>[] = [];
  readonly #room: RoomRules<S>;
  readonly #options: SimulationOptions<S>;
  readonly #chance: SeededRandom;
  readonly #crypto: ClientCrypto;
  readonly #outbox = new Outbox();
  readonly #turning = new Map<GameClient<S>, DatagramSocket>();
  readonly #addresses = new Map<GameClient<S>, PeerAddress>();
  #server: GameServer<S>;
  #socket: DatagramSocket;
  #restarts = 0;
  #nextRoom: RoomRules<S>;
  /** When the next server starts, Infinity while there is one. */
  #restartAtMs = Number.POSITIVE_INFINITY;
  readonly #freezer = new Freezer();
  readonly #joining: { readonly client: GameClient<S>; readonly atMs: number }[] = [];

  constructor(room: RoomRules<S>, options: SimulationOptions<NoInfer<S>>) {
    this.#room = room;
    this.#nextRoom = room;
    this.#options = options;
    this.#chance = new SeededRandom(options.seed);
    this.#crypto = { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, room.game) };
    this.network = new MemoryNetwork({ seed: options.seed, ...(options.link && { link: options.link }) });
    [this.#server, this.#socket] = this.#startServer(room);
  }

  /** The one that runs, or ran last. */
  get server(): GameServer<S> {
    return this.#server;
  }

  /**
   * The server's program dies without a word, and `seconds` later another stands in its place that knows nothing of it:
   * `server` is that one from then on. `room`: what it runs, if that is another version.
   */
  restart(seconds: number, room: RoomRules<S> = this.#room): void {
    this.#nextRoom = room;
    void this.#socket.close();
    this.#freezer.forget(this.#server);
    this.#restartAtMs = this.nowMs + seconds * 1000;
  }

  #startServer(room: RoomRules<S>): [GameServer<S>, DatagramSocket] {
    const options = this.#options;
    const server: GameServer<S> = new GameServer(room, {
      ...options.hooks,
      clock: { nowMs: () => this.network.nowMs },
      random: (into) => this.#chance.fill(into),
      sodium,
      definition: definitionDigest(sodium, room.game),
      unixMs: () => UNIX_START_MS + this.network.nowMs,
      ...(options.net !== undefined && { net: options.net }),
      seed: (options.seed + this.#restarts) >>> 0,
      ...(options.rooms !== undefined && { rooms: options.rooms }),
      ...(options.maxPlayers !== undefined && { maxPlayers: options.maxPlayers }),
    });
    const events = {
      onDatagram: (bytes: Uint8Array, from: PeerAddress) => this.#take(server, bytes, from),
      onError: () => {},
    };
    const socket = this.network.open(SERVER, events);
    server.attach(socket);
    return [server, socket];
  }

  get nowMs(): number {
    return this.network.nowMs;
  }

  /** A player who knocks within the next moments. `claims`: what its token says, of rooms for one. */
  join(play?: (me: GameClient<S>, tick: number) => void, claims: TokenRequest = {}): GameClient<S> {
    const number = this.clients.length + 1;
    const chance = new SeededRandom(this.#options.seed * 0x1_0000 + number);
    const { rejoin, ...clientOptions } = this.#options.client ?? {};
    const random = (into: Uint8Array): void => chance.fill(into);
    const issue = (): ConnectToken => {
      return issueToken(sodium, random, DEVELOPMENT_KEY, claims, UNIX_START_MS + this.nowMs);
    };
    const client = new GameClient(this.#room.game, {
      server: SERVER,
      random,
      crypto: this.#crypto,
      token: issue(),
      spectate: claims.spectate ?? false,
      ...(rejoin === true && { renewToken: (take) => take(issue()) }),
      name: `player ${number}`,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      ...clientOptions,
    });
    const think = this.#options.bot?.think ?? randomThink(this.#room.game);
    const roll = (): number => chance.next();
    client.onTick = (tick) => {
      client.setInput(think(client, roll));
      play?.(client, tick);
    };
    this.clients.push(client);
    this.#joining.push({ client, atMs: this.nowMs + this.#chance.next() * JOIN_WITHIN_MS });
    return client;
  }

  /**
   * A NAT on the client's way has forgotten it, or it is on another network now: the server sees it at `to` from now
   * on, and it cannot be reached where it was.
   */
  move(client: GameClient<S>, to: PeerAddress): void {
    const from = this.#addresses.get(client);
    if (from === undefined) throw new RangeError("The client has not begun to knock yet.");
    this.network.rebind(from, to);
    this.#addresses.set(client, to);
  }

  /** The client's program, or the server's, does nothing for so long: a level loads, a debugger stops it. */
  freeze(who: GameClient<S> | GameServer<S>, seconds: number): void {
    this.#freezer.freeze(who, this.nowMs + seconds * 1000);
  }

  /** Lets so much virtual time pass. */
  run(seconds: number): void {
    const endMs = this.nowMs + seconds * 1000;
    for (;;) {
      const dueMs = this.#nextDueMs();
      if (dueMs > endMs) break;
      // Never back: who is overdue is turned now.
      this.network.advanceTo(Math.max(dueMs, this.nowMs));
      this.#freezer.thaw(this.nowMs, this.#take);
      this.#turnAllDue();
    }
    this.network.advanceTo(endMs);
  }

  get #isServerAwake(): boolean {
    const isDown = this.#restartAtMs !== Number.POSITIVE_INFINITY;
    return !isDown && !this.#server.isOver && !this.#freezer.has(this.#server);
  }

  #nextDueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    if (this.#isServerAwake) dueMs = this.#server.nextDueMs;
    dueMs = Math.min(dueMs, this.#restartAtMs, this.#freezer.dueMs);
    for (const { atMs } of this.#joining) dueMs = Math.min(dueMs, atMs);
    for (const client of this.#turning.keys()) {
      if (!this.#freezer.has(client)) dueMs = Math.min(dueMs, client.nextDueMs);
    }
    return dueMs;
  }

  readonly #take = (who: object, bytes: Uint8Array, from: PeerAddress): void => {
    if (this.#freezer.keeps(who, bytes, from)) return;
    if (who === this.#server) this.#server.onDatagram(bytes, from);
    else if (!(who instanceof GameServer)) (who as GameClient<S>).receive(bytes, from, this.nowMs);
  };

  #turnAllDue(): void {
    const { nowMs } = this;
    for (let i = this.#joining.length - 1; i >= 0; i -= 1) {
      const { client, atMs } = this.#joining[i]!;
      if (atMs > nowMs) continue;
      this.#joining.splice(i, 1);
      this.#start(client);
    }
    if (this.#restartAtMs <= nowMs) {
      this.#restartAtMs = Number.POSITIVE_INFINITY;
      this.#restarts += 1;
      [this.#server, this.#socket] = this.#startServer(this.#nextRoom);
    }
    if (this.#isServerAwake && this.#server.nextDueMs <= nowMs) this.#server.turn();
    for (const [client, socket] of this.#turning) {
      if (this.#freezer.has(client)) continue;
      if (client.nextDueMs <= nowMs) {
        client.turn(nowMs, this.#outbox);
        socket.sendMany(this.#outbox);
        this.#outbox.clear();
      }
      if (!client.isTurning) {
        this.#turning.delete(client);
        void socket.close();
      }
    }
  }

  #start(client: GameClient<S>): void {
    const socket = this.network.open(
      { host: "127.0.0.1", port: 0 },
      {
        onDatagram: (bytes, from) => this.#take(client, bytes, from),
        onError: () => {},
      },
    );
    const { linkDown } = this.#options;
    if (linkDown !== undefined) this.network.setLink(SERVER, socket.address, linkDown);
    this.#turning.set(client, socket);
    this.#addresses.set(client, socket.address);
    client.start(this.nowMs);
  }
}
