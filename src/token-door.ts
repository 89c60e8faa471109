/**
 * The door `tickwire/token`: for a game's backend, which decides who may join. It makes keys that backend and
 * servers share, and issues the connect tokens that players come with. No socket, no game.
 */
import {
  type BackendKey,
  EXPIRY_SKEW_S,
  KEY_ID_BYTES,
  openConnectToken,
  readTokenEnvelope,
  type TokenClaims,
} from "./net/crypto/connect-token.ts";
import { loadSodium } from "./net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken as issueConnectToken } from "./net/crypto/token-issuer.ts";
import type { TokenRequest } from "./net/crypto/token-request.ts";
import { formatKey, formatToken, parseKey, parseToken } from "./net/crypto/token-text.ts";
import { systemRandom } from "./runtime-adapters/system-random.ts";
import { unixMs } from "./runtime-adapters/wall-clock.ts";

export type { BackendKey } from "./net/crypto/connect-token.ts";
export type { TokenRequest } from "./net/crypto/token-request.ts";

const sodium = await loadSodium();

/** A fresh key as a line for a key file: `twkey1.….…`. Whoever has it can let anyone in. */
export function createKey(): string {
  const [id, key] = [new Uint8Array(KEY_ID_BYTES), new Uint8Array(32)];
  systemRandom(key);
  // All zeros is the id of the development key.
  do systemRandom(id);
  while (sodium.equal(id, DEVELOPMENT_KEY.id));
  return formatKey(sodium, { id, key });
}

/**
 * The keys of a key file: one per line, empty lines and `#` comments aside. A backend issues under the first; a
 * server takes tokens of all of them, so that keys can be changed while players come and go.
 *
 * @throws RangeError with one sentence that names the line and never repeats it.
 */
export function readKeys(text: string): readonly [BackendKey, ...BackendKey[]] {
  const keys: BackendKey[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const content = line.replace(/#.*/, "").trim();
    if (content === "") continue;
    const key = parseKey(sodium, content);
    if (key === undefined) {
      throw new RangeError(`line ${index + 1} is no key: it should look like twkey1.….…`);
    }
    if (sodium.equal(key.id, DEVELOPMENT_KEY.id) || sodium.equal(key.key, DEVELOPMENT_KEY.key)) {
      throw new RangeError(`line ${index + 1} is the development key, which is no secret`);
    }
    if (keys.some(({ id }) => sodium.equal(id, key.id))) {
      throw new RangeError(`line ${index + 1} has the id of a key above it`);
    }
    keys.push(key);
  }
  const [first, ...others] = keys;
  if (first === undefined) throw new RangeError("there is no key in it");
  return [first, ...others];
}

/**
 * A token for one player to connect with, once: `tw1.….…`. Give it to that player and nobody else.
 *
 * @throws RangeError with one sentence when a claim is out of its bounds.
 */
export function issueToken(key: BackendKey, request: TokenRequest = {}): string {
  return formatToken(sodium, issueConnectToken(sodium, systemRandom, key, request, unixMs()));
}

/** The same under the key of servers that have none: they take it, and no other server does. */
export function issueDevelopmentToken(request: TokenRequest = {}): string {
  return issueToken(DEVELOPMENT_KEY, request);
}

/** What a token says to servers, without the part that proves whose it is. */
export interface InspectedClaims {
  /** Names the token, as base64url. */
  readonly tokenId: string;
  readonly playerId: string;
  readonly expiresAt: Date;
  readonly audience: string;
  readonly room: string;
  readonly name: string;
  readonly userData: Uint8Array;
  readonly spectate: boolean;
}

/**
 * - `sealed`: without keys no more can be said
 * - `valid`: a server that knows the key and the audience takes it, if it was not used yet
 * - `expired`: it says what it says, and servers refuse it
 * - `unknown-key`: issued under none of the keys
 * - `forged`: not what was issued under the key it names
 * - `mismatched`: its two halves belong to different tokens
 */
export type Inspection =
  | { readonly status: "malformed" }
  | { readonly status: "sealed" | "unknown-key" | "forged"; readonly keyId: string }
  | {
      readonly status: "valid" | "expired" | "mismatched";
      readonly keyId: string;
      readonly claims: InspectedClaims;
    };

/** Reads a token: with keys all it says, without them only which key it was issued under. */
export function inspectToken(text: string, keys?: readonly BackendKey[]): Inspection {
  const token = parseToken(sodium, text);
  const envelope = token === undefined ? undefined : readTokenEnvelope(token.sealed);
  if (token === undefined || envelope === undefined) return { status: "malformed" };
  const keyId = keyIdText(envelope);
  if (keys === undefined) return { status: "sealed", keyId };
  const claims = openConnectToken(sodium, keys, token.sealed);
  if (claims === "malformed") return { status: "malformed" };
  if (typeof claims === "string") return { status: claims, keyId };
  const isExpired = claims.expiresAtS + EXPIRY_SKEW_S < unixMs() / 1000;
  const isWhole = sodium.equal(claims.tokenKey, token.tokenKey);
  const status = isWhole ? (isExpired ? "expired" : "valid") : "mismatched";
  return { status, keyId, claims: inspectedClaims(claims) };
}

/** The id of a key as it stands in a key file: not secret. */
export function keyIdOf(key: BackendKey): string {
  return keyIdText({ keyId: key.id });
}

function keyIdText({ keyId }: { readonly keyId: Uint8Array }): string {
  return sodium.toBase64(keyId);
}

function inspectedClaims(claims: TokenClaims): InspectedClaims {
  const { tokenId, playerId, expiresAtS, audience, room, name, userData, spectate } = claims;
  const expiresAt = new Date(expiresAtS * 1000);
  return { tokenId: sodium.toBase64(tokenId), playerId, expiresAt, audience, room, name, userData, spectate };
}
