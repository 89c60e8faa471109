import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BackendKey,
  openConnectToken,
  sealConnectToken,
  type TokenClaims,
} from "../../../src/net/crypto/connect-token.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { formatKey, formatToken, parseKey, parseToken } from "../../../src/net/crypto/token-text.ts";
import { MAX_TOKEN_BYTES } from "../../../src/net/wire/limits.ts";

const sodium = await loadSodium();
const random = (into: Uint8Array): void => void into.fill(0x5a);
const key: BackendKey = { id: Uint8Array.of(1, 2, 3, 4), key: new Uint8Array(32).fill(6) };
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const words = (maxBytes: number) =>
  fc.string({ unit: "binary", maxLength: Math.floor(maxBytes / 4) }).map((word) => word.toWellFormed());
const claims: fc.Arbitrary<TokenClaims> = fc.record({
  tokenId: exactly(16),
  playerId: words(64),
  expiresAtS: fc.nat(2 ** 31 - 1),
  audience: words(64),
  room: words(64),
  name: words(24),
  userData: fc.uint8Array({ maxLength: 256 }),
  tokenKey: exactly(32),
  spectate: fc.boolean(),
});

describe("ConnectToken", () => {
  test("says what it was given, and as text too", () => {
    fc.assert(
      fc.property(claims, (said) => {
        const token = sealConnectToken(sodium, random, key, said);
        expect(token.sealed.length).toBeLessThanOrEqual(MAX_TOKEN_BYTES);
        expect(openConnectToken(sodium, [key], token.sealed)).toEqual(said);
        const again = parseToken(sodium, formatToken(sodium, token));
        expect(again).toEqual({ sealed: token.sealed, tokenKey: said.tokenKey });
      }),
      { numRuns: 100 },
    );
  });

  test("altered anywhere, it says nothing", () => {
    const { sealed } = sealConnectToken(sodium, random, key, fc.sample(claims, { seed: 3, numRuns: 1 })[0]!);
    for (let at = 0; at < sealed.length; at += 1) {
      for (const mask of [1, 0x80]) {
        const opened = openConnectToken(sodium, [key], sealed.with(at, sealed[at]! ^ mask));
        expect(["malformed", "unknown-key", "forged"]).toContain(opened);
      }
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(openConnectToken(sodium, [key], sealed.subarray(0, length))).toBe("malformed");
    }
  });

  test("is opened with the key it names, among several", () => {
    const said = fc.sample(claims, { seed: 4, numRuns: 1 })[0]!;
    const { sealed } = sealConnectToken(sodium, random, key, said);
    const other = { id: Uint8Array.of(9, 9, 9, 9), key: new Uint8Array(32) };
    expect(openConnectToken(sodium, [other, key], sealed)).toEqual(said);
    expect(openConnectToken(sodium, [other], sealed)).toBe("unknown-key");
    expect(openConnectToken(sodium, [{ ...other, id: key.id }], sealed)).toBe("forged");
  });

  test("a claim past its bounds is not sealed, or not taken", () => {
    const said = fc.sample(claims, { seed: 5, numRuns: 1 })[0]!;
    expect(() => sealConnectToken(sodium, random, key, { ...said, userData: new Uint8Array(700) })).toThrow(
      RangeError,
    );
    const long = sealConnectToken(sodium, random, key, { ...said, playerId: "x".repeat(65) });
    expect(openConnectToken(sodium, [key], long.sealed)).toBe("malformed");
    const full = sealConnectToken(sodium, random, key, { ...said, playerId: "x".repeat(64) });
    expect(openConnectToken(sodium, [key], full.sealed)).toMatchObject({ playerId: "x".repeat(64) });
  });
});

describe("text of keys and tokens", () => {
  test("a key comes back, also with space around", () => {
    expect(parseKey(sodium, ` ${formatKey(sodium, key)}\n`)).toEqual(key);
  });

  test.each([
    "",
    "tw1",
    "tw1..",
    "tw1.AAAA.AAAA",
    "twkey1.AQIDBA.AAAA",
    "tw2.AAAA.AAAA",
    "tw1.****.AAAA",
    "tw1.AA.AA.AA",
  ])("%j is neither", (text) => {
    expect(parseToken(sodium, text)).toBeUndefined();
    expect(parseKey(sodium, text)).toBeUndefined();
  });
});
