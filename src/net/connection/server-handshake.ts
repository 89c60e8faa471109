/**
 * The server's half of the handshake: answers HELLO with a COOKIE, checks CONNECT, and holds the answers until
 * the next flush. Cheapest check first:
 *
 *   HELLO      size → magic → budgets → body
 *   CONNECT    size → body → cookie → its age → budgets → token → expiry → audience → proof
 *
 * A CONNECT is answered only behind a good cookie, so only there it costs budget: else a flood of noise, which is
 * cheaper to send than HELLOs, would use up what newcomers need. RESETs have a budget of their own for the same
 * reason. Nothing is remembered of an address before its cookie came back, and no answer is larger than its question.
 */
import { cutText } from "../bytes/cut-text.ts";
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { MsgpackWriter, utf8Length } from "../bytes/msgpack-writer.ts";
import { connectProof, denyKey } from "../crypto/connect-proof.ts";
import {
  type BackendKey,
  EXPIRY_SKEW_S,
  openConnectToken,
  type TokenClaims,
} from "../crypto/connect-token.ts";
import { CookieJar } from "../crypto/cookie-jar.ts";
import type { PacketCipher, PacketKey } from "../crypto/packet-cipher.ts";
import type { Sodium } from "../crypto/sodium.ts";
import { Outbox } from "../ports/outbox.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { readU32 } from "../wire/data-packet.ts";
import { type DefinitionDigest, partHashes } from "../wire/definition-digest.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import {
  ACCEPT_HEADER_BYTES,
  type Accept,
  type Connect,
  DENY_HEADER_BYTES,
  HELLO_BODY_AT,
  hasHelloMagic,
  readConnect,
  readHello,
  TOKEN_ADVICE,
  type TokenAdvice,
  writeAcceptBody,
  writeCookie,
  writeDenyBody,
} from "../wire/handshake-packets.ts";
import { DENY_NONCE_BYTES, HELLO_BYTES, MAX_DETAIL_BYTES, PROOF_BYTES, TAG_BYTES } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import { PacketType } from "../wire/packet-type.ts";
import { AnswerBudget, type HandshakeLimits } from "./answer-budget.ts";

/** Answers in one turn: the rest is refused as busy, and the client asks again. */
const MAX_ANSWERS_PER_TURN = 1_024;
/** No RESETs beyond this many answers in a turn: the rest are for those who want in. */
const MAX_RESETS_UP_TO = 256;

export const DEFAULT_HANDSHAKE_LIMITS: HandshakeLimits = {
  perAddressPerSecond: 64,
  perAddressAtOnce: 256,
  perSecond: 2_000,
  atOnce: 2_000,
};

export interface ServerHandshakeOptions {
  readonly sodium: Sodium;
  readonly random: RandomBytes;
  /** Wall-clock time, which tokens expire by; milliseconds since 1970. */
  readonly unixMs: () => number;
  readonly backendKeys: readonly BackendKey[];
  readonly audience: string;
  readonly definition: DefinitionDigest;
  readonly versions: { readonly min: number; readonly max: number };
  readonly limits: HandshakeLimits;
}

/** Why someone may not come in. */
export interface Refusal {
  readonly reason: DisconnectReason;
  readonly detail: string;
}

/** A CONNECT from a proven address whose sender owns a good token. */
export interface Admission {
  readonly connect: Connect;
  readonly claims: TokenClaims;
  /** A copy of the packet as it came. */
  readonly packet: Uint8Array;
  readonly from: PeerAddress;
}

export class ServerHandshake {
  readonly #options: ServerHandshakeOptions;
  readonly #counters: NetCounters;
  readonly #cipher: PacketCipher;
  readonly #cookies: CookieJar;
  readonly #budget: AnswerBudget;
  readonly #resetBudget: AnswerBudget;
  readonly #answers = new Outbox();
  readonly #reader = new MsgpackReader();
  readonly #writer = new MsgpackWriter();

