/**
 * The server's half of the handshake: answers HELLO with a COOKIE, checks CONNECT, and holds the answers until
 * the next flush. Cheapest check first; nothing is remembered of an address before its cookie came back.
 */
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { CookieJar } from "../crypto/cookie-jar.ts";
import type { Sodium } from "../crypto/sodium.ts";
import { Outbox } from "../ports/outbox.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import {
  type Accept,
  type Connect,
  hasHelloMagic,
  readConnect,
  readHello,
  writeAccept,
  writeCookie,
  writeDeny,
} from "../wire/handshake-packets.ts";
import { HELLO_BYTES, MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";

/** Answers in one turn: the rest is refused as busy, and the client asks again. */
const MAX_ANSWERS_PER_TURN = 1_024;

/** Why someone may not come in. */
export interface Refusal {
  readonly reason: DisconnectReason;
  readonly detail: string;
}

export class ServerHandshake {
  readonly #counters: NetCounters;
  readonly #cookies: CookieJar;
  readonly #answers = new Outbox();
  readonly #reader = new MsgpackReader();
  readonly #writer = new MsgpackWriter();

  constructor(sodium: Sodium, random: RandomBytes, counters: NetCounters) {
    this.#cookies = new CookieJar(sodium, random);
    this.#counters = counters;
  }

  receiveHello(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    const counters = this.#counters;
    if (bytes.length !== HELLO_BYTES) {
      counters.refusedHelloSize += 1;
      return;
    }
    if (!hasHelloMagic(bytes)) {
      counters.refusedMagic += 1;
      return;
    }
    const hello = readHello(this.#reader.reset(bytes, 5));
    if (hello === undefined) {
      counters.refusedMalformed += 1;
      return;
    }
    if (this.#isBusy()) return;
    counters.accepted += 1;
    // Any version is answered: the client names the difference to its user.
    const issuedAtMs = Math.floor(nowMs);
    const cookie = this.#cookies.issue(hello, from, issuedAtMs);
    writeCookie(this.#open(), {
      clientRandom: hello.clientRandom,
      minVersion: MIN_PROTOCOL_VERSION,
      maxVersion: MAX_PROTOCOL_VERSION,
      issuedAtMs,
      cookie,
    });
    this.#answers.commit(this.#writer.at, from);
  }

  /** A CONNECT from a proven address that wants an answer, or undefined. */
  receiveConnect(bytes: Uint8Array, from: PeerAddress, nowMs: number): Connect | undefined {
    const counters = this.#counters;
    const connect = readConnect(this.#reader.reset(bytes, 1));
    if (connect === undefined) {
      counters.refusedMalformed += 1;
      return undefined;
    }
    const verdict = this.#cookies.check(connect, from, connect.issuedAtMs, connect.cookie, nowMs);
    if (verdict !== "good") {
      if (verdict === "expired") counters.refusedCookieExpired += 1;
      else counters.refusedCookie += 1;
      return undefined;
    }
    if (this.#isBusy()) return undefined;
    counters.accepted += 1;
    return connect;
  }

  /** Answers ACCEPT and returns its bytes, for the same question asked again. */
  accept(accept: Accept, to: PeerAddress): Uint8Array {
    writeAccept(this.#open(), accept);
    const bytes = this.#writer.bytes.slice(0, this.#writer.at);
    this.#answers.commit(bytes.length, to);
    return bytes;
  }

  acceptAgain(accept: Uint8Array, to: PeerAddress): void {
    this.#answers.open().set(accept);
    this.#answers.commit(accept.length, to);
  }

  deny(connect: Connect, refusal: Refusal, to: PeerAddress): void {
    this.#counters.connectionsDenied += 1;
    writeDeny(this.#open(), { clientRandom: connect.clientRandom, ...refusal });
    this.#answers.commit(this.#writer.at, to);
  }

  /** Writes the answers into the outbox. */
  flush(outbox: Outbox): void {
    for (let i = 0; i < this.#answers.length; i += 1) {
      const length = this.#answers.lengthOf(i);
      outbox.open().set(this.#answers.bytesOf(i).subarray(0, length));
      outbox.commit(length, this.#answers.addressOf(i));
      this.#counters.datagramsSent += 1;
      this.#counters.bytesSent += length;
    }
    this.#answers.clear();
  }

  #isBusy(): boolean {
    if (this.#answers.length < MAX_ANSWERS_PER_TURN) return false;
    this.#counters.refusedBusy += 1;
    return true;
  }

  #open(): MsgpackWriter {
    return this.#writer.reset(this.#answers.open());
  }
}
