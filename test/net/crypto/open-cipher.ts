import libsodium from "libsodium-wrappers";
import { PacketCipher, type PacketKey, type RawSodium } from "../../../src/net/crypto/packet-cipher.ts";

await libsodium.ready;
const raw = (libsodium as unknown as { readonly libsodium: RawSodium }).libsodium;

/** A cipher that shows what it holds in libsodium's memory, but for its scratch. */
export class OpenCipher {
  readonly cipher: PacketCipher;
  readonly #pieces: { readonly at: number; readonly bytes: number }[] = [];

  constructor() {
    this.cipher = new PacketCipher({
      get HEAPU8() {
        return raw.HEAPU8;
      },
      _malloc: (bytes) => {
        const at = raw._malloc(bytes);
        raw.HEAPU8.fill(0, at, at + bytes);
        this.#pieces.push({ at, bytes });
        return at;
      },
      _crypto_aead_chacha20poly1305_ietf_encrypt: raw._crypto_aead_chacha20poly1305_ietf_encrypt,
      _crypto_aead_chacha20poly1305_ietf_decrypt: raw._crypto_aead_chacha20poly1305_ietf_decrypt,
    });
  }

  copiesOf({ key, iv }: PacketKey): number {
    const wanted = Buffer.concat([key, iv]).toString("latin1");
    const found = this.#shelves().map((bytes) => bytes.toString("latin1").split(wanted).length - 1);
    return found.reduce((sum, copies) => sum + copies, 0);
  }

  /** How many keys it holds. */
  get keys(): number {
    let keys = 0;
    for (const bytes of this.#shelves()) {
      for (let at = 0; at < bytes.length; at += 64) if (bytes.subarray(at, at + 44).some(Boolean)) keys += 1;
    }
    return keys;
  }

  /** Without what malloc gave beside them. */
  #shelves(): Buffer[] {
    // The first piece is the scratch.
    return this.#pieces.slice(1).map(({ at, bytes }) => {
      const first = Math.ceil(at / 64) * 64;
      return Buffer.from(raw.HEAPU8.slice(first, first + bytes - 64));
    });
  }
}