  constructor(options: ServerHandshakeOptions, cipher: PacketCipher, counters: NetCounters) {
    this.#options = options;
    this.#counters = counters;
    this.#cipher = cipher;
    this.#cookies = new CookieJar(options.sodium, options.random);
    const secret = new Uint8Array(4);
    options.random(secret);
    this.#budget = new AnswerBudget(options.limits, readU32(secret, 0));
    this.#resetBudget = new AnswerBudget(options.limits, ~readU32(secret, 0));
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
    if (!this.#mayAnswer(from, nowMs)) return;
    const hello = readHello(this.#reader.reset(bytes, HELLO_BODY_AT));
    if (hello === undefined) {
      counters.refusedMalformed += 1;
      return;
    }
    counters.accepted += 1;
    // Any version is answered: the client names the difference to its user.
    const issuedAtMs = Math.floor(nowMs);
    const cookie = this.#cookies.issue(hello, from, issuedAtMs);
    this.#writeCookie(this.#open(), hello.clientRandom, issuedAtMs, cookie);
    this.#answers.commit(this.#writer.at, from);
  }

  /** A CONNECT that deserves to be let in or denied, or undefined. */
  receiveConnect(bytes: Uint8Array, from: PeerAddress, nowMs: number): Admission | undefined {
    const { sodium, backendKeys } = this.#options;
    const counters = this.#counters;
    if (bytes.length <= 1 + PROOF_BYTES) {
      counters.refusedTruncated += 1;
      return undefined;
    }
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
    if (!this.#mayAnswer(from, nowMs)) return undefined;
    const claims = openConnectToken(sodium, backendKeys, connect.token);
    const fault = typeof claims === "string" ? claims : this.#faultOf(claims, bytes);
    if (fault !== undefined || typeof claims === "string") {
      this.advise(connect, fault ?? "malformed", from);
      return undefined;
    }
    return { connect, claims, packet: bytes.slice(), from };
  }

  #faultOf(claims: TokenClaims, packet: Uint8Array): TokenAdvice | undefined {
    const { sodium, unixMs, audience } = this.#options;
    if (claims.expiresAtS + EXPIRY_SKEW_S < unixMs() / 1000) return "expired";
    if (claims.audience !== audience) return "audience";
    const proof = connectProof(sodium, claims.tokenKey, packet.subarray(0, packet.length - PROOF_BYTES));
    return sodium.equal(proof, packet.subarray(packet.length - PROOF_BYTES)) ? undefined : "proof";
  }

  /** The token is no good, or the owner cannot be believed: counted, with a hint that nobody has to trust. */
  advise(connect: Connect, advice: TokenAdvice, to: PeerAddress): void {
    this.#counters.refusedToken += 1;
    const writer = this.#open();
    writer.byte(PacketType.Advise);
    writer.raw(connect.clientRandom);
    writer.byte(TOKEN_ADVICE.indexOf(advice));
    this.#answers.commit(writer.at, to);
  }

  /** Answers ACCEPT, sealed as packet 0, and returns its bytes for the same question asked again. */
  accept(accept: Accept, serverKey: Uint8Array, key: PacketKey, to: PeerAddress): Uint8Array {
    const writer = this.#open();
    writer.byte(PacketType.Accept);
    writer.raw(serverKey);
    writeAcceptBody(writer, accept);
    this.#counters.accepted += 1;
    const length = this.#cipher.seal(writer.bytes, ACCEPT_HEADER_BYTES, writer.at, key, 0);
    const bytes = writer.bytes.slice(0, length);
    this.#answers.commit(length, to);
    return bytes;
  }

  acceptAgain(accept: Uint8Array, to: PeerAddress): void {
    this.#counters.accepted += 1;
    this.#answers.open().set(accept);
    this.#answers.commit(accept.length, to);
  }

  /** Answers DENY, sealed for the owner of the token, and never larger than the CONNECT. */
  deny({ connect, claims, packet, from }: Admission, refusal: Refusal): void {
    const { sodium, random, definition } = this.#options;
    this.#counters.accepted += 1;
    this.#counters.connectionsDenied += 1;
    const nonce = new Uint8Array(DENY_NONCE_BYTES);
    random(nonce);
    const writer = this.#open();
    writer.byte(PacketType.Deny);
    writer.raw(connect.clientRandom);
    writer.raw(nonce);
    const { reason } = refusal;
    // What fits beside the rest (array, reason, headers of text, count and hashes: 11 bytes at most).
    const fits = packet.length - DENY_HEADER_BYTES - TAG_BYTES - 11;
    const detail = cutText(refusal.detail, Math.min(MAX_DETAIL_BYTES, fits));
    const room = fits - utf8Length(detail);
    const differs = reason === "definition-mismatch" && room > 0;
    writeDenyBody(writer, {
      reason,
      detail,
      partCount: differs ? definition.parts.length : 0,
      partHashes: partHashes(definition, differs ? room : 0),
    });
    const key = { key: denyKey(sodium, claims.tokenKey), iv: nonce };
    this.#answers.commit(this.#cipher.seal(writer.bytes, DENY_HEADER_BYTES, writer.at, key, 0), from);
  }

  /** Tells the sender of a packet that its connection is not known here, if that is worth an answer. */
  reset(resetToken: Uint8Array, to: PeerAddress, nowMs: number): boolean {
    if (this.#answers.length >= MAX_RESETS_UP_TO || !this.#resetBudget.take(to, nowMs)) return false;
    const writer = this.#open();
    writer.byte(PacketType.Reset);
    writer.raw(resetToken);
    this.#answers.commit(writer.at, to);
    return true;
  }

  /** The COOKIE that a CONNECT answers, byte for byte: part of the transcript. */
  cookiePacket({ clientRandom, issuedAtMs, cookie }: Connect): Uint8Array {
    const writer = new MsgpackWriter().reset(new Uint8Array(64));
    this.#writeCookie(writer, clientRandom, issuedAtMs, cookie);
    return writer.bytes.slice(0, writer.at);
  }

  #writeCookie(
    writer: MsgpackWriter,
    clientRandom: Uint8Array,
    issuedAtMs: number,
    cookie: Uint8Array,
  ): void {
    const { min, max } = this.#options.versions;
    writeCookie(writer, { clientRandom, minVersion: min, maxVersion: max, issuedAtMs, cookie });
  }

  /** Writes the answers into the outbox. */
  flush(outbox: Outbox): void {
    for (let i = 0; i < this.#answers.length; i += 1) {
      const length = this.#answers.lengthOf(i);
      outbox.open().set(this.#answers.bytesOf(i));
      outbox.commit(length, this.#answers.addressOf(i));
      this.#counters.datagramsSent += 1;
      this.#counters.bytesSent += length;
    }
    this.#answers.clear();
  }

  #mayAnswer(from: PeerAddress, nowMs: number): boolean {
    const reason = this.#whySilent(from, nowMs);
    if (reason !== undefined) this.#counters[reason] += 1;
    return reason === undefined;
  }

  #whySilent(from: PeerAddress, nowMs: number): "refusedBusy" | "refusedBudget" | undefined {
    if (this.#answers.length >= MAX_ANSWERS_PER_TURN) return "refusedBusy";
    return this.#budget.take(from, nowMs) ? undefined : "refusedBudget";
  }

  #open(): MsgpackWriter {
    return this.#writer.reset(this.#answers.open());
  }
}
