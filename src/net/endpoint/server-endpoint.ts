/**
 * All peers of one server socket. No I/O: datagrams come in through `receive`, go out through `flush`, and what
 * happened is fetched with `nextEvent`. Nothing is remembered of an address before it has shown a cookie.
 */
import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import type { ChannelConfig, SendResult } from "../channel/channel-kind.ts";
import { Connection } from "../connection/connection.ts";
import { EventQueue, type NetEvent } from "../connection/event-queue.ts";
import { type Refusal, ServerHandshake } from "../connection/server-handshake.ts";
import type { Sodium } from "../crypto/sodium.ts";
import type { Outbox } from "../ports/outbox.ts";
import { type PeerAddress, sameAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { CLIENT_HEADER_BYTES, readU16, readU32 } from "../wire/data-packet.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import type { Connect } from "../wire/handshake-packets.ts";
import { MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "../wire/limits.ts";
import { type NetCounters, newNetCounters } from "../wire/net-counters.ts";
import { PacketType } from "../wire/packet-type.ts";

/** An accepted client that says nothing gives its place back. */
const ACCEPTED_TIMEOUT_MS = 5_000;

export interface ServerEndpointOptions {
  readonly sodium: Sodium;
  readonly random: RandomBytes;
  readonly channels: readonly ChannelConfig[];
  /** Of the game this server runs. */
  readonly gameName: string;
  readonly definitionHash: Uint8Array;
  readonly tickRate: number;
  readonly maxConnections: number;
  /** Silence after which a connection ends. */
  readonly timeoutMs: number;
}

/** A living connection and what repeats its ACCEPT. */
interface Peer {
  readonly connection: Connection;
  readonly accept: Uint8Array;
  readonly clientRandom: string;
}

export class ServerEndpoint {
  readonly counters: NetCounters = newNetCounters();
  /** Newest tick that ran, told to those who join. */
  tick = 0;
  readonly #options: ServerEndpointOptions;
  readonly #events = new EventQueue<Connection>();
  readonly #handshake: ServerHandshake;
  readonly #peers = new Map<number, Peer>();
  readonly #peersByRandom = new Map<string, Peer>();
  #refusing: Refusal | undefined;

  constructor(options: ServerEndpointOptions) {
    this.#options = options;
    this.#handshake = new ServerHandshake(options.sodium, options.random, this.counters);
  }

  /** Connections that live or are being closed. */
  get connectionCount(): number {
    return this.#peers.size;
  }

  *connections(): Iterable<Connection> {
    for (const { connection } of this.#peers.values()) yield connection;
  }

  /** From now on newcomers are denied for this reason. Those inside stay. */
  refuseNewcomers(reason: DisconnectReason, detail: string): void {
    this.#refusing = { reason, detail };
  }

  send(connection: Connection, channel: number, payload: Uint8Array): SendResult {
    return connection.send(channel, payload);
  }

  /** Takes one datagram. Drain `nextEvent` before the next one: events point into `bytes`. */
  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    const { counters } = this;
    counters.datagramsReceived += 1;
    counters.bytesReceived += bytes.length;
    if (bytes.length > MAX_DATAGRAM_BYTES) {
      counters.refusedOversized += 1;
      return;
    }
    switch (bytes[0]) {
      case PacketType.Data:
        this.#receiveData(bytes, from, nowMs);
        break;
      case PacketType.Hello:
        this.#handshake.receiveHello(bytes, from, nowMs);
        break;
      case PacketType.Connect:
        this.#receiveConnect(bytes, from, nowMs);
        break;
      case undefined:
        counters.refusedTruncated += 1;
        break;
      default:
        counters.refusedType += 1;
    }
  }

  #receiveData(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    if (bytes.length <= CLIENT_HEADER_BYTES) {
      this.counters.refusedTruncated += 1;
      return;
    }
    const peer = this.#peers.get(readU32(bytes, 1));
    if (peer === undefined) {
      this.counters.refusedConnection += 1;
      return;
    }
    if (!sameAddress(peer.connection.address, from)) {
      this.counters.refusedAddress += 1;
      return;
    }
    peer.connection.receive(bytes, CLIENT_HEADER_BYTES, readU16(bytes, 5), nowMs);
  }

  #receiveConnect(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    const connect = this.#handshake.receiveConnect(bytes, from, nowMs);
    if (connect === undefined) return;
    // The same question again: its answer was lost. It gets the same bytes and no second place.
    const known = this.#peersByRandom.get(randomKey(connect.clientRandom));
    if (known !== undefined) {
      this.#handshake.acceptAgain(known.accept, from);
      return;
    }
    const refusal = this.#refusal(connect);
    if (refusal === undefined) this.#accept(connect, from, nowMs);
    else this.#handshake.deny(connect, refusal, from);
  }

  #refusal(connect: Connect): Refusal | undefined {
    const { definitionHash, gameName, maxConnections, sodium } = this.#options;
    if (connect.version < MIN_PROTOCOL_VERSION || connect.version > MAX_PROTOCOL_VERSION) {
      const detail = `the server speaks protocol ${MIN_PROTOCOL_VERSION} to ${MAX_PROTOCOL_VERSION}, the client chose ${connect.version}`;
      return { reason: "version-mismatch", detail };
    }
    if (!sodium.equal(connect.definitionHash, definitionHash)) {
      const detail = `the server runs another definition of its game, "${gameName.slice(0, 40)}"`;
      return { reason: "definition-mismatch", detail };
    }
    if (this.#refusing !== undefined) return this.#refusing;
    if (this.#peers.size >= maxConnections) {
      return { reason: "full", detail: `all ${maxConnections} places are taken` };
    }
    return undefined;
  }

  #accept(connect: Connect, from: PeerAddress, nowMs: number): void {
    const { channels, random, tickRate, timeoutMs } = this.#options;
    const connection = new Connection({
      side: "server",
      address: from,
      channels,
      counters: this.counters,
      events: this.#events,
      tickMs: 1000 / tickRate,
      timeoutMs: ACCEPTED_TIMEOUT_MS,
    });
    connection.id = this.#freeId(random);
    connection.name = connect.name;
    connection.become("accepted", nowMs);
    const { clientRandom } = connect;
    const answer = { clientRandom, connectionId: connection.id, tickRate, serverTick: this.tick, timeoutMs };
    const accept = this.#handshake.accept(answer, from);
    const peer: Peer = { connection, accept, clientRandom: randomKey(clientRandom) };
    this.#peers.set(connection.id, peer);
    this.#peersByRandom.set(peer.clientRandom, peer);
  }

  #freeId(random: RandomBytes): number {
    const bytes = new Uint8Array(4);
    for (;;) {
      random(bytes);
      const id = readU32(bytes, 0);
      if (id !== 0 && !this.#peers.has(id)) return id;
    }
  }

  /** Timers. Call once per turn, before `flush`. */
  update(nowMs: number): void {
    for (const { connection } of this.#peers.values()) connection.update(nowMs);
  }

  /** What happened since. See `NetEvent` for how long an event lives. */
  nextEvent(): NetEvent<Connection> | undefined {
    const event = this.#events.take();
    if (event?.kind === "connected") event.connection.timeoutMs = this.#options.timeoutMs;
    return event;
  }

  /** Writes everything due into the outbox. */
  flush(nowMs: number, outbox: Outbox): void {
    this.#handshake.flush(outbox);
    for (const peer of this.#peers.values()) {
      peer.connection.flush(nowMs, outbox);
      if (peer.connection.state === "closed") {
        this.#peers.delete(peer.connection.id);
        this.#peersByRandom.delete(peer.clientRandom);
      }
    }
  }
}

function randomKey(clientRandom: Uint8Array): string {
  let key = "";
  for (const byte of clientRandom) key += String.fromCharCode(byte);
  return key;
}
