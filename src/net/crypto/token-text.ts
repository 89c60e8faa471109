/**
 * Keys and tokens as text, for files, flags and JSON. All parts but the first are base64url without padding.
 *
 *   token   tw1.SEALED.TOKENKEY          what a player needs to connect: keep it from others
 *   key     twkey1.KEYID.KEY             what backends and servers share: keep it secret
 */
import { type BackendKey, type ConnectToken, KEY_ID_BYTES, TOKEN_KEY_BYTES } from "./connect-token.ts";
import type { Sodium } from "./sodium.ts";

const TOKEN_PREFIX = "tw1";
const KEY_PREFIX = "twkey1";

export function formatToken(sodium: Sodium, { sealed, tokenKey }: ConnectToken): string {
  return [TOKEN_PREFIX, sodium.toBase64(sealed), sodium.toBase64(tokenKey)].join(".");
}

/** Undefined for text that is no token. Whether a server will take it only the server can say. */
export function parseToken(sodium: Sodium, text: string): ConnectToken | undefined {
  const [sealed, tokenKey] = partsOf(sodium, text, TOKEN_PREFIX) ?? [];
  if (sealed === undefined || tokenKey?.length !== TOKEN_KEY_BYTES) return undefined;
  return { sealed, tokenKey };
}

export function formatKey(sodium: Sodium, { id, key }: BackendKey): string {
  return [KEY_PREFIX, sodium.toBase64(id), sodium.toBase64(key)].join(".");
}

export function parseKey(sodium: Sodium, text: string): BackendKey | undefined {
  const [id, key] = partsOf(sodium, text, KEY_PREFIX) ?? [];
  return id?.length === KEY_ID_BYTES && key?.length === 32 ? { id, key } : undefined;
}

function partsOf(sodium: Sodium, text: string, prefix: string): [Uint8Array, Uint8Array] | undefined {
  const [first, second, third, ...rest] = text.trim().split(".");
  if (first !== prefix || second === undefined || third === undefined || rest.length > 0) return undefined;
  const [a, b] = [sodium.fromBase64(second), sodium.fromBase64(third)];
  return a === undefined || b === undefined ? undefined : [a, b];
}
