/**
 * The packets before there is a connection, and the one after its end. Bodies are msgpack arrays in shortest form;
 * what follows them is refused, but for HELLO's padding. Integers outside msgpack are big endian.
 *
 *   HELLO    04 "TICK" [minVersion, maxVersion, definitionHash bin 32, clientRandom bin 16, clientKey bin 32]
 *               padding to 1200
 *   COOKIE   05 [clientRandom bin 16, minVersion, maxVersion, issuedAtMs, cookie bin 16]       at most 51 bytes
 *   CONNECT  06 [minVersion, maxVersion, definitionHash, clientRandom, clientKey, version, issuedAtMs, cookie,
 *               name text, token bin] proof 16
 *   ACCEPT   07 serverKey 32 sealed: [connectionId, tickRate, serverTick, timeoutMs, isSealed, resetToken bin 16,
 *               stepSeed u32]
 *   DENY     08 clientRandom 16 nonce 12 sealed: [reason, detail text, partCount, partHashes bin]
 *   ADVISE   0B clientRandom 16 code u8                       not sealed, so a hint and no more
 *   RESET    0C resetToken 16
 *
 * Sealing and the proof are the business of `crypto`: here `sealed:` bodies are in clear.
 */
import type { MsgpackReader } from "../bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { DISCONNECT_REASONS, type DisconnectReason, reasonCode } from "./disconnect-reason.ts";
import {
  CLIENT_RANDOM_BYTES,
  COOKIE_BYTES,
  DEFINITION_HASH_BYTES,
  DENY_NONCE_BYTES,
  HELLO_BYTES,
  MAX_DETAIL_BYTES,
  MAX_NAME_BYTES,
  MAX_TOKEN_BYTES,
  PART_HASH_BYTES,
  PROOF_BYTES,
  PUBLIC_KEY_BYTES,
  RESET_TOKEN_BYTES,
} from "./limits.ts";
import { PacketType } from "./packet-type.ts";

const MAGIC = Uint8Array.of(0x54, 0x49, 0x43, 0x4b); // "TICK"
/** Where HELLO's array begins. */
export const HELLO_BODY_AT = 1 + MAGIC.length;
/** Where the sealed parts begin. */
export const ACCEPT_HEADER_BYTES = 1 + PUBLIC_KEY_BYTES;
export const DENY_HEADER_BYTES = 1 + CLIENT_RANDOM_BYTES + DENY_NONCE_BYTES;
export const ADVISE_BYTES = 1 + CLIENT_RANDOM_BYTES + 1;
export const RESET_BYTES = 1 + RESET_TOKEN_BYTES;
const MAX_VERSION = 255;
const MAX_TIME_MS = Number.MAX_SAFE_INTEGER;
const MAX_DEFINITION_PARTS = 1_024;

export interface Hello {
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly definitionHash: Uint8Array;
  readonly clientRandom: Uint8Array;
  /** X25519, made for this attempt. */
  readonly clientKey: Uint8Array;
}

export interface Cookie {
  readonly clientRandom: Uint8Array;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** Server's time of issue; means nothing to the client, which hands it back. */
  readonly issuedAtMs: number;
  readonly cookie: Uint8Array;
}

export interface Connect extends Hello {
  readonly version: number;
  readonly issuedAtMs: number;
  readonly cookie: Uint8Array;
  readonly name: string;
  /** Sealed by the backend. */
  readonly token: Uint8Array;
}

export interface Accept {
  readonly connectionId: number;
  readonly tickRate: number;
  readonly serverTick: number;
  /** Silence after which the server gives the connection up, and the client should. */
  readonly timeoutMs: number;
  /** False: packets travel in clear, for measurement. */
  readonly isSealed: boolean;
  /** A RESET with this token says that the server has forgotten the connection. */
  readonly resetToken: Uint8Array;
  /** Of the chance that both ends draw alike, u32. */
  readonly stepSeed: number;
}

export interface Deny {
  readonly reason: DisconnectReason;
  readonly detail: string;
  /** How many parts the server's definition has, where that is what differs; else 0. */
  readonly partCount: number;
  /** Hashes of the first of them, as many as fit. */
  readonly partHashes: Uint8Array;
}

/** What was wrong with a token, unsealed: the client may say it and must not rely on it. */
export const TOKEN_ADVICE = [
  "malformed",
  "unknown-key",
  "forged",
  "expired",
  "audience",
  "proof",
  "used",
] as const;
export type TokenAdvice = (typeof TOKEN_ADVICE)[number];

export function writeHello(writer: MsgpackWriter, hello: Hello): void {
  writer.byte(PacketType.Hello);
  writer.raw(MAGIC);
  writer.arrayHeader(5);
  writeHelloFields(writer, hello);
  while (writer.ok && writer.at < HELLO_BYTES) writer.byte(0);
}

/** HELLO's five fields without anything around them: also what the cookie is computed over. */
export function writeHelloFields(writer: MsgpackWriter, hello: Hello): void {
  writer.int(hello.minVersion);
  writer.int(hello.maxVersion);
  writer.bin(hello.definitionHash);
  writer.bin(hello.clientRandom);
  writer.bin(hello.clientKey);
}

/** True when the type byte is followed by the magic that marks a HELLO of any version. */
export function hasHelloMagic(bytes: Uint8Array): boolean {
  return bytes[1] === MAGIC[0] && bytes[2] === MAGIC[1] && bytes[3] === MAGIC[2] && bytes[4] === MAGIC[3];
}

