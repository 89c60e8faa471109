/**
 * One client's end: gets through the handshake and then holds the connection. No I/O, like the server's end.
 *
 *   asking       HELLO again every RETRY_MS until a COOKIE comes
 *   connecting   CONNECT again every RETRY_MS; when the cookie grows stale, back to asking
 */
import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import type { ChannelConfig, SendResult } from "../channel/channel-kind.ts";
import { Connection } from "../connection/connection.ts";
import { EventQueue, type NetEvent } from "../connection/event-queue.ts";
import type { Outbox } from "../ports/outbox.ts";
import { type PeerAddress, sameAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { readU16, SERVER_HEADER_BYTES } from "../wire/data-packet.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import {
  type Cookie,
  type Hello,
  readAccept,
  readCookie,
  readDeny,
  writeConnect,
  writeHello,
} from "../wire/handshake-packets.ts";
import { CLIENT_RANDOM_BYTES, MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "../wire/limits.ts";
import { type NetCounters, newNetCounters } from "../wire/net-counters.ts";
import { PacketType } from "../wire/packet-type.ts";

const RETRY_MS = 250;
/** Less than the server lets a cookie live, so that a late CONNECT does not run into its end. */
const COOKIE_USE_MS = 4_000;
/** Until ACCEPT tells the server's own. */
const INITIAL_TIMEOUT_MS = 10_000;
const INITIAL_TICK_MS = 33;

export interface ClientEndpointOptions {
  readonly random: RandomBytes;
  readonly server: PeerAddress;
  readonly channels: readonly ChannelConfig[];
  readonly definitionHash: Uint8Array;
  /** Display name, at most `MAX_NAME_BYTES` of UTF-8. */
  readonly name: string;
  /** How long to try before giving up. */
  readonly connectTimeoutMs: number;
  /** For tests of other versions. */
  readonly versions?: { readonly min: number; readonly max: number };
}

export class ClientEndpoint {
  readonly counters: NetCounters = newNetCounters();
  readonly connection: Connection;
  /** Ticks per second, as the server said; 0 before ACCEPT. */
  tickRate = 0;
  readonly #options: ClientEndpointOptions;
  readonly #events = new EventQueue<Connection>();
  readonly #hello: Hello;
  readonly #reader = new MsgpackReader();
  readonly #writer = new MsgpackWriter();
  #cookie: Cookie | undefined;
  #cookieAtMs = 0;
  #startedAtMs = 0;
  #retryAtMs = 0;

  constructor(options: ClientEndpointOptions) {
    this.#options = options;
    const clientRandom = new Uint8Array(CLIENT_RANDOM_BYTES);
    options.random(clientRandom);
    this.#hello = {
      minVersion: options.versions?.min ?? MIN_PROTOCOL_VERSION,
      maxVersion: options.versions?.max ?? MAX_PROTOCOL_VERSION,
      definitionHash: options.definitionHash,
      clientRandom,
    };
    this.connection = new Connection({
      side: "client",
      address: options.server,
      channels: options.channels,
      counters: this.counters,
      events: this.#events,
      tickMs: INITIAL_TICK_MS,
      timeoutMs: INITIAL_TIMEOUT_MS,
    });
  }

  /** Begins to knock; the first HELLO leaves with the next flush. */
  start(nowMs: number): void {
    this.connection.become("asking", nowMs);
    this.#startedAtMs = nowMs;
    this.#retryAtMs = nowMs;
  }

  send(channel: number, payload: Uint8Array): SendResult {
    return this.connection.send(channel, payload);
  }

  close(reason: DisconnectReason, detail: string, nowMs: number): void {
    this.connection.close(reason, detail, nowMs);
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
    if (!sameAddress(from, this.#options.server)) {
      counters.refusedAddress += 1;
      return;
    }
    switch (bytes[0]) {
      case PacketType.Data:
        if (bytes.length <= SERVER_HEADER_BYTES) counters.refusedTruncated += 1;
        else this.connection.receive(bytes, SERVER_HEADER_BYTES, readU16(bytes, 1), nowMs);
        break;
      case PacketType.Cookie:
        this.#receiveCookie(bytes, nowMs);
        break;
      case PacketType.Accept:
        this.#receiveAccept(bytes, nowMs);
        break;
      case PacketType.Deny:
        this.#receiveDeny(bytes, nowMs);
        break;
      case undefined:
        counters.refusedTruncated += 1;
        break;
      default:
        counters.refusedType += 1;
    }
  }

  #receiveCookie(bytes: Uint8Array, nowMs: number): void {
    const cookie = readCookie(this.#reader.reset(bytes, 1));
    if (!this.#isAnswer(cookie, "asking")) return;
    const { minVersion, maxVersion } = this.#hello;
    if (cookie.minVersion > maxVersion || cookie.maxVersion < minVersion) {
      const detail =
        `the server speaks protocol ${cookie.minVersion} to ${cookie.maxVersion}, ` +
        `this client ${minVersion} to ${maxVersion}`;
      this.connection.abort("version-mismatch", detail, "peer", nowMs);
      return;
    }
    this.#cookie = cookie;
    this.#cookieAtMs = nowMs;
    this.#retryAtMs = nowMs;
    this.connection.become("connecting", nowMs);
  }

  #receiveAccept(bytes: Uint8Array, nowMs: number): void {
    const accept = readAccept(this.#reader.reset(bytes, 1));
    if (!this.#isAnswer(accept, "connecting")) return;
    this.connection.id = accept.connectionId;
    this.connection.timeoutMs = accept.timeoutMs;
    this.connection.tick = accept.serverTick;
    this.connection.tickAtMs = nowMs;
    this.tickRate = accept.tickRate;
    this.connection.become("connected", nowMs);
  }

  #receiveDeny(bytes: Uint8Array, nowMs: number): void {
    const deny = readDeny(this.#reader.reset(bytes, 1));
    if (!this.#isAnswer(deny, "connecting")) return;
    this.connection.abort(deny.reason, deny.detail, "peer", nowMs);
  }

  /** Counts the packet: it decodes, comes in its time, and answers our own question. */
  #isAnswer<P extends { readonly clientRandom: Uint8Array }>(
    packet: P | undefined,
    state: "asking" | "connecting",
  ): packet is P {
    const { counters } = this;
    if (packet === undefined) counters.refusedMalformed += 1;
    else if (this.connection.state !== state) counters.refusedState += 1;
    else if (!sameBytes(packet.clientRandom, this.#hello.clientRandom)) counters.refusedRandom += 1;
    else {
      counters.accepted += 1;
      return true;
    }
    return false;
  }

  /** Timers. Call once per turn, before `flush`. */
  update(nowMs: number): void {
    const { connection } = this;
    if (connection.state !== "asking" && connection.state !== "connecting") {
      connection.update(nowMs);
      return;
    }
    if (nowMs - this.#startedAtMs > this.#options.connectTimeoutMs) {
      connection.abort("timeout", "the server does not answer", "network", nowMs);
    } else if (connection.state === "connecting" && nowMs - this.#cookieAtMs > COOKIE_USE_MS) {
      connection.become("asking", nowMs);
      this.#retryAtMs = nowMs;
    }
  }

  /** See `NetEvent` for how long an event lives. */
  nextEvent(): NetEvent<Connection> | undefined {
    return this.#events.take();
  }

  /** Writes everything due into the outbox. */
  flush(nowMs: number, outbox: Outbox): void {
    const { state } = this.connection;
    if (state !== "asking" && state !== "connecting") {
      this.connection.flush(nowMs, outbox);
      return;
    }
    if (nowMs < this.#retryAtMs) return;
    this.#retryAtMs = nowMs + RETRY_MS;
    const writer = this.#writer.reset(outbox.open());
    if (state === "asking") writeHello(writer, this.#hello);
    else this.#writeConnect(writer);
    outbox.commit(writer.at, this.#options.server);
    this.counters.datagramsSent += 1;
    this.counters.bytesSent += writer.at;
  }

  #writeConnect(writer: MsgpackWriter): void {
    const cookie = this.#cookie!;
    writeConnect(writer, {
      ...this.#hello,
      version: Math.min(cookie.maxVersion, this.#hello.maxVersion),
      issuedAtMs: cookie.issuedAtMs,
      cookie: cookie.cookie,
      name: this.#options.name,
    });
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
