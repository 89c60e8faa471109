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

export { defineScenario, type Scenario as LoadScenario } from "../client/load/scenario.ts";
export type { LinkConditions } from "./runtime-adapters/link-conditions.ts";

const sodium = await loadSodium();
const SERVER: PeerAddress = { host: "127.0.0.1", port: 7777 };
/** The wall clock of simulations: it passes like their time, from a day that never changes. */
const UNIX_START_MS = 1_800_000_000_000;
/** Newcomers knock at odd moments, so that no two clients' ticks fall together. */
const JOIN_WITHIN_MS = 500;
const CONNECT_TIMEOUT_MS = 10_000;
/** What a kernel keeps for a program that does not read. */
const MAX_WAITING_DATAGRAMS = 256;

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
  readonly client?: Pick<GameClientOptions, "inputDelayTicks">;
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

interface Frozen {
  readonly untilMs: number;
  readonly waiting: { readonly bytes: Uint8Array; readonly from: PeerAddress }[];
}

/** The same, step by step: for tests that change the link or the players on the way. */
export class Simulation<S extends Shape> {
  readonly network: MemoryNetwork;
  readonly server: GameServer<S>;
  readonly clients: GameClient<S>[] = [];
  readonly #room: RoomRules<S>;
  readonly #options: SimulationOptions<S>;
  readonly #chance: SeededRandom;
  readonly #crypto: ClientCrypto;
  readonly #outbox = new Outbox();
  readonly #turning = new Map<GameClient<S>, DatagramSocket>();
  readonly #addresses = new Map<GameClient<S>, PeerAddress>();
  /** Until when a program does nothing, and what its socket has received meanwhile. */
  readonly #frozen = new Map<object, Frozen>();
  readonly #joining: { readonly client: GameClient<S>; readonly atMs: number }[] = [];

  constructor(room: RoomRules<S>, options: SimulationOptions<NoInfer<S>>) {
    this.#room = room;
    this.#options = options;
    this.#chance = new SeededRandom(options.seed);
    this.#crypto = { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, room.game) };
    this.network = new MemoryNetwork({ seed: options.seed, ...(options.link && { link: options.link }) });
    this.server = new GameServer(room, {
      ...options.hooks,
      clock: { nowMs: () => this.network.nowMs },
      random: (into) => this.#chance.fill(into),
      sodium,
      definition: this.#crypto.definition,
      unixMs: () => UNIX_START_MS + this.network.nowMs,
      ...(options.net !== undefined && { net: options.net }),
      seed: options.seed,
      ...(options.rooms !== undefined && { rooms: options.rooms }),
      ...(options.maxPlayers !== undefined && { maxPlayers: options.maxPlayers }),
    });
    const events = {
      onDatagram: (bytes: Uint8Array, from: PeerAddress) => {
        if (!this.#isKept(this.server, bytes, from)) this.server.onDatagram(bytes, from);
      },
      onError: () => {},
    };
    this.server.attach(this.network.open(SERVER, events));
  }

  get nowMs(): number {
    return this.network.nowMs;
  }

  /** A player who knocks within the next moments. `claims`: what its token says, of rooms for one. */
  join(play?: (me: GameClient<S>, tick: number) => void, claims: TokenRequest = {}): GameClient<S> {
    const number = this.clients.length + 1;
    const chance = new SeededRandom(this.#options.seed * 0x1_0000 + number);
    const client = new GameClient(this.#room.game, {
      server: SERVER,
      random: (into) => chance.fill(into),
      crypto: this.#crypto,
      token: issueToken(
        sodium,
        (into) => chance.fill(into),
        DEVELOPMENT_KEY,
        claims,
        UNIX_START_MS + this.nowMs,
      ),
      name: `player ${number}`,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      ...this.#options.client,
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
    this.#frozen.set(who, { untilMs: this.nowMs + seconds * 1000, waiting: [] });
  }

  /** Lets so much virtual time pass. */
  run(seconds: number): void {
    const endMs = this.nowMs + seconds * 1000;
    for (;;) {
      const dueMs = this.#nextDueMs();
      if (dueMs > endMs) break;
      // Never back: who is overdue is turned now.
      this.network.advanceTo(Math.max(dueMs, this.nowMs));
      this.#thaw();
      this.#turnAllDue();
    }
    this.network.advanceTo(endMs);
  }

  #nextDueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    if (!this.server.isOver && !this.#frozen.has(this.server)) dueMs = this.server.nextDueMs;
    for (const { atMs } of this.#joining) dueMs = Math.min(dueMs, atMs);
    for (const { untilMs } of this.#frozen.values()) dueMs = Math.min(dueMs, untilMs);
    for (const client of this.#turning.keys()) {
      if (!this.#frozen.has(client)) dueMs = Math.min(dueMs, client.nextDueMs);
    }
    return dueMs;
  }

  /** True when the datagram waits in the socket of a program that does nothing. */
  #isKept(who: object, bytes: Uint8Array, from: PeerAddress): boolean {
    const frozen = this.#frozen.get(who);
    if (frozen === undefined) return false;
    if (frozen.waiting.length < MAX_WAITING_DATAGRAMS) frozen.waiting.push({ bytes: bytes.slice(), from });
    return true;
  }

  /** Whoever was frozen long enough reads what has waited. */
  #thaw(): void {
    for (const [who, { untilMs, waiting }] of this.#frozen) {
      if (untilMs > this.nowMs) continue;
      this.#frozen.delete(who);
      for (const { bytes, from } of waiting) {
        if (who === this.server) this.server.onDatagram(bytes, from);
        else (who as GameClient<S>).receive(bytes, from, this.nowMs);
      }
    }
  }

  #turnAllDue(): void {
    const { nowMs } = this;
    for (let i = this.#joining.length - 1; i >= 0; i -= 1) {
      const { client, atMs } = this.#joining[i]!;
      if (atMs > nowMs) continue;
      this.#joining.splice(i, 1);
      this.#start(client);
    }
    const isServerAwake = !this.server.isOver && !this.#frozen.has(this.server);
    if (isServerAwake && this.server.nextDueMs <= nowMs) this.server.turn();
    for (const [client, socket] of this.#turning) {
      if (this.#frozen.has(client)) continue;
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
        onDatagram: (bytes, from) => {
          if (!this.#isKept(client, bytes, from)) client.receive(bytes, from, this.network.nowMs);
        },
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
