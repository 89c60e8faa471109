import { describe, expect, test } from "vitest";
import { connectProof, denyKey, resetTokenOf } from "../../src/net/crypto/connect-proof.ts";
import { openConnectToken, sealConnectToken } from "../../src/net/crypto/connect-token.ts";
import { nextPacketKey } from "../../src/net/crypto/session-keys.ts";
import { DEVELOPMENT_KEY } from "../../src/net/crypto/token-issuer.ts";
import { formatKey, formatToken, parseKey, parseToken } from "../../src/net/crypto/token-text.ts";
import { sodium } from "../net/endpoint/rig.ts";
import { hex, unhex, withFlips } from "./hex.ts";
import keys from "./keys.json" with { type: "json" };
import tokens from "./tokens.json" with { type: "json" };

describe("keys", () => {
  test("X25519, in both directions", () => {
    for (const { secretA, publicA, secretB, publicB, shared } of keys.x25519) {
      expect(hex(sodium.publicKey(unhex(secretA)))).toBe(publicA);
      expect(hex(sodium.publicKey(unhex(secretB)))).toBe(publicB);
      expect(hex(sodium.sharedSecret(unhex(secretA), unhex(publicB))!)).toBe(shared);
      expect(hex(sodium.sharedSecret(unhex(secretB), unhex(publicA))!)).toBe(shared);
    }
    // As RFC 7748 §6.1 prints it.
    expect(keys.x25519[0]?.shared).toBe("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  });

  test("X25519 refuses keys that force a zero result", () => {
    expect(keys.x25519Refused).toHaveLength(4);
    for (const publicKey of keys.x25519Refused) {
      expect(sodium.sharedSecret(unhex(keys.x25519[1]!.secretA), unhex(publicKey))).toBeUndefined();
    }
  });

  test("BLAKE2b, with and without a key", () => {
    for (const { length, key, message, digest } of keys.blake2b) {
      const made = sodium.hash(length, unhex(message), key === null ? undefined : unhex(key));
      expect(hex(made)).toBe(digest);
    }
  });

  test("what is derived from a token's key, and reset tokens", () => {
    const { proof } = keys;
    expect(hex(connectProof(sodium, unhex(proof.tokenKey), unhex(proof.packet)))).toBe(proof.proof);
    expect(hex(denyKey(sodium, unhex(keys.denyKey.tokenKey)))).toBe(keys.denyKey.key);
    for (const { backendKey, audience, connectionId, resetToken } of keys.resetToken) {
      expect(hex(resetTokenOf(sodium, unhex(backendKey), audience, connectionId))).toBe(resetToken);
    }
  });

  test("each phase's key leads to the next", () => {
    for (const [i, { key, iv }] of keys.phases.slice(0, -1).entries()) {
      const next = nextPacketKey(sodium, { key: unhex(key), iv: unhex(iv) });
      expect({ key: hex(next.key), iv: hex(next.iv) }).toEqual(keys.phases[i + 1]);
    }
  });

  test("packets are sealed with nonces of all widths, and every flip is refused", () => {
    const cipher = sodium.packetCipher();
    for (const { number, key, iv, header, body, packet } of keys.sealing) {
      const packetKey = { key: unhex(key), iv: unhex(iv) };
      const slot = new Uint8Array(1200);
      slot.set(unhex(header + body));
      const length = cipher.seal(slot, 3, 8, packetKey, number);
      expect(hex(slot.subarray(0, length))).toBe(packet);
      expect(cipher.open(unhex(packet), 3, packetKey, number)).toBe(8);
      expect(hex(cipher.opened.subarray(3, 8))).toBe(body);
      expect(cipher.open(unhex(packet), 3, packetKey, number + 1)).toBe(-1);
      for (const { flipped } of withFlips(unhex(packet))) {
        expect(cipher.open(flipped, 3, packetKey, number)).toBe(-1);
      }
    }
  });
});

describe("tokens", () => {
  const backendKeys = tokens.backendKeys.map(({ id, key }) => ({ id: unhex(id), key: unhex(key) }));
  const plainClaims = (token: Uint8Array): unknown => {
    const claims = openConnectToken(sodium, backendKeys, token);
    if (typeof claims === "string") return claims;
    const { tokenId, userData, tokenKey } = claims;
    return { ...claims, tokenId: hex(tokenId), userData: hex(userData), tokenKey: hex(tokenKey) };
  };

  test.each(tokens.tokens)("$name: sealed, opened and written as text", ({ claims, ...vector }) => {
    const sealed = sealConnectToken(
      sodium,
      (into) => into.set(unhex(vector.nonce)),
      { id: unhex(vector.backendKey.id), key: unhex(vector.backendKey.key) },
      {
        ...claims,
        tokenId: unhex(claims.tokenId),
        userData: unhex(claims.userData),
        tokenKey: unhex(claims.tokenKey),
      },
    );
    expect(hex(sealed.sealed)).toBe(vector.token);
    expect(plainClaims(unhex(vector.token))).toEqual(claims);
    expect(formatToken(sodium, sealed)).toBe(vector.text);
    const parsed = parseToken(sodium, ` ${vector.text}\n`)!;
    expect([hex(parsed.sealed), hex(parsed.tokenKey)]).toEqual([vector.token, vector.tokenKey]);
  });

  test.each(tokens.tokens)("$name: every flip is refused", ({ token }) => {
    for (const { flipped } of withFlips(unhex(token))) expect(plainClaims(flipped)).toBeTypeOf("string");
  });

  test("backend keys as text, the development key first", () => {
    for (const { id, key, text } of tokens.backendKeys) {
      expect(formatKey(sodium, { id: unhex(id), key: unhex(key) })).toBe(text);
      expect(hex(parseKey(sodium, text)!.key)).toBe(key);
    }
    expect(hex(DEVELOPMENT_KEY.key)).toBe(tokens.backendKeys[0]?.key);
  });

  test.each(tokens.refusedTexts)("'%s' is no token", (text) => {
    expect(parseToken(sodium, text)).toBeUndefined();
  });
});
