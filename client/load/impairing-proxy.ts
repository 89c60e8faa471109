import { MAX_DATAGRAM_BYTES } from "../../src/net/bytes/datagram-limit.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import type { Clock } from "../../src/net/ports/clock.ts";
import type {
  DatagramBind,
  DatagramSocket,
  OpenDatagramSocket,
} from "../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import { type PeerAddress, sameAddress } from "../../src/net/ports/peer-address.ts";
import type { Ticker } from "../../src/net/ports/ticker.ts";
import type { Bottleneck } from "../../src/runtime-adapters/bottleneck.ts";
import { DeliveryHeap } from "../../src/runtime-adapters/delivery-heap.ts";
import type { LinkConditions } from "../../src/runtime-adapters/link-conditions.ts";
import { LinkWay, type WayCopy } from "../../src/runtime-adapters/link-way.ts";
import { ClientDirectory } from "./client-directory.ts";
import { Lateness } from "./lateness.ts";
import type { LinkPlan } from "./link-profiles.ts";
import { type Forwarding, newForwarding, ProxiedClient } from "./proxied-client.ts";
import {
  countArrival,
  type DirectionCounters,
  newDirectionCounters,
  type ProxyCounters,
  takeBack,
} from "./proxy-counters.ts";

export interface ImpairingProxyOptions {
  /** The server. */
  readonly target: PeerAddress;
  readonly plan: LinkPlan;
  readonly seed: number;
  readonly clock: Clock;
  /** For real sockets an `alertTicker`: delays are as good as it is. */
  readonly ticker: Ticker;
  readonly openSocket: OpenDatagramSocket;
  /** Where clients send to. Default: any port of the loopback address. */
  readonly bind?: DatagramBind;
  /** More are not let through. Default 10,000. */
  readonly maxClients?: number;
}

const MAX_CLIENTS = 10_000;
/** 160 MB at most: a second of delay for 2,000 clients at 30 Hz both ways. */
const MAX_UNDER_WAY = 131_072;
const FORGET_AFTER_MS = 60_000;
const FORGET_EVERY_MS = 1_000;
/** So often the proxy looks at its clock, with datagrams or without: a stall shows even when nothing was due. */
const BEAT_MS = 20;
/** Then those that have arrived are read. Deno sends so many in order, and a few more. */
const MAX_SENDS_PER_TURN = 100;
/** A socket towards the server opens within a turn or two of the loop; what is due before waits so long at a time. */
const OPENING_MS = 0.5;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * A bad network between clients and a server, over real sockets: clients send to `address`, and the server sees each of
 * them as an address of its own. Each client has a link of its own, whose ways treat datagrams as `plan` says.
 *
 * The seed decides all chance. What becomes of the n-th datagram of the n-th client does not depend on how fast the
 * machine is, as long as nothing in the plan is a matter of time, as bursts and bandwidth are.
 */
export class ImpairingProxy {
  readonly #options: ImpairingProxyOptions;
  readonly #random: SeededRandom;
  readonly #clients = new ClientDirectory();
  readonly #bottlenecks = new Map<string, Bottleneck>();
  readonly #underWay = new DeliveryHeap<Forwarding>();
  readonly #pool: Forwarding[] = [];
  readonly #up = newDirectionCounters();
  readonly #down = newDirectionCounters();
  readonly #lateness = new Lateness();
  readonly #outbox = new Outbox();
  #front!: DatagramSocket;
  /** Where the outbox goes, and which way that is. */
  #outlet: DatagramSocket | undefined;
  #outletIsUp = false;
  #order = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #beatMs = 0;
  #forgetMs = 0;
  #isClosed = false;

  private constructor(options: ImpairingProxyOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
  }

