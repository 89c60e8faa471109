/**
 * Numbers that look random and are the same on every runtime for the same seed: sfc32 (Chris Doty-Humphrey,
 * PractRand), in 32-bit integer steps only. For simulations and games; never for keys.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = 0x9e3779b9;
    this.#b = Math.floor(seed / 0x1_0000_0000) | 0;
    this.#c = seed | 0;
    // Twelve rounds carry every bit of the seed everywhere, so that seeds 1 and 2 have nothing in common.
    for (let round = 0; round < 12; round += 1) this.uint32();
  }

  /** A whole number of 32 bits. */
  uint32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** At least 0, less than 1, in steps of 2^-32. */
  next(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number of at least 0 and less than `limit` (up to 2^32). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Fills `into`; its bytes do not depend on how the machine orders them. */
  fill(into: Uint8Array): void {
    let word = 0;
    for (let i = 0; i < into.length; i += 1) {
      if ((i & 3) === 0) word = this.uint32();
      into[i] = word & 0xff;
      word >>>= 8;
    }
  }
}
