import { SeededRandom } from "../net/bytes/seeded-random.ts";
import {
  type DatagramBind,
  type DatagramEvents,
  type DatagramSocket,
  type OpenDatagramSocket,
  SocketError,
} from "../net/ports/datagram-socket.ts";
import type { Outbox } from "../net/ports/outbox.ts";
import { formatAddress, type PeerAddress } from "../net/ports/peer-address.ts";
import { Bottleneck, type WatchQueue } from "./bottleneck.ts";
import { type Delivery, DeliveryHeap, newDelivery } from "./delivery-heap.ts";
import { type LinkConditions, PERFECT_LINK } from "./link-conditions.ts";
import { LinkWay, type WayCopy, type WayCounters } from "./link-way.ts";
import { isWildcard, linkKey, loopbackOf, type Route } from "./memory-route.ts";
import { checkBind } from "./socket-errors.ts";

const FIRST_FREE_PORT = 49_152;

export interface MemoryNetworkOptions {
  readonly seed: number;
  /** Of every link that `setLink` says nothing else of. */
  readonly link?: Partial<LinkConditions>;
}

/**
 * A network inside the process, in virtual time: nothing moves until `advanceTo`, and the same seed and the
 * same calls give the same network again. Sockets bound to `0.0.0.0` or `::` send from the loopback address.
 *
 * Every datagram is accounted for: sent + duplicated = delivered + lost + queueDropped + unreachable + underWay.
 */
export class MemoryNetwork implements WayCounters {
  nowMs = 0;
  sent = 0;
  delivered = 0;
  lost = 0;
  duplicated = 0;
  /** Those that took a detour; they count as delivered too when they arrive. */
  reordered = 0;
  /** Those that got a byte changed; they count as delivered too when they arrive. */
  corrupted = 0;
  /** Those that found a bottleneck's buffer full. */
  queueDropped = 0;
  /** Those that found no socket at their address when they arrived. */
  unreachable = 0;

  watchQueue: WatchQueue | undefined;

  readonly openSocket: OpenDatagramSocket = async (bind, events) => this.open(bind, events);

  readonly #random: SeededRandom;
  readonly #underWay = new DeliveryHeap();
  readonly #pool: Delivery[] = [];
  /** By port, then by host: a port has one or two sockets, and wildcards are found at once. */
  readonly #sockets = new Map<number, Map<string, MemorySocket>>();
  readonly #overrides = new Map<string, Partial<LinkConditions>>();
  readonly #routes = new Map<string, Route>();
  readonly #bottlenecks = new Map<string, Bottleneck>();
  #link: LinkConditions;
  #order = 0;
  #nextPort = FIRST_FREE_PORT;

  constructor(options: MemoryNetworkOptions) {
    this.#random = new SeededRandom(options.seed);
    this.#link = { ...PERFECT_LINK, ...options.link };
  }

  /** How many datagrams have left and not arrived. */
  get underWay(): number {
    return this.#underWay.size;
  }

  open(bind: DatagramBind, events: DatagramEvents): DatagramSocket {
    checkBind(bind);
    const port = bind.port === 0 ? this.#freePort() : bind.port;
    const atPort = this.#sockets.get(port) ?? new Map<string, MemorySocket>();
    const isTaken = isWildcard(bind.host) ? atPort.size > 0 : findSocket(atPort, bind.host) !== undefined;
    if (isTaken) throw new SocketError("address-in-use", `UDP port ${formatAddress(bind)} is already in use`);
    const socket = new MemorySocket(this, { host: bind.host, port }, events);
    this.#sockets.set(port, atPort.set(bind.host, socket));
    return socket;
  }

