/**
 * The right to connect, issued by a game's backend and opened by its servers, which share a key. One msgpack
 * array:
 *
 *   [ version, keyId bin 4, nonce bin 24, sealed bin ]        version = 1
 *
 * sealed is XChaCha20-Poly1305 under the key that keyId names, with "tickwire token" ‖ version ‖ keyId as
 * associated data, of one msgpack array:
 *
 *   [ tokenId bin 16, playerId text 64, expiresAtS, audience text 64, room text 64, name text 24,
 *     userData bin 256, tokenKey bin 32, spectate bool ]
 *
 * The audience names a server or a fleet, never an address: behind NAT and in containers addresses differ from
 * both sides. The player is given the tokenKey beside the token, over the backend's own safe channel; a token
 * picked up on the way is worthless without it.
 */
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { MAX_NAME_BYTES, MAX_TOKEN_BYTES } from "../wire/limits.ts";
import { ascii, concatenated } from "./session-keys.ts";
import type { Sodium } from "./sodium.ts";

export const TOKEN_VERSION = 1;
export const TOKEN_KEY_BYTES = 32;
export const TOKEN_ID_BYTES = 16;
export const KEY_ID_BYTES = 4;
const NONCE_BYTES = 24;
export const MAX_TOKEN_TEXT_BYTES = 64;
export const MAX_USER_DATA_BYTES = 256;
const MAX_CLAIMS_BYTES = 640;
/** Clocks of backend and server may differ by this much. */
export const EXPIRY_SKEW_S = 10;

/** A key that backends and servers share. Several may be known at a time, so that keys can be changed. */
export interface BackendKey {
  readonly id: Uint8Array;
  readonly key: Uint8Array;
}

/** What a token says. */
export interface TokenClaims {
  /** Names the token; a server takes each once. */
  readonly tokenId: Uint8Array;
  /** Who the player is, for the game's backend: a second connection of the same player replaces the first. */
  readonly playerId: string;
  /** Seconds since 1970. */
  readonly expiresAtS: number;
  /** The server or fleet this token is for. */
  readonly audience: string;
  /** The room to be let into, or "" for any. */
  readonly room: string;
  /** Display name; the client's own counts where this is "". */
  readonly name: string;
  readonly userData: Uint8Array;
  readonly tokenKey: Uint8Array;
  /** To see the game and take no part in it. */
  readonly spectate: boolean;
}

/** What the player is given: the sealed token, and the key to prove that it is theirs. */
export interface ConnectToken {
  readonly sealed: Uint8Array;
  readonly tokenKey: Uint8Array;
}

const LABEL = ascii("tickwire token");

/** Claims must lie within their bounds. */
export function sealConnectToken(
  sodium: Sodium,
  random: RandomBytes,
  backendKey: BackendKey,
  claims: TokenClaims,
): ConnectToken {
  const writer = new MsgpackWriter().reset(new Uint8Array(MAX_CLAIMS_BYTES));
  writer.arrayHeader(9);
  writer.bin(claims.tokenId);
  writer.text(claims.playerId);
  writer.int(claims.expiresAtS);
  writer.text(claims.audience);
  writer.text(claims.room);
  writer.text(claims.name);
  writer.bin(claims.userData);
  writer.bin(claims.tokenKey);
  writer.bool(claims.spectate);
  const plain = writer.bytes.slice(0, writer.at);
  const nonce = new Uint8Array(NONCE_BYTES);
  random(nonce);
  const sealed = sodium.sealToken(plain, associatedData(backendKey.id), nonce, backendKey.key);
  const token = new MsgpackWriter().reset(new Uint8Array(MAX_TOKEN_BYTES));
  token.arrayHeader(4);
  token.int(TOKEN_VERSION);
  token.bin(backendKey.id);
  token.bin(nonce);
  token.bin(sealed);
  if (!writer.ok || !token.ok) throw new RangeError("a claim is longer than a token may hold");
  return { sealed: token.bytes.slice(0, token.at), tokenKey: claims.tokenKey };
}

/** What everybody can read of a token. */
export interface TokenEnvelope {
  /** Of the key it was sealed under. */
  readonly keyId: Uint8Array;
  readonly nonce: Uint8Array;
  readonly body: Uint8Array;
}

export function readTokenEnvelope(sealed: Uint8Array): TokenEnvelope | undefined {
  const reader = new MsgpackReader().reset(sealed);
  reader.arrayHeader(4, 4);
  reader.int(TOKEN_VERSION, TOKEN_VERSION);
  const keyId = reader.binCopy(KEY_ID_BYTES, KEY_ID_BYTES);
  const nonce = reader.binCopy(NONCE_BYTES, NONCE_BYTES);
  const body = reader.binCopy(16, MAX_CLAIMS_BYTES + 16);
  return reader.done() ? { keyId, nonce, body } : undefined;
}

/** What a token says, or why it says nothing to us. Neither expiry nor audience is looked at. */
export function openConnectToken(
  sodium: Sodium,
  keys: readonly BackendKey[],
  sealed: Uint8Array,
): TokenClaims | "malformed" | "unknown-key" | "forged" {
  const envelope = readTokenEnvelope(sealed);
  if (envelope === undefined) return "malformed";
  const { keyId, nonce, body } = envelope;
  const backendKey = keys.find(({ id }) => sodium.equal(id, keyId));
  if (backendKey === undefined) return "unknown-key";
  const plain = sodium.openToken(body, associatedData(keyId), nonce, backendKey.key);
  if (plain === undefined) return "forged";
  return readClaims(new MsgpackReader().reset(plain)) ?? "malformed";
}

function readClaims(reader: MsgpackReader): TokenClaims | undefined {
  reader.arrayHeader(9, 9);
  const tokenId = reader.binCopy(TOKEN_ID_BYTES, TOKEN_ID_BYTES);
  const playerId = reader.text(MAX_TOKEN_TEXT_BYTES);
  const expiresAtS = reader.int(0, Number.MAX_SAFE_INTEGER);
  const audience = reader.text(MAX_TOKEN_TEXT_BYTES);
  const room = reader.text(MAX_TOKEN_TEXT_BYTES);
  const name = reader.text(MAX_NAME_BYTES);
  const userData = reader.binCopy(0, MAX_USER_DATA_BYTES);
  const tokenKey = reader.binCopy(TOKEN_KEY_BYTES, TOKEN_KEY_BYTES);
  const spectate = reader.bool();
  if (!reader.done()) return undefined;
  return { tokenId, playerId, expiresAtS, audience, room, name, userData, tokenKey, spectate };
}

function associatedData(keyId: Uint8Array): Uint8Array {
  return concatenated(LABEL, Uint8Array.of(TOKEN_VERSION), keyId);
}
