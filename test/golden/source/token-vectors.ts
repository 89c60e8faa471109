import {
  type BackendKey,
  type ConnectToken,
  sealConnectToken,
  type TokenClaims,
} from "../../../src/net/crypto/connect-token.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../../src/net/crypto/token-issuer.ts";
import { formatKey, formatToken } from "../../../src/net/crypto/token-text.ts";
import { sodium } from "../../net/endpoint/rig.ts";
import { notedRandom } from "../draws.ts";
import { hex, unhex } from "../hex.ts";

export const TOKEN_UNIX_MS = 1_800_000_000_000;
const OTHER_KEY: BackendKey = { id: unhex("0a0b0c0d"), key: unhex("42".repeat(32)) };

export function tokenVectors(): object {
  const { random, drawn } = notedRandom(102);
  const development = issueToken(sodium, random, DEVELOPMENT_KEY, {}, TOKEN_UNIX_MS);
  const [tokenId, tokenKey, nonce] = drawn as [string, string, string];
  const plain: TokenClaims = {
    tokenId: unhex(tokenId),
    playerId: "",
    expiresAtS: TOKEN_UNIX_MS / 1000 + 60,
    audience: "tickwire",
    room: "",
    name: "",
    userData: new Uint8Array(0),
    tokenKey: unhex(tokenKey),
    spectate: false,
  };
  const full: TokenClaims = {
    ...plain,
    playerId: "p".repeat(64),
    expiresAtS: 2 ** 33,
    audience: "europe-1",
    room: "größe",
    name: "x".repeat(24),
    userData: Uint8Array.from({ length: 256 }, (_, i) => i),
    spectate: true,
  };
  return {
    tokens: [
      { name: "development", ...token(DEVELOPMENT_KEY, plain, nonce, development) },
      { name: "all claims", ...sealedToken(OTHER_KEY, full, "24".repeat(24)) },
    ],
    backendKeys: [DEVELOPMENT_KEY, OTHER_KEY].map((key) => ({
      ...backend(key),
      text: formatKey(sodium, key),
    })),
    refusedTexts: [
      "",
      "tw1",
      "tw1.AAAA",
      "tw2.AAAA.AAAA",
      `tw1.AAAA.${"A".repeat(42)}`,
      `tw1.AA*A.${"A".repeat(43)}`,
      `tw1.AAAA.${"A".repeat(43)}.AAAA`,
    ],
  };
}

function backend({ id, key }: BackendKey): object {
  return { id: hex(id), key: hex(key) };
}

function sealedToken(key: BackendKey, claims: TokenClaims, nonce: string): object {
  const sealed = sealConnectToken(sodium, (into) => into.set(unhex(nonce)), key, claims);
  return token(key, claims, nonce, sealed);
}

function token(key: BackendKey, claims: TokenClaims, nonce: string, made: ConnectToken): object {
  const { tokenId, userData, tokenKey } = claims;
  return {
    backendKey: backend(key),
    nonce,
    claims: { ...claims, tokenId: hex(tokenId), userData: hex(userData), tokenKey: hex(tokenKey) },
    token: hex(made.sealed),
    tokenKey: hex(tokenKey),
    text: formatToken(sodium, made),
  };
}
