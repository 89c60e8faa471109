import libsodium from "libsodium-wrappers";

/** The part of libsodium we call. One narrow door, so that the rest of the code names no library. */
export interface Sodium {
  /** Keyed or plain BLAKE2b (RFC 7693) of `length` bytes, 16 to 64. */
  hash(length: number, message: Uint8Array, key?: Uint8Array): Uint8Array;
  /** True when both hold the same bytes; takes as long for any difference. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}

/** libsodium is WebAssembly and becomes ready a moment after it was loaded. */
export async function loadSodium(): Promise<Sodium> {
  await libsodium.ready;
  return {
    hash: (length, message, key) => libsodium.crypto_generichash(length, message, key ?? null),
    equal: (a, b) => a.length === b.length && libsodium.memcmp(a, b),
  };
}
