import libsodium from "libsodium-wrappers";
import { PacketCipher, type RawSodium } from "./packet-cipher.ts";

/** The part of libsodium we call. One narrow door, so that the rest of the code names no library. */
export interface Sodium {
  /** Keyed or plain BLAKE2b (RFC 7693) of `length` bytes, 16 to 64. */
  hash(length: number, message: Uint8Array, key?: Uint8Array): Uint8Array;
  /** True when both hold the same bytes; takes as long for any difference. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
  /** X25519 (RFC 7748): the public key of a secret of 32 random bytes. */
  publicKey(secret: Uint8Array): Uint8Array;
  /** X25519 of our secret and their public key; undefined for keys that force a known result. */
  sharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
  /** XChaCha20-Poly1305 with a nonce of 24 bytes: sealed bytes and their tag. */
  sealToken(plain: Uint8Array, associated: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
  /** What `sealToken` sealed, or undefined for a forgery. */
  openToken(
    sealed: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array | undefined;
  /** base64url without padding. */
  toBase64(bytes: Uint8Array): string;
  fromBase64(text: string): Uint8Array | undefined;
  /** Seals and opens packets, on memory of its own. */
  packetCipher(): PacketCipher;
}

/** libsodium is WebAssembly and becomes ready a moment after it was loaded. */
export async function loadSodium(): Promise<Sodium> {
  await libsodium.ready;
  // The raw module is there on all three runtimes, but the types do not know it.
  const raw = (libsodium as unknown as { readonly libsodium: RawSodium }).libsodium;
  return {
    hash: (length, message, key) => libsodium.crypto_generichash(length, message, key ?? null),
    equal: (a, b) => a.length === b.length && libsodium.memcmp(a, b),
    publicKey: (secret) => libsodium.crypto_scalarmult_base(secret),
    sharedSecret(secret, publicKey) {
      try {
        return libsodium.crypto_scalarmult(secret, publicKey);
      } catch {
        return undefined;
      }
    },
    sealToken: (plain, associated, nonce, key) =>
      libsodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, associated, null, nonce, key),
    openToken(sealed, associated, nonce, key) {
      try {
        return libsodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, associated, nonce, key);
      } catch {
        return undefined;
      }
    },
    toBase64: (bytes) => libsodium.to_base64(bytes, libsodium.base64_variants.URLSAFE_NO_PADDING),
    fromBase64(text) {
      try {
        return libsodium.from_base64(text, libsodium.base64_variants.URLSAFE_NO_PADDING);
      } catch {
        return undefined;
      }
    },
    packetCipher: () => new PacketCipher(raw),
  };
}
