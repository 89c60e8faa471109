import { LightBot } from "../../client/load/light-bot.ts";
import { definitionDigest } from "../../src/definition-digest.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { LOOPBACK_RATES } from "../../src/net/congestion/rate-limits.ts";
import { loadSodium } from "../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../src/net/crypto/token-issuer.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import { VirtualClock } from "../../src/runtime-adapters/virtual-clock.ts";
import { GameServer } from "../../src/server.ts";
import { type CrowdShape, crowd, crowdBot, crowdRoom } from "./crowd-game.ts";

const sodium = await loadSodium();
const SERVER: PeerAddress = { host: "127.0.0.1", port: 7777 };
const UNIX_MS = 1_800_000_000_000;
const TICK_MS = 1000 / 30;
/** Knocks per tick while the room fills. */
const JOINS_AT_ONCE = 20;
const HANDSHAKE_LIMIT = 100_000;

type Player = LightBot<(typeof crowd)["~shape"]>;

interface Wired {
  readonly client: Player;
  readonly address: PeerAddress;
}

/** Microseconds of this thread: on a shared machine the clock on the wall measures the others. */
function cpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/**
 * A server and its players in one process, in virtual time, with no kernel between them: what our own code costs. The
 * server's work and its players' are measured apart; a round trip takes half a tick.
 */
export class VirtualCrowd {
  readonly server: GameServer<(typeof crowd)["~shape"]>;
  /** Of the server: microseconds of taking datagrams and of turns. */
  receiveUs = 0;
  turnUs = 0;
  /** Of all players: of taking datagrams and of turns. */
  playersUs = 0;
  updates = 0;
  bytesDown = 0;
  readonly #clock = new VirtualClock();
  readonly #clients: Wired[] = [];
  readonly #byPort = new Map<number, Wired>();
  readonly #down: { readonly bytes: Uint8Array; readonly port: number }[] = [];
  readonly #up: { readonly bytes: Uint8Array; readonly from: PeerAddress }[] = [];
  readonly #outbox = new Outbox();
  readonly #shape: CrowdShape;
  readonly #crypto = {
    sodium,
    cipher: sodium.packetCipher(),
    definition: definitionDigest(sodium, crowd),
  };

  constructor(shape: CrowdShape) {
    this.#shape = shape;
    const chance = new SeededRandom(1);
    this.server = new GameServer(crowdRoom(shape) as never, {
      clock: this.#clock,
      random: (into) => chance.fill(into),
      sodium,
      definition: this.#crypto.definition,
      unixMs: () => UNIX_MS + this.#clock.nowMs(),
      seed: 1,
      rooms: shape.rooms,
      net: {
        loopbackRates: LOOPBACK_RATES,
        handshakeLimits: {
          perAddressPerSecond: HANDSHAKE_LIMIT,
          perAddressAtOnce: HANDSHAKE_LIMIT,
          perSecond: HANDSHAKE_LIMIT,
          atOnce: HANDSHAKE_LIMIT,
        },
      },
      onGameError(error) {
        throw error;
      },
    });
    this.server.attach({
      address: SERVER,
      receiveBufferBytes: undefined,
      sendMany: (outbox) => this.#takeDown(outbox),
      close: () => Promise.resolve(),
    });
  }

  /** Lets all players in, and so many ticks pass. */
  fill(settleTicks: number): void {
    const all = this.#shape.rooms * this.#shape.players;
    while (this.#clients.length < all) {
      for (let i = 0; i < JOINS_AT_ONCE && this.#clients.length < all; i += 1) this.#join();
      this.tick();
    }
    for (let i = 0; i < settleTicks; i += 1) this.tick();
    const inside = this.#clients.filter(({ client }) => client.isPlaying).length;
    if (inside < all) throw new Error(`Of ${all} players ${inside} got in.`);
  }

  begin(): void {
    this.receiveUs = this.turnUs = this.playersUs = this.updates = this.bytesDown = 0;
  }

  tick(): void {
    const startMs = this.#clock.nowMs();
    const dueMs = this.server.nextTickMs;
    this.#clock.advanceTo(Math.max(startMs, dueMs));
    let start = cpuUs();
    this.server.turn();
    this.turnUs += cpuUs() - start;
    const nowMs = this.#clock.nowMs() + TICK_MS / 4;
    const told = this.#down.splice(0);
    start = cpuUs();
    this.#play(told, nowMs);
    this.playersUs += cpuUs() - start;
    this.#clock.advanceTo(nowMs + TICK_MS / 4);
    const arrived = this.#up.splice(0);
    start = cpuUs();
    for (const { bytes, from } of arrived) this.server.onDatagram(bytes, from);
    this.receiveUs += cpuUs() - start;
  }

  /** As `CrowdDriver` does: who is due plays at once when it has received, the others after that. */
  #play(told: readonly { readonly bytes: Uint8Array; readonly port: number }[], nowMs: number): void {
    for (const { bytes, port } of told) {
      const wired = this.#byPort.get(port)!;
      wired.client.receive(bytes, SERVER, nowMs);
      this.#turn(wired, nowMs);
    }
    for (const wired of this.#clients) this.#turn(wired, nowMs);
  }

  #turn({ client, address }: Wired, nowMs: number): void {
    if (client.nextDueMs > nowMs) return;
    client.turn(nowMs, this.#outbox);
    this.#takeUp(address);
  }

  #join(): void {
    const number = this.#clients.length;
    const chance = new SeededRandom(0x1_0000 + number);
    const random = (into: Uint8Array): void => chance.fill(into);
    const client = new LightBot(crowd, {
      ...{ server: SERVER, crypto: this.#crypto, random, ...crowdBot(() => chance.next()) },
      token: issueToken(sodium, random, DEVELOPMENT_KEY, {}, UNIX_MS + this.#clock.nowMs()),
    });
    client.watch.isOpen = true;
    const address = { host: "127.0.0.1", port: 1024 + number };
    const wired = { client, address };
    this.#clients.push(wired);
    this.#byPort.set(address.port, wired);
    client.start(this.#clock.nowMs());
  }

  #takeDown(outbox: Outbox): number {
    for (let i = 0; i < outbox.length; i += 1) {
      const length = outbox.lengthOf(i);
      this.bytesDown += length;
      this.updates += 1;
      this.#down.push({ bytes: outbox.bytesOf(i).slice(0, length), port: outbox.addressOf(i).port });
    }
    return outbox.length;
  }

  #takeUp(from: PeerAddress): void {
    for (let i = 0; i < this.#outbox.length; i += 1) {
      this.#up.push({ bytes: this.#outbox.bytesOf(i).slice(0, this.#outbox.lengthOf(i)), from });
    }
    this.#outbox.clear();
  }
}
