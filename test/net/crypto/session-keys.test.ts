import libsodium from "libsodium-wrappers";
import { describe, expect, test } from "vitest";
import { connectProof, denyKey, resetTokenOf } from "../../../src/net/crypto/connect-proof.ts";
import { deriveSessionKeys, nextPacketKey } from "../../../src/net/crypto/session-keys.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { fromHex } from "../../fuzz/hex.ts";

const sodium = await loadSodium();
const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const blake = (length: number, key: Uint8Array | null, ...parts: readonly number[][]): number[] => [
  ...libsodium.crypto_generichash(length, Uint8Array.from(parts.flat()), key),
];

const tokenKey = bytes(32, 1);
const shared = bytes(32, 2);
const cookie = bytes(50, 3);
const connect = bytes(300, 4);
const serverKey = bytes(32, 5);

describe("session keys", () => {
  test("are what the document says, by libsodium's own calls", () => {
    const keys = deriveSessionKeys(sodium, tokenKey, shared, cookie, connect, serverKey);
    const transcript = blake(32, null, [...cookie], [...connect], [...serverKey]);
    for (const [label, { key, iv }] of [
      ["tickwire to server", keys.toServer],
      ["tickwire to client", keys.toClient],
    ] as const) {
      expect([...key, ...iv]).toEqual(blake(44, tokenKey, text(label), [...shared], transcript));
    }
  });

  test("the next phase comes from the key alone", () => {
    const next = nextPacketKey(sodium, { key: bytes(32, 9), iv: bytes(12, 8) });
    expect([...next.key, ...next.iv]).toEqual(blake(44, bytes(32, 9), text("tickwire ku")));
  });

  test("every part of the transcript changes both keys", () => {
    const inputs = [tokenKey, shared, cookie, connect, serverKey] as const;
    const derive = (parts: readonly Uint8Array[]) => {
      const [a, b, c, d, e] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const { toServer, toClient } = deriveSessionKeys(sodium, a, b, c, d, e);
      return [toServer, toClient].map(({ key, iv }) => [...key, ...iv].join());
    };
    const seen = new Set(derive(inputs));
    for (let i = 0; i < inputs.length; i += 1) {
      for (const at of [0, inputs[i]!.length - 1]) {
        const altered = inputs.with(i, inputs[i]!.with(at, inputs[i]![at]! ^ 1));
        for (const key of derive(altered)) seen.add(key);
      }
    }
    expect(seen.size).toBe(2 + inputs.length * 2 * 2);
  });
});

test("proof, deny key and reset token are what the document says", () => {
  expect([...connectProof(sodium, tokenKey, connect)]).toEqual(blake(16, tokenKey, [...connect]));
  expect([...denyKey(sodium, tokenKey)]).toEqual(blake(32, tokenKey, text("tickwire deny")));
  expect([...resetTokenOf(sodium, tokenKey, "eu", 0x01020304)]).toEqual(
    blake(16, tokenKey, text("tickwire reset"), text("eu"), [1, 2, 3, 4]),
  );
});

describe("X25519", () => {
  test("both ends get the same secret, and a key of small order gives none", () => {
    const [a, b] = [bytes(32, 11), bytes(32, 22)];
    const secret = sodium.sharedSecret(a, sodium.publicKey(b));
    expect(secret).toHaveLength(32);
    expect(sodium.sharedSecret(b, sodium.publicKey(a))).toEqual(secret);
    for (const forced of [bytes(32, 0), bytes(32, 0).with(0, 1)]) {
      expect(sodium.sharedSecret(a, forced)).toBeUndefined();
    }
  });

  test("the first vector of RFC 7748, section 5.2", () => {
    const scalar = fromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
    const point = fromHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
    const result = fromHex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    expect(sodium.sharedSecret(scalar, point)).toEqual(result);
  });
});
