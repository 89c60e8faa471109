import fc from "fast-check";
import libsodium from "libsodium-wrappers";
import { describe, expect, test } from "vitest";
import { PacketCipher, type PacketKey, type RawSodium } from "../../../src/net/crypto/packet-cipher.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";

const sodium = await loadSodium();
const cipher = sodium.packetCipher();
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const keys: fc.Arbitrary<PacketKey> = fc.record({ key: exactly(32), iv: exactly(12) });
const headers = fc.constantFrom(1, 3, 7, 11, 29, 33);
const numbers = fc.oneof(
  fc.nat(70_000),
  fc.integer({ min: 2 ** 31 - 2, max: 2 ** 33 }),
  fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER),
);

/** The nonce by big integers, and the wrapper that everybody uses. */
function sealedByWrapper(
  header: Uint8Array,
  body: Uint8Array,
  { key, iv }: PacketKey,
  number: number,
): number[] {
  let nonce = 0n;
  for (const byte of iv) nonce = nonce * 256n + BigInt(byte);
  nonce ^= BigInt(number);
  const bytes = Uint8Array.from({ length: 12 }, (_, i) => Number((nonce >> BigInt(8 * (11 - i))) & 255n));
  const associated = Uint8Array.from([...new TextEncoder().encode("tickwire"), ...header]);
  const sealed = libsodium.crypto_aead_chacha20poly1305_ietf_encrypt(body, associated, null, bytes, key);
  return [...header, ...sealed];
}

function slotOf(...parts: readonly Uint8Array[]): Uint8Array {
  const slot = new Uint8Array(1200);
  let at = 0;
  for (const part of parts) {
    slot.set(part, at);
    at += part.length;
  }
  return slot;
}

describe("PacketCipher", () => {
  test("seals byte for byte as libsodium's wrapper does, and opens it again", () => {
    fc.assert(
      fc.property(
        headers.chain((length) => exactly(length)),
        fc.uint8Array({ maxLength: 1_100 }),
        keys,
        numbers,
        (header, body, key, number) => {
          const slot = slotOf(header, body);
          const length = cipher.seal(slot, header.length, header.length + body.length, key, number);
          expect([...slot.subarray(0, length)]).toEqual(sealedByWrapper(header, body, key, number));
          const bodyEnd = cipher.open(slot.slice(0, length), header.length, key, number);
          expect(bodyEnd).toBe(header.length + body.length);
          expect([...cipher.opened.subarray(header.length, bodyEnd)]).toEqual([...body]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("refuses every flipped bit, another number, another key, and what is too short for a tag", () => {
    const key = { key: new Uint8Array(32).fill(7), iv: new Uint8Array(12).fill(9) };
    const slot = slotOf(Uint8Array.of(9, 0, 5), Uint8Array.of(0x93, 0, 0, 0));
    const sealed = slot.slice(0, cipher.seal(slot, 3, 7, key, 5));
    expect(cipher.open(sealed, 3, key, 5)).toBe(7);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = sealed.slice();
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(cipher.open(altered, 3, key, 5)).toBe(-1);
    }
    for (const number of [4, 6, 5 + 2 ** 16, 5 + 2 ** 32])
      expect(cipher.open(sealed, 3, key, number)).toBe(-1);
    expect(cipher.open(sealed, 3, { ...key, iv: new Uint8Array(12).fill(8) }, 5)).toBe(-1);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(cipher.open(sealed.subarray(0, length), 3, key, 5)).toBe(-1);
    }
  });

  test("two ciphers do not disturb each other, nor one packet the next", () => {
    const other = sodium.packetCipher();
    const key = { key: new Uint8Array(32).fill(1), iv: new Uint8Array(12) };
    const [a, b] = [1, 2].map((n) => {
      const slot = slotOf(Uint8Array.of(9, 0, n), new Uint8Array(n * 300).fill(n));
      return slot.slice(0, cipher.seal(slot, 3, 3 + n * 300, key, n));
    }) as [Uint8Array, Uint8Array];
    const endOfA = cipher.open(a, 3, key, 1);
    expect(other.open(b, 3, key, 2)).toBe(603);
    expect([...cipher.opened.subarray(3, endOfA)]).toEqual(Array(300).fill(1));
    expect(cipher.open(a.subarray(0, 250), 3, key, 1)).toBe(-1);
    expect(cipher.open(b, 3, key, 2)).toBe(603);
  });

  test("memory of libsodium's that grows takes what was opened along", () => {
    const raw = {
      HEAPU8: new Uint8Array(4_096),
      _malloc: () => 64,
      _crypto_aead_chacha20poly1305_ietf_encrypt: () => 0,
      _crypto_aead_chacha20poly1305_ietf_decrypt: () => 0,
    };
    const growing = new PacketCipher(raw as RawSodium);
    const grow = (): void => {
      const larger = new Uint8Array(raw.HEAPU8.length * 2);
      larger.set(raw.HEAPU8);
      raw.HEAPU8.fill(0xee); // as good as gone
      raw.HEAPU8 = larger;
    };
    const key = { key: new Uint8Array(32), iv: new Uint8Array(12) };
    const packet = Uint8Array.from({ length: 30 }, (_, i) => i);
    expect(growing.open(packet, 3, key, 1)).toBe(14);
    grow();
    expect([...growing.opened.subarray(0, 30)]).toEqual([...packet]);
    grow();
    expect(growing.open(packet.toReversed(), 3, key, 2)).toBe(14);
    expect([...growing.opened.subarray(0, 30)]).toEqual([...packet.toReversed()]);
  });
});
