/**
 * The five packets before there is a connection. After the type byte (HELLO: and the magic) each is one msgpack
 * array in shortest form; what follows it is refused, but for HELLO's padding.
 *
 *   HELLO    04 "TICK" [minVersion, maxVersion, definitionHash bin 32, clientRandom bin 16] padding to 1200
 *   COOKIE   05 [clientRandom bin 16, minVersion, maxVersion, issuedAtMs, cookie bin 16]       at most 50 bytes
 *   CONNECT  06 [minVersion, maxVersion, definitionHash, clientRandom, version, issuedAtMs, cookie, name]
 *   ACCEPT   07 [clientRandom, connectionId u32, tickRate, serverTick, timeoutMs]
 *   DENY     08 [clientRandom, reason, detail text]
 *
 * The server's packets repeat `clientRandom`, so that nobody off the path can answer in its place.
 */
import type { MsgpackReader } from "../bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { DISCONNECT_REASONS, type DisconnectReason, reasonCode } from "./disconnect-reason.ts";
import {
  CLIENT_RANDOM_BYTES,
  COOKIE_BYTES,
  DEFINITION_HASH_BYTES,
  HELLO_BYTES,
  MAX_DETAIL_BYTES,
  MAX_NAME_BYTES,
} from "./limits.ts";
import { PacketType } from "./packet-type.ts";

const MAGIC = Uint8Array.of(0x54, 0x49, 0x43, 0x4b); // "TICK"
const MAX_VERSION = 255;
const MAX_TIME_MS = Number.MAX_SAFE_INTEGER;

export interface Hello {
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly definitionHash: Uint8Array;
  readonly clientRandom: Uint8Array;
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
}

export interface Accept {
  readonly clientRandom: Uint8Array;
  readonly connectionId: number;
  readonly tickRate: number;
  readonly serverTick: number;
  /** Silence after which the server gives the connection up, and the client should. */
  readonly timeoutMs: number;
}

export interface Deny {
  readonly clientRandom: Uint8Array;
  readonly reason: DisconnectReason;
  readonly detail: string;
}

export function writeHello(writer: MsgpackWriter, hello: Hello): void {
  writer.byte(PacketType.Hello);
  writer.raw(MAGIC);
  writer.arrayHeader(4);
  writeHelloFields(writer, hello);
  while (writer.ok && writer.at < HELLO_BYTES) writer.byte(0);
}

/** HELLO's four fields without anything around them: also what the cookie is computed over. */
export function writeHelloFields(writer: MsgpackWriter, hello: Hello): void {
  writer.int(hello.minVersion);
  writer.int(hello.maxVersion);
  writer.bin(hello.definitionHash);
  writer.bin(hello.clientRandom);
}

/** True when the type byte is followed by the magic that marks a HELLO of any version. */
export function hasHelloMagic(bytes: Uint8Array): boolean {
  return bytes[1] === MAGIC[0] && bytes[2] === MAGIC[1] && bytes[3] === MAGIC[2] && bytes[4] === MAGIC[3];
}

/** Reads behind type and magic; padding is not looked at. */
export function readHello(reader: MsgpackReader): Hello | undefined {
  reader.arrayHeader(4, 4);
  const hello = readHelloFields(reader);
  return reader.ok ? hello : undefined;
}

function readHelloFields(reader: MsgpackReader): Hello {
  const minVersion = reader.int(0, MAX_VERSION);
  const maxVersion = reader.int(minVersion, MAX_VERSION);
  const definitionHash = reader.binCopy(DEFINITION_HASH_BYTES, DEFINITION_HASH_BYTES);
  const clientRandom = reader.binCopy(CLIENT_RANDOM_BYTES, CLIENT_RANDOM_BYTES);
  return { minVersion, maxVersion, definitionHash, clientRandom };
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

export function readCookie(reader: MsgpackReader): Cookie | undefined {
  reader.arrayHeader(5, 5);
  const clientRandom = reader.binCopy(CLIENT_RANDOM_BYTES, CLIENT_RANDOM_BYTES);
  const minVersion = reader.int(0, MAX_VERSION);
  const maxVersion = reader.int(minVersion, MAX_VERSION);
  const issuedAtMs = reader.int(0, MAX_TIME_MS);
  const cookie = reader.binCopy(COOKIE_BYTES, COOKIE_BYTES);
  return reader.done() ? { clientRandom, minVersion, maxVersion, issuedAtMs, cookie } : undefined;
}

export function writeConnect(writer: MsgpackWriter, connect: Connect): void {
  writer.byte(PacketType.Connect);
  writer.arrayHeader(8);
  writeHelloFields(writer, connect);
  writer.int(connect.version);
  writer.int(connect.issuedAtMs);
  writer.bin(connect.cookie);
  writer.text(connect.name);
}

export function readConnect(reader: MsgpackReader): Connect | undefined {
  reader.arrayHeader(8, 8);
  const hello = readHelloFields(reader);
  const version = reader.int(hello.minVersion, hello.maxVersion);
  const issuedAtMs = reader.int(0, MAX_TIME_MS);
  const cookie = reader.binCopy(COOKIE_BYTES, COOKIE_BYTES);
  const name = reader.text(MAX_NAME_BYTES);
  return reader.done() ? { ...hello, version, issuedAtMs, cookie, name } : undefined;
}

export function writeAccept(writer: MsgpackWriter, accept: Accept): void {
  writer.byte(PacketType.Accept);
  writer.arrayHeader(5);
  writer.bin(accept.clientRandom);
  writer.int(accept.connectionId);
  writer.int(accept.tickRate);
  writer.int(accept.serverTick);
  writer.int(accept.timeoutMs);
}

export function readAccept(reader: MsgpackReader): Accept | undefined {
  reader.arrayHeader(5, 5);
  const clientRandom = reader.binCopy(CLIENT_RANDOM_BYTES, CLIENT_RANDOM_BYTES);
  const connectionId = reader.int(1, 0xffff_ffff);
  const tickRate = reader.int(1, 1000);
  const serverTick = reader.int(0, Number.MAX_SAFE_INTEGER);
  const timeoutMs = reader.int(1, 3_600_000);
  return reader.done() ? { clientRandom, connectionId, tickRate, serverTick, timeoutMs } : undefined;
}

export function writeDeny(writer: MsgpackWriter, deny: Deny): void {
  writer.byte(PacketType.Deny);
  writer.arrayHeader(3);
  writer.bin(deny.clientRandom);
  writer.int(reasonCode(deny.reason));
  writer.text(deny.detail);
}

export function readDeny(reader: MsgpackReader): Deny | undefined {
  reader.arrayHeader(3, 3);
  const clientRandom = reader.binCopy(CLIENT_RANDOM_BYTES, CLIENT_RANDOM_BYTES);
  const reason = DISCONNECT_REASONS[reader.int(0, DISCONNECT_REASONS.length - 1)]!;
  const detail = reader.text(MAX_DETAIL_BYTES);
  return reader.done() ? { clientRandom, reason, detail } : undefined;
}