  /** Changes the conditions of all links without their own, from the next datagram on. */
  setAllLinks(conditions: Partial<LinkConditions>): void {
    this.#link = { ...this.#link, ...conditions };
    for (const [key, route] of this.#routes) this.#setConditions(route, key);
  }

  /** Gives the way from `from` to `to` conditions of its own; the way back keeps its own. */
  setLink(from: PeerAddress, to: PeerAddress, conditions: Partial<LinkConditions>): void {
    const key = linkKey(loopbackOf(from), loopbackOf(to));
    this.#overrides.set(key, { ...this.#overrides.get(key), ...conditions });
    const route = this.#routes.get(key);
    if (route !== undefined) this.#setConditions(route, key);
  }

  /**
   * Acts as a NAT that has forgotten: what the socket at `from` sends appears to come from `to` from now on, and
   * nothing reaches it at `from` any more. The socket itself notices nothing.
   */
  rebind(from: PeerAddress, to: PeerAddress): void {
    const socket = findSocket(this.#sockets.get(from.port) ?? new Map(), from.host);
    if (socket === undefined) throw new RangeError(`No socket is at ${formatAddress(from)}`);
    const atPort = this.#sockets.get(to.port) ?? new Map<string, MemorySocket>();
    if (findSocket(atPort, to.host) !== undefined) throw new RangeError(`${formatAddress(to)} is taken`);
    this.release(socket.seenAs);
    socket.move(to);
    this.#sockets.set(to.port, atPort.set(to.host, socket));
  }

  /** When the next datagram arrives, or Infinity with nothing under way. */
  nextDueMs(): number {
    return this.#underWay.peek()?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Delivers everything due up to `nowMs` in order of time, answers sent meanwhile included. */
  advanceTo(nowMs: number): void {
    if (!(nowMs >= this.nowMs)) throw new RangeError(`Time cannot go from ${this.nowMs} to ${nowMs} ms`);
    while (this.nextDueMs() <= nowMs) {
      const delivery = this.#underWay.pop()!;
      this.nowMs = delivery.dueMs;
      this.#deliver(delivery);
      this.#pool.push(delivery);
    }
    this.nowMs = nowMs;
  }

  /** The way from `from` to `to`: for sockets, which keep it. */
  routeOf(from: PeerAddress, to: PeerAddress): Route {
    const key = linkKey(from, to);
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = { to: loopbackOf(to), way: new LinkWay(this.#random, this) };
      this.#setConditions(route, key);
      this.#routes.set(key, route);
    }
    return route;
  }

  /** Puts a copy of `bytes` on its way: for sockets. */
  carry(bytes: Uint8Array, length: number, from: PeerAddress, route: Route): void {
    this.sent += 1;
    const { to, way } = route;
    const copies = way.send(length, this.nowMs);
    if (way.waitedMs !== undefined) this.watchQueue?.(to, length, way.waitedMs);
    for (let i = 0; i < copies; i += 1) this.#enqueue(bytes, length, from, to, way.copies[i]!);
  }

  /** Frees an address: for sockets. */
  release(address: PeerAddress): void {
    this.#sockets.get(address.port)?.delete(address.host);
  }

  #enqueue(bytes: Uint8Array, length: number, from: PeerAddress, to: PeerAddress, how: WayCopy): void {
    const delivery = this.#pool.pop() ?? newDelivery(from, to);
    if (delivery.bytes.length < length) delivery.bytes = new Uint8Array(length);
    copy(bytes, length, delivery.bytes);
    if (how.damagedAt >= 0) delivery.bytes[how.damagedAt]! ^= how.damagedBits;
    delivery.dueMs = how.dueMs;
    delivery.order = this.#order;
    delivery.length = length;
    delivery.from = from;
    delivery.to = to;
    this.#order += 1;
    this.#underWay.push(delivery);
  }

  #deliver(delivery: Delivery): void {
    const atPort = this.#sockets.get(delivery.to.port);
    const socket = atPort === undefined ? undefined : findSocket(atPort, delivery.to.host);
    if (socket === undefined) {
      this.unreachable += 1;
      return;
    }
    this.delivered += 1;
    socket.receive(delivery.bytes.subarray(0, delivery.length), delivery.from);
  }

  #setConditions(route: Route, key: string): void {
    const { way } = route;
    const former = way.conditions.bottleneck;
    way.conditions = { ...this.#link, ...this.#overrides.get(key) };
    const name = way.conditions.bottleneck;
    if (name === former) return;
    way.bottleneck = this.#bottlenecks.get(name) ?? new Bottleneck();
    if (name !== "") this.#bottlenecks.set(name, way.bottleneck);
  }

  #freePort(): number {
    while ((this.#sockets.get(this.#nextPort)?.size ?? 0) > 0) this.#nextPort += 1;
    if (this.#nextPort > 65_535) throw new SocketError("address-in-use", "No UDP port is free");
    this.#nextPort += 1;
    return this.#nextPort - 1;
  }
}

class MemorySocket implements DatagramSocket {
  readonly address: PeerAddress;
  readonly receiveBufferBytes = undefined;
  readonly #network: MemoryNetwork;
  readonly #events: DatagramEvents;
  /** Where the network finds it: as bound, until a rebinding. */
  seenAs: PeerAddress;
  /** What peers see: never a wildcard. */
  #source: PeerAddress;
  readonly #routes = new Map<string, Map<number, Route>>();
  #isClosed = false;

  constructor(network: MemoryNetwork, address: PeerAddress, events: DatagramEvents) {
    this.address = address;
    this.seenAs = address;
    this.#network = network;
    this.#events = events;
    this.#source = loopbackOf(address);
  }

  sendMany(outbox: Outbox): number {
    if (this.#isClosed) return 0;
    for (let i = 0; i < outbox.length; i += 1) {
      const route = this.#routeTo(outbox.addressOf(i));
      this.#network.carry(outbox.bytesOf(i), outbox.lengthOf(i), this.#source, route);
    }
    return outbox.length;
  }

  receive(bytes: Uint8Array, from: PeerAddress): void {
    this.#events.onDatagram(bytes, from);
  }

  close(): Promise<void> {
    if (!this.#isClosed) this.#network.release(this.seenAs);
    this.#isClosed = true;
    return Promise.resolve();
  }

  move(to: PeerAddress): void {
    this.seenAs = to;
    this.#source = to;
    this.#routes.clear();
  }

  #routeTo(to: PeerAddress): Route {
    let ports = this.#routes.get(to.host);
    if (ports === undefined) {
      ports = new Map();
      this.#routes.set(to.host, ports);
    }
    let route = ports.get(to.port);
    if (route === undefined) {
      route = this.#network.routeOf(this.#source, loopbackOf(to));
      ports.set(to.port, route);
    }
    return route;
  }
}

function copy(from: Uint8Array, length: number, into: Uint8Array): void {
  if (length > 64) into.set(from.length === length ? from : from.subarray(0, length));
  else for (let i = 0; i < length; i += 1) into[i] = from[i]!;
}

function findSocket(atPort: Map<string, MemorySocket>, host: string): MemorySocket | undefined {
  return atPort.get(host) ?? atPort.get("0.0.0.0") ?? atPort.get("::");
}
