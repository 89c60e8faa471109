import type { RandomBytes } from "../ports/random-bytes.ts";
import {
  type BackendKey,
  type ConnectToken,
  KEY_ID_BYTES,
  sealConnectToken,
  TOKEN_ID_BYTES,
  TOKEN_KEY_BYTES,
} from "./connect-token.ts";
import { ascii } from "./session-keys.ts";
import type { Sodium } from "./sodium.ts";
import { checkTokenRequest, type TokenRequest } from "./token-request.ts";

/** Of servers and tokens that say nothing else. */
export const DEFAULT_AUDIENCE = "tickwire";
export const DEFAULT_LIFETIME_S = 60;

/**
 * The key of servers that were given none, and no secret: whoever can reach such a server may join it. So that a
 * first game runs without a backend, and only there: servers take it on loopback, or when told to by name.
 */
export const DEVELOPMENT_KEY: BackendKey = {
  id: new Uint8Array(KEY_ID_BYTES),
  key: ascii("tickwire development key: public"),
};

/** Issues a token under a backend's key. Throws a RangeError with one sentence when a claim is out of its bounds. */
export function issueToken(
  sodium: Sodium,
  random: RandomBytes,
  key: BackendKey,
  request: TokenRequest,
  unixMs: number,
): ConnectToken {
  checkTokenRequest(request);
  const tokenId = new Uint8Array(TOKEN_ID_BYTES);
  random(tokenId);
  const tokenKey = new Uint8Array(TOKEN_KEY_BYTES);
  random(tokenKey);
  return sealConnectToken(sodium, random, key, {
    tokenId,
    playerId: request.playerId ?? "",
    expiresAtS: Math.floor(unixMs / 1000) + (request.lifetimeSeconds ?? DEFAULT_LIFETIME_S),
    audience: request.audience ?? DEFAULT_AUDIENCE,
    room: request.room ?? "",
    name: request.name ?? "",
    userData: request.userData ?? new Uint8Array(0),
    tokenKey,
    spectate: request.spectate ?? false,
  });
}
