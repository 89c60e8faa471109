/**
 * One client's end: gets through the handshake and then holds the connection. No I/O, like the server's end.
 *
 *   asking       HELLO again every RETRY_MS until a COOKIE comes
 *   connecting   CONNECT again every RETRY_MS; when the cookie grows stale, back to asking
 */
import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import type { ChannelConfig, SendResult } from "../channel/channel-kind.ts";
import type { RateLimits } from "../congestion/rate-limits.ts";
import { type AnswerFault, ClientHandshake } from "../connection/client-handshake.ts";
import { Connection } from "../connection/connection.ts";
import type { ConnectionState } from "../connection/connection-state.ts";
import { EventQueue, type NetEvent } from "../connection/event-queue.ts";
import type { ConnectToken } from "../crypto/connect-token.ts";
import type { PacketCipher } from "../crypto/packet-cipher.ts";
import { DEFAULT_REKEY, PacketSeal, type RekeyRule } from "../crypto/packet-seal.ts";
import type { Sodium } from "../crypto/sodium.ts";
import type { Outbox } from "../ports/outbox.ts";
import { type PeerAddress, sameAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { readU16, SERVER_HEADER_BYTES } from "../wire/data-packet.ts";
import { type DefinitionDigest, namesOfDifference } from "../wire/definition-digest.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import { RESET_BYTES, type TokenAdvice } from "../wire/handshake-packets.ts";
import { MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "../wire/limits.ts";
import { type NetCounters, newNetCounters } from "../wire/net-counters.ts";
import { PacketType } from "../wire/packet-type.ts";

const RETRY_MS = 250;
/** Less than the server lets a cookie live, so that a late CONNECT does not run into its end. */
const COOKIE_USE_MS = 4_000;
/** Until ACCEPT tells the server's own. */
const INITIAL_TIMEOUT_MS = 10_000;
const INITIAL_TICK_MS = 33;

export interface ClientEndpointOptions {
  readonly sodium: Sodium;
  /** Shared by all clients of a process: it keeps nothing from packet to packet. */
  readonly cipher: PacketCipher;
  readonly random: RandomBytes;
  readonly server: PeerAddress;
  readonly channels: readonly ChannelConfig[];
  readonly definition: DefinitionDigest;
  /** Display name, at most `MAX_NAME_BYTES` of UTF-8. */
  readonly name: string;
  readonly token: ConnectToken;
  /** How long to try before giving up. */
  readonly connectTimeoutMs: number;
  /** How long to knock after the server has fallen silent before giving up. Default `RECONNECT_MS`. */
  readonly reconnectMs?: number;
  /** Take a server that does not seal, for measurement. */
  readonly plaintext?: boolean;
  readonly rekey?: RekeyRule;
  readonly rates?: RateLimits;
  /** Where to count on, of a player who was connected before. Default: new ones. */
  readonly counters?: NetCounters;
  /** For tests of other versions. */
  readonly versions?: { readonly min: number; readonly max: number };
}

export class ClientEndpoint {
  readonly counters: NetCounters;
  readonly connection: Connection;
  /** Ticks per second, as the server said; 0 before ACCEPT. */
  tickRate = 0;
  /** Of the chance that both ends draw alike, as the server said. */
  stepSeed = 0;
  readonly #options: ClientEndpointOptions;
  readonly #events = new EventQueue<Connection>();
  readonly #handshake: ClientHandshake;
  readonly #writer = new MsgpackWriter();
  #resetToken: Uint8Array | undefined;
  /** What the server seemed to say of our token, last. */
  #advice: TokenAdvice | undefined;
  #cookieAtMs = 0;
  #startedAtMs = 0;
  #retryAtMs = 0;

  constructor(options: ClientEndpointOptions) {
    this.#options = options;
    this.counters = options.counters ?? newNetCounters();
    const { sodium, cipher, random, name, token, definition } = options;
    const versions = options.versions ?? { min: MIN_PROTOCOL_VERSION, max: MAX_PROTOCOL_VERSION };
    const definitionHash = definition.hash;
    this.#handshake = new ClientHandshake({ sodium, random, name, token, versions, definitionHash }, cipher);
    this.connection = new Connection({
      side: "client",
      address: options.server,
      channels: options.channels,
      counters: this.counters,
      events: this.#events,
      tickMs: INITIAL_TICK_MS,
      timeoutMs: INITIAL_TIMEOUT_MS,
      ...(options.reconnectMs !== undefined && { reconnectMs: options.reconnectMs }),
      rates: options.rates,
    });
  }

  /** Begins to knock; the first HELLO leaves with the next flush. */
  start(nowMs: number): void {
    this.connection.become("asking", nowMs);
    this.#startedAtMs = nowMs;
    this.#retryAtMs = nowMs;
  }

  send(channel: number, payload: Uint8Array, key = 0): SendResult {
    return this.connection.send(channel, payload, key);
  }

  close(reason: DisconnectReason, detail: string, nowMs: number): void {
    this.connection.close(reason, detail, nowMs);
  }

  /** Takes one datagram. Drain `nextEvent` before the next one: events point into memory that is used again. */
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
      case PacketType.DataOdd:
        if (bytes.length <= SERVER_HEADER_BYTES) counters.refusedTruncated += 1;
        else this.connection.receive(bytes, SERVER_HEADER_BYTES, readU16(bytes, 1), nowMs);
        break;
      case PacketType.Cookie:
        if (this.#isExpected("asking")) this.#receiveCookie(bytes, nowMs);
        break;
      case PacketType.Accept:
        if (this.#isExpected("connecting")) this.#receiveAccept(bytes, nowMs);
        break;
      case PacketType.Deny:
        if (this.#isExpected("connecting")) this.#receiveDeny(bytes, nowMs);
        break;
      case PacketType.Advise:
        if (this.#isExpected("connecting")) this.#receiveAdvice(bytes);
        break;
      case PacketType.Reset:
        if (this.#isExpected("connected", "dropped")) this.#receiveReset(bytes, nowMs);
        break;
      case undefined:
        counters.refusedTruncated += 1;
        break;
      default:
        counters.refusedType += 1;
    }
  }

  #isExpected(...states: readonly ConnectionState[]): boolean {
    if (states.includes(this.connection.state)) return true;
    this.counters.refusedState += 1;
    return false;
  }

  /** Counts an answer, and says whether it was taken. */
  #isTaken<T extends object>(answer: T | TokenAdvice | AnswerFault): answer is T {
    if (typeof answer === "string" && answer.startsWith("refused")) {
      this.counters[answer as AnswerFault] += 1;
      return false;
    }
    this.counters.accepted += 1;
    return typeof answer !== "string";
  }

  #receiveCookie(bytes: Uint8Array, nowMs: number): void {
    const cookie = this.#handshake.takeCookie(bytes);
    if (!this.#isTaken(cookie)) return;
    const { minVersion, maxVersion } = this.#handshake.hello;
    if (cookie.minVersion > maxVersion || cookie.maxVersion < minVersion) {
      const detail =
        `the server speaks protocol ${cookie.minVersion} to ${cookie.maxVersion}, ` +
        `this client ${minVersion} to ${maxVersion}`;
      this.connection.life.abort("version-mismatch", detail, "peer", nowMs);
      return;
    }
    this.#cookieAtMs = nowMs;
    this.#retryAtMs = nowMs;
    this.connection.become("connecting", nowMs);
  }

  #receiveAccept(bytes: Uint8Array, nowMs: number): void {
    const answer = this.#handshake.takeAccept(bytes);
    if (!this.#isTaken(answer)) return;
    const { accept, keys } = answer;
    const { sodium, cipher, plaintext, rekey } = this.#options;
    if (!accept.isSealed && plaintext !== true) {
      this.connection.life.abort("protocol-error", "the server does not seal its packets", "peer", nowMs);
      return;
    }
    const seal = new PacketSeal(sodium, cipher, keys.toServer, keys.toClient, rekey ?? DEFAULT_REKEY);
    this.connection.sealWith(accept.isSealed ? seal : undefined);
    this.connection.id = accept.connectionId;
    this.connection.life.timeoutMs = accept.timeoutMs;
    this.connection.tick = accept.serverTick;
    this.connection.tickAtMs = nowMs;
    this.tickRate = accept.tickRate;
    this.stepSeed = accept.stepSeed;
    this.#resetToken = accept.resetToken;
    this.connection.become("connected", nowMs);
  }

  #receiveDeny(bytes: Uint8Array, nowMs: number): void {
    const deny = this.#handshake.takeDeny(bytes);
    if (!this.#isTaken(deny)) return;
    const differing =
      deny.reason === "definition-mismatch"
        ? namesOfDifference(this.#options.definition, deny.partHashes, deny.partCount)
        : "";
    const detail = differing === "" ? deny.detail : `${deny.detail}; what differs: ${differing}`;
    this.connection.life.abort(deny.reason, detail, "peer", nowMs);
  }

  #receiveAdvice(bytes: Uint8Array): void {
    const advice = this.#handshake.takeAdvice(bytes);
    this.#isTaken(advice as TokenAdvice | AnswerFault);
    if (!advice.startsWith("refused")) this.#advice = advice as TokenAdvice;
  }

  #receiveReset(bytes: Uint8Array, nowMs: number): void {
    const token = this.#resetToken;
    if (
      bytes.length !== RESET_BYTES ||
      token === undefined ||
      !this.#options.sodium.equal(token, bytes.subarray(1))
    ) {
      this.counters.refusedReset += 1;
      return;
    }
    this.counters.accepted += 1;
    this.connection.life.abort(
      "server-restarted",
      "the server knows nothing of this connection",
      "peer",
      nowMs,
    );
  }

  /** Timers. Call once per turn, before `flush`. */
  update(nowMs: number): void {
    const { connection } = this;
    if (connection.state !== "asking" && connection.state !== "connecting") {
      connection.passTime(nowMs);
      connection.tend(nowMs);
      return;
    }
    if (nowMs - this.#startedAtMs > this.#options.connectTimeoutMs) this.#giveUp(nowMs);
    else if (connection.state === "connecting" && nowMs - this.#cookieAtMs > COOKIE_USE_MS) {
      connection.become("asking", nowMs);
      this.#retryAtMs = nowMs;
    }
  }

  #giveUp(nowMs: number): void {
    if (this.#advice === undefined) {
      this.connection.life.abort("timeout", "the server does not answer", "network", nowMs);
      return;
    }
    const detail = `the server seems to refuse the token: ${this.#advice}`;
    this.connection.life.abort("token-refused", detail, "network", nowMs);
  }

  /** See `NetEvent` for how long an event lives. */
  nextEvent(): NetEvent<Connection> | undefined {
    const event = this.#events.take();
    // What is left to say, a goodbye, is sealed all the same.
    if (event?.kind === "disconnected") this.connection.seal?.end();
    return event;
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
    if (state === "asking") this.#handshake.writeHello(writer);
    else this.#handshake.writeConnect(writer);
    outbox.commit(writer.at, this.#options.server);
    this.counters.datagramsSent += 1;
    this.counters.bytesSent += writer.at;
  }

  /** When to flush again, because something waits that the path has no room for yet; else Infinity. */
  get nextSendMs(): number {
    return this.connection.nextSendMs;
  }
}