/** Reads behind type and magic; padding is not looked at. */
export function readHello(reader: MsgpackReader): Hello | undefined {
  reader.arrayHeader(5, 5);
  const hello = readHelloFields(reader);
  return reader.ok ? hello : undefined;
}

function readHelloFields(reader: MsgpackReader): Hello {
  const minVersion = reader.int(0, MAX_VERSION);
  const maxVersion = reader.int(minVersion, MAX_VERSION);
  const definitionHash = reader.binCopy(DEFINITION_HASH_BYTES, DEFINITION_HASH_BYTES);
  const clientRandom = reader.binCopy(CLIENT_RANDOM_BYTES, CLIENT_RANDOM_BYTES);
  const clientKey = reader.binCopy(PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES);
  return { minVersion, maxVersion, definitionHash, clientRandom, clientKey };
}

export function writeCookie(writer: MsgpackWriter, cookie: Cookie): void {
  writer.byte(PacketType.Cookie);
  writer.arrayHeader(5);
  writer.bin(cookie.clientRandom);
  writer.int(cookie.minVersion);
  writer.int(cookie.maxVersion);
  writer.int(cookie.issuedAtMs);
  writer.bin(cookie.cookie);
}

/** Reads behind the type. */
export function readCookie(reader: MsgpackReader): Cookie | undefined {
  reader.arrayHeader(5, 5);
  const clientRandom = reader.binCopy(CLIENT_RANDOM_BYTES, CLIENT_RANDOM_BYTES);
  const minVersion = reader.int(0, MAX_VERSION);
  const maxVersion = reader.int(minVersion, MAX_VERSION);
  const issuedAtMs = reader.int(0, MAX_TIME_MS);
  const cookie = reader.binCopy(COOKIE_BYTES, COOKIE_BYTES);
  return reader.done() ? { clientRandom, minVersion, maxVersion, issuedAtMs, cookie } : undefined;
}

/** Everything but the proof, which is computed over it. */
export function writeConnect(writer: MsgpackWriter, connect: Connect): void {
  writer.byte(PacketType.Connect);
  writer.arrayHeader(10);
  writeHelloFields(writer, connect);
  writer.int(connect.version);
  writer.int(connect.issuedAtMs);
  writer.bin(connect.cookie);
  writer.text(connect.name);
  writer.bin(connect.token);
}

/** Reads behind the type and up to the proof, which is the packet's last `PROOF_BYTES`. */
export function readConnect(reader: MsgpackReader): Connect | undefined {
  reader.end -= PROOF_BYTES;
  reader.arrayHeader(10, 10);
  const hello = readHelloFields(reader);
  const version = reader.int(hello.minVersion, hello.maxVersion);
  const issuedAtMs = reader.int(0, MAX_TIME_MS);
  const cookie = reader.binCopy(COOKIE_BYTES, COOKIE_BYTES);
  const name = reader.text(MAX_NAME_BYTES);
  const token = reader.binCopy(1, MAX_TOKEN_BYTES);
  return reader.done() ? { ...hello, version, issuedAtMs, cookie, name, token } : undefined;
}

/** The body; type and key stand before it. */
export function writeAcceptBody(writer: MsgpackWriter, accept: Accept): void {
  writer.arrayHeader(7);
  writer.int(accept.connectionId);
  writer.int(accept.tickRate);
  writer.int(accept.serverTick);
  writer.int(accept.timeoutMs);
  writer.bool(accept.isSealed);
  writer.bin(accept.resetToken);
  writer.int(accept.stepSeed);
}

export function readAcceptBody(reader: MsgpackReader): Accept | undefined {
  reader.arrayHeader(7, 7);
  const connectionId = reader.int(1, 0xffff_ffff);
  const tickRate = reader.int(1, 1000);
  const serverTick = reader.int(0, Number.MAX_SAFE_INTEGER);
  const timeoutMs = reader.int(1, 3_600_000);
  const isSealed = reader.bool();
  const resetToken = reader.binCopy(RESET_TOKEN_BYTES, RESET_TOKEN_BYTES);
  const stepSeed = reader.int(0, 0xffff_ffff);
  if (!reader.done()) return undefined;
  return { connectionId, tickRate, serverTick, timeoutMs, isSealed, resetToken, stepSeed };
}

/** The body; type, client random and nonce stand before it. */
export function writeDenyBody(writer: MsgpackWriter, deny: Deny): void {
  writer.arrayHeader(4);
  writer.int(reasonCode(deny.reason));
  writer.text(deny.detail);
  writer.int(deny.partCount);
  writer.bin(deny.partHashes);
}

export function readDenyBody(reader: MsgpackReader): Deny | undefined {
  reader.arrayHeader(4, 4);
  const reason = DISCONNECT_REASONS[reader.int(0, DISCONNECT_REASONS.length - 1)]!;
  const detail = reader.text(MAX_DETAIL_BYTES);
  const partCount = reader.int(0, MAX_DEFINITION_PARTS);
  const partHashes = reader.binCopy(0, partCount * PART_HASH_BYTES);
  if (!reader.done() || partHashes.length % PART_HASH_BYTES !== 0) return undefined;
  return { reason, detail, partCount, partHashes };
}
