/** What `firstAfter` answers when there was a surprise, but longer ago than is remembered. */
export const FORGOTTEN = -1;

/**
 * When entities surprised: 64 ticks for each slot, as bits counted back from its newest surprise. Only a surprise
 * touches anything, so what rests costs nothing.
 */
export class SurpriseTicks {
  /** Tick of the newest surprise. */
  #newest = new Float64Array(0);
  /** Bit n of `#near` is n ticks before that, bit n of `#far` n + 32. */
  #near = new Int32Array(0);
  #far = new Int32Array(0);
  /** The newest surprise that was forgotten. */
  #forgottenUpTo = new Float64Array(0);

  /** Makes room for so many slots. */
  grow(slots: number): void {
    this.#newest = copied(new Float64Array(slots), this.#newest);
    this.#near = copied(new Int32Array(slots), this.#near);
    this.#far = copied(new Int32Array(slots), this.#far);
    this.#forgottenUpTo = copied(new Float64Array(slots), this.#forgottenUpTo);
  }

  /** A new life: `tick` is its first surprise. */
  begin(slot: number, tick: number): void {
    this.#newest[slot] = tick;
    this.#near[slot] = 1;
    this.#far[slot] = 0;
    this.#forgottenUpTo[slot] = FORGOTTEN;
  }

  /** Ticks only rise. */
  mark(slot: number, tick: number): void {
    const shift = tick - this.#newest[slot]!;
    if (shift === 0) return;
    const near = this.#near[slot]!;
    const far = this.#far[slot]!;
    if (shift >= 64) {
      this.#forgottenUpTo[slot] = this.#newest[slot]!;
      this.#near[slot] = 1;
      this.#far[slot] = 0;
    } else {
      // The newest of those that fall out at the old end.
      const lostNear = shift > 32 ? near >>> (64 - shift) : 0;
      const lostFar = shift < 32 ? far >>> (32 - shift) : far;
      if (lostNear !== 0) this.#forgottenUpTo[slot] = tick - 64 - lowestBit(lostNear);
      else if (lostFar !== 0)
        this.#forgottenUpTo[slot] = tick - Math.max(64, 32 + shift) - lowestBit(lostFar);
      this.#far[slot] = shift < 32 ? (far << shift) | (near >>> (32 - shift)) : near << (shift - 32);
      this.#near[slot] = (shift < 32 ? near << shift : 0) | 1;
    }
    this.#newest[slot] = tick;
  }

  /** The tick of the newest surprise. */
  newest(slot: number): number {
    return this.#newest[slot]!;
  }

  /** The first surprise after `tick`: Infinity if there was none, `FORGOTTEN` if it is not known which was the first. */
  firstAfter(slot: number, tick: number): number {
    const newest = this.#newest[slot]!;
    if (newest <= tick) return Infinity;
    if (this.#forgottenUpTo[slot]! > tick) return FORGOTTEN;
    // Bits 0 … span − 1 are later than `tick`.
    const span = newest - tick;
    const far = span >= 64 ? this.#far[slot]! : span > 32 ? this.#far[slot]! & mask(span - 32) : 0;
    if (far !== 0) return newest - 63 + Math.clz32(far);
    const near = span >= 32 ? this.#near[slot]! : this.#near[slot]! & mask(span);
    return newest - 31 + Math.clz32(near);
  }
}

/** The lowest `count` bits, 1 … 31. */
function mask(count: number): number {
  return (1 << count) - 1;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function copied<A extends Float64Array | Int32Array>(into: A, from: A): A {
  into.set(from);
  return into;
}
