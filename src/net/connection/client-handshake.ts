/**
 * The client's half of the handshake: writes HELLO and CONNECT, and reads what answers them. The keys of this
 * attempt live here; a new attempt is a new object.
 */
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { connectProof, denyKey } from "../crypto/connect-proof.ts";
import type { ConnectToken } from "../crypto/connect-token.ts";
import type { PacketCipher } from "../crypto/packet-cipher.ts";
import { PACKET_IV_BYTES } from "../crypto/packet-cipher.ts";
import { deriveSessionKeys, type SessionKeys } from "../crypto/session-keys.ts";
import type { Sodium } from "../crypto/sodium.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import {
  ACCEPT_HEADER_BYTES,
  type Accept,
  ADVISE_BYTES,
  type Cookie,
  DENY_HEADER_BYTES,
  type Deny,
  type Hello,
  readAcceptBody,
  readCookie,
  readDenyBody,
  TOKEN_ADVICE,
  type TokenAdvice,
  writeConnect,
  writeHello,
} from "../wire/handshake-packets.ts";
import { CLIENT_RANDOM_BYTES, PUBLIC_KEY_BYTES } from "../wire/limits.ts";

export interface ClientHandshakeOptions {
  readonly sodium: Sodium;
  readonly random: RandomBytes;
  readonly definitionHash: Uint8Array;
  readonly name: string;
  readonly token: ConnectToken;
  readonly versions: { readonly min: number; readonly max: number };
}

/** Why an answer was not taken; undefined when it was. */
export type AnswerFault = "refusedMalformed" | "refusedRandom" | "refusedForged";

export class ClientHandshake {
  readonly hello: Hello;
  readonly #options: ClientHandshakeOptions;
  readonly #cipher: PacketCipher;
  readonly #secret = new Uint8Array(32);
  readonly #reader = new MsgpackReader();
  #cookie: Cookie | undefined;
  #cookiePacket = new Uint8Array(0);
  /** The CONNECT as it went out: an answer answers these bytes. */
  #connectPacket = new Uint8Array(0);

  constructor(options: ClientHandshakeOptions, cipher: PacketCipher) {
    this.#options = options;
    this.#cipher = cipher;
    const clientRandom = new Uint8Array(CLIENT_RANDOM_BYTES);
    options.random(clientRandom);
    options.random(this.#secret);
    const { min: minVersion, max: maxVersion } = options.versions;
    const clientKey = options.sodium.publicKey(this.#secret);
    this.hello = { minVersion, maxVersion, definitionHash: options.definitionHash, clientRandom, clientKey };
  }

  writeHello(writer: MsgpackWriter): void {
    writeHello(writer, this.hello);
  }

  /** Takes a COOKIE. The answer is what the server said, or why it was not believed. */
  takeCookie(bytes: Uint8Array): Cookie | AnswerFault {
    const cookie = readCookie(this.#reader.reset(bytes, 1));
    if (cookie === undefined) return "refusedMalformed";
    if (!this.#isOurs(cookie.clientRandom)) return "refusedRandom";
    this.#cookie = cookie;
    this.#cookiePacket = bytes.slice();
    this.#connectPacket = new Uint8Array(0);
    return cookie;
  }

  /** Writes CONNECT: the same bytes for as long as the cookie is the same. */
  writeConnect(writer: MsgpackWriter): void {
    if (this.#connectPacket.length === 0) this.#makeConnect(writer);
    else writer.raw(this.#connectPacket);
  }

  #makeConnect(writer: MsgpackWriter): void {
    const { sodium, name, token, versions } = this.#options;
    const { maxVersion, issuedAtMs, cookie } = this.#cookie!;
    const version = Math.min(maxVersion, versions.max);
    const start = writer.at;
    writeConnect(writer, { ...this.hello, version, issuedAtMs, cookie, name, token: token.sealed });
    writer.raw(connectProof(sodium, token.tokenKey, writer.bytes.subarray(start, writer.at)));
    this.#connectPacket = writer.bytes.slice(start, writer.at);
  }

  takeAccept(bytes: Uint8Array): { readonly accept: Accept; readonly keys: SessionKeys } | AnswerFault {
    const { sodium, token } = this.#options;
    if (bytes.length < ACCEPT_HEADER_BYTES) return "refusedMalformed";
    const serverKey = bytes.slice(1, 1 + PUBLIC_KEY_BYTES);
    const shared = sodium.sharedSecret(this.#secret, serverKey);
    if (shared === undefined) return "refusedForged";
    const packets = [this.#cookiePacket, this.#connectPacket] as const;
    const keys = deriveSessionKeys(sodium, token.tokenKey, shared, ...packets, serverKey);
    const end = this.#cipher.open(bytes, ACCEPT_HEADER_BYTES, keys.toClient, 0);
    if (end < 0) return "refusedForged";
    const accept = readAcceptBody(this.#reader.reset(this.#cipher.opened, ACCEPT_HEADER_BYTES, end));
    return accept === undefined ? "refusedMalformed" : { accept, keys };
  }

  takeDeny(bytes: Uint8Array): Deny | AnswerFault {
    const { sodium, token } = this.#options;
    if (bytes.length < DENY_HEADER_BYTES) return "refusedMalformed";
    if (!this.#isOurs(bytes.subarray(1, 1 + CLIENT_RANDOM_BYTES))) return "refusedRandom";
    const iv = bytes.slice(DENY_HEADER_BYTES - PACKET_IV_BYTES, DENY_HEADER_BYTES);
    const key = { key: denyKey(sodium, token.tokenKey), iv };
    const end = this.#cipher.open(bytes, DENY_HEADER_BYTES, key, 0);
    if (end < 0) return "refusedForged";
    return (
      readDenyBody(this.#reader.reset(this.#cipher.opened, DENY_HEADER_BYTES, end)) ?? "refusedMalformed"
    );
  }

  /** A hint that anyone on the path could have written: to be told to people, not acted on. */
  takeAdvice(bytes: Uint8Array): TokenAdvice | AnswerFault {
    const advice = TOKEN_ADVICE[bytes[ADVISE_BYTES - 1] ?? TOKEN_ADVICE.length];
    if (bytes.length !== ADVISE_BYTES || advice === undefined) return "refusedMalformed";
    return this.#isOurs(bytes.subarray(1, 1 + CLIENT_RANDOM_BYTES)) ? advice : "refusedRandom";
  }

  #isOurs(clientRandom: Uint8Array): boolean {
    return this.hello.clientRandom.every((byte, i) => byte === clientRandom[i]);
  }
}