  /** @throws SocketError when the address cannot be bound. */
  static async open(options: ImpairingProxyOptions): Promise<ImpairingProxy> {
    const proxy = new ImpairingProxy(options);
    const anyPort = { host: options.target.host.includes(":") ? "::1" : "127.0.0.1", port: 0 };
    const bind = { receiveBufferBytes: RECEIVE_BUFFER_BYTES, ...(options.bind ?? anyPort) };
    proxy.#front = await options.openSocket(bind, {
      onDatagram: (bytes, from) => proxy.#fromClient(bytes, from),
      onError: (_kind, _detail, datagrams) => takeBack(proxy.#down, datagrams),
    });
    proxy.#beatMs = options.clock.nowMs() + BEAT_MS;
    proxy.#wakeUp();
    return proxy;
  }

  /** Where clients send to. */
  get address(): PeerAddress {
    return this.#front.address;
  }

  /** So far. */
  get counters(): ProxyCounters {
    return {
      up: { ...this.#up },
      down: { ...this.#down },
      clients: this.#clients.count,
      underWay: this.#underWay.size,
      lateMs: this.#lateness.read(),
    };
  }

  /** Leaves out how late the proxy was so far: for the end of a warm-up. */
  forgetLateness(): void {
    this.#lateness.clear();
  }

  /** What is under way goes nowhere. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.ticker.cancel();
    const sockets = [this.#front, ...this.#clients.all().map(({ socket }) => socket)];
    await Promise.all(sockets.map((socket) => socket?.close()));
  }

  // ── Arrivals ─────────────────────────────────────────────────────────────────────────────────────────────────

  #fromClient(bytes: Uint8Array, from: PeerAddress): void {
    const nowMs = this.#options.clock.nowMs();
    const client = this.#clients.find(from) ?? this.#welcome(from, nowMs);
    countArrival(this.#up, bytes);
    if (client === undefined) this.#up.refused += 1;
    else this.#take(bytes, client, true, nowMs);
  }

  #fromServer(bytes: Uint8Array, from: PeerAddress, client: ProxiedClient): void {
    // Anyone may send to any socket; only the server is on the other end of the link.
    if (client.state !== "open" || !sameAddress(from, this.#options.target)) return;
    countArrival(this.#down, bytes);
    this.#take(bytes, client, false, this.#options.clock.nowMs());
  }

  #take(bytes: Uint8Array, client: ProxiedClient, isUp: boolean, nowMs: number): void {
    client.lastHeardMs = nowMs;
    const { length } = bytes;
    if (length > MAX_DATAGRAM_BYTES) {
      (isUp ? this.#up : this.#down).refused += 1;
      return;
    }
    const way = isUp ? client.up : client.down;
    const copies = way.send(length, nowMs);
    for (let i = 0; i < copies; i += 1) this.#enqueue(bytes, client, isUp, way.copies[i]!);
    // Whatever is due leaves now that the loop is here: who arrives often has others leave on time.
    if (this.#wakeMs <= nowMs) this.#turn();
    else if (copies > 0) this.#wakeUp();
  }

  #enqueue(bytes: Uint8Array, client: ProxiedClient, isUp: boolean, how: WayCopy): void {
    if (this.#underWay.size >= MAX_UNDER_WAY) {
      (isUp ? this.#up : this.#down).refused += 1;
      return;
    }
    const one = this.#pool.pop() ?? newForwarding(client);
    one.bytes.set(bytes);
    if (how.damagedAt >= 0) one.bytes[how.damagedAt]! ^= how.damagedBits;
    one.length = bytes.length;
    one.client = client;
    one.isUp = isUp;
    one.dueMs = how.dueMs;
    one.order = this.#order;
    this.#order += 1;
    this.#underWay.push(one);
  }

  // ── Departures ───────────────────────────────────────────────────────────────────────────────────────────────

  #wakeUp(): void {
    const dueMs = Math.min(this.#underWay.peek()?.dueMs ?? Number.POSITIVE_INFINITY, this.#beatMs);
    if (dueMs >= this.#wakeMs || this.#isClosed) return;
    this.#wakeMs = dueMs;
    this.#options.ticker.wakeAt(dueMs, this.#turn);
  }

  readonly #turn = (): void => {
    if (this.#isClosed) return;
    this.#wakeMs = Number.POSITIVE_INFINITY;
    const { clock } = this.#options;
    for (let sends = 0; sends < MAX_SENDS_PER_TURN; sends += 1) {
      const nowMs = clock.nowMs();
      if ((this.#underWay.peek()?.dueMs ?? Number.POSITIVE_INFINITY) > nowMs) break;
      this.#depart(this.#underWay.pop()!, nowMs);
    }
    this.#flush();
    const nowMs = clock.nowMs();
    if (this.#beatMs <= nowMs) {
      this.#lateness.add(nowMs - this.#beatMs);
      this.#beatMs = nowMs + BEAT_MS;
      if (this.#forgetMs <= nowMs) this.#forgetSilent(nowMs);
    }
    this.#wakeUp();
  };

  #depart(one: Forwarding, nowMs: number): void {
    const { client, isUp } = one;
    if (client.state === "opening") {
      one.dueMs = nowMs + OPENING_MS;
      this.#underWay.push(one);
      return;
    }
    this.#pool.push(one);
    if (client.state === "gone") {
      (isUp ? this.#up : this.#down).refused += 1;
      return;
    }
    const outlet = isUp ? client.socket! : this.#front;
    if (outlet !== this.#outlet) this.#flush();
    this.#outlet = outlet;
    this.#outletIsUp = isUp;
    this.#lateness.add(nowMs - one.dueMs);
    const slot = this.#outbox.open();
    slot.set(one.length === slot.length ? one.bytes : one.bytes.subarray(0, one.length));
    this.#outbox.commit(one.length, isUp ? this.#options.target : client.address);
  }

  #flush(): void {
    const outbox = this.#outbox;
    if (outbox.length === 0) return;
    const counters = this.#outletIsUp ? this.#up : this.#down;
    counters.forwarded += outbox.length;
    for (let i = 0; i < outbox.length; i += 1) counters.forwardedBytes += outbox.lengthOf(i);
    // What is not taken comes back through `onError`.
    this.#outlet!.sendMany(outbox);
    outbox.clear();
  }

  // ── Clients ──────────────────────────────────────────────────────────────────────────────────────────────────

  #welcome(address: PeerAddress, nowMs: number): ProxiedClient | undefined {
    if (this.#clients.count >= (this.#options.maxClients ?? MAX_CLIENTS)) return undefined;
    const { plan } = this.#options;
    const up = this.#newWay(plan.up, this.#up);
    const down = this.#newWay(plan.down, this.#down);
    const client = new ProxiedClient(address, up, down, nowMs);
    this.#clients.add(client);
    void this.#connect(client);
    return client;
  }

  #newWay(conditions: LinkConditions, counters: DirectionCounters): LinkWay {
    const way = new LinkWay(new SeededRandom(this.#random.uint32()), counters);
    way.conditions = conditions;
    const name = conditions.bottleneck;
    if (name === "") return way;
    way.bottleneck = this.#bottlenecks.get(name) ?? way.bottleneck;
    this.#bottlenecks.set(name, way.bottleneck);
    return way;
  }

  async #connect(client: ProxiedClient): Promise<void> {
    const { openSocket, target } = this.#options;
    const bind = { host: target.host.includes(":") ? "::" : "0.0.0.0", port: 0 };
    try {
      client.socket = await openSocket(bind, {
        onDatagram: (bytes, from) => this.#fromServer(bytes, from, client),
        onError: (_kind, _detail, datagrams) => takeBack(this.#up, datagrams),
      });
    } catch {
      // No descriptor is left, most likely: what it sends counts as refused, and its next datagram tries again.
      this.#forget(client);
      return;
    }
    if (this.#isClosed) await client.socket.close();
    else client.state = "open";
  }

  #forgetSilent(nowMs: number): void {
    this.#forgetMs = nowMs + FORGET_EVERY_MS;
    for (const client of this.#clients.all())
      if (nowMs - client.lastHeardMs >= FORGET_AFTER_MS) this.#forget(client);
  }

  #forget(client: ProxiedClient): void {
    this.#clients.remove(client);
    client.state = "gone";
    void client.socket?.close();
  }
}
