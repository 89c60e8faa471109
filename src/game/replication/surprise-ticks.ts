/** What `firstAfter` answers when there was a surprise, but longer ago than is remembered. */
export const FORGOTTEN = -1;

/**
 * When entities surprised: 64 ticks for each slot, as bits counted back from its newest surprise. Only a surprise
 * touches anything, so what rests costs nothing.
 */
export class SurpriseTicks {
  /** Slot × 2: the tick of the newest surprise; + 1: the newest one that was forgotten. */
  #ticks = new Float64Array(0);
  /** Slot × 2: bit n is n ticks before the newest; + 1: bit n is n + 32 before it. */
  #bits = new Int32Array(0);

  /** Makes room for so many slots. */
  grow(slots: number): void {
    const [ticks, bits] = [this.#ticks, this.#bits];
    this.#ticks = new Float64Array(slots * 2);
    this.#ticks.set(ticks);
    this.#bits = new Int32Array(slots * 2);
    this.#bits.set(bits);
  }

  /** A new life: `tick` is its first surprise. */
  begin(slot: number, tick: number): void {
    this.#ticks[slot * 2] = tick;
    this.#ticks[slot * 2 + 1] = FORGOTTEN;
    this.#bits[slot * 2] = 1;
    this.#bits[slot * 2 + 1] = 0;
  }

  /**
   * Marks those of `rows`, from place `from` to before `to`, that have one of the flags `seen`. The slot of a row is its
   * `indexes` × `groups` + `group`. Ticks only rise.
   */
  markAll(
    rows: Int32Array,
    from: number,
    to: number,
    flags: Uint8Array,
    seen: number,
    indexes: Int32Array,
    groups: number,
    group: number,
    tick: number,
  ): void {
    const ticks = this.#ticks;
    const bits = this.#bits;
    for (let n = from; n < to; n += 1) {
      const row = rows[n]!;
      if ((flags[row]! & seen) === 0) continue;
      const at = (indexes[row]! * groups + group) * 2;
      const newest = ticks[at]!;
      let shift = tick - newest;
      if (shift === 0) continue;
      let near = bits[at]!;
      let far = bits[at + 1]!;
      let forgotten = ticks[at + 1]!;
      if (shift >= 64) {
        forgotten = newest;
        near = 0;
        far = 0;
        shift = 0;
      } else if (shift >= 32) {
        if (far !== 0) forgotten = newest - 63 + Math.clz32(far & -far);
        far = near;
        near = 0;
        shift -= 32;
      }
      // What falls out at the old end; the newest of it is the lowest bit, 31 − clz32(bits & −bits). Shifted in two steps, as
      // by 32 nothing is shifted.
      const lost = (far >>> 1) >>> (31 - shift);
      if (lost !== 0) forgotten = tick - 95 + Math.clz32(lost & -lost);
      ticks[at] = tick;
      ticks[at + 1] = forgotten;
      bits[at] = (near << shift) | 1;
      bits[at + 1] = (far << shift) | ((near >>> 1) >>> (31 - shift));
    }
  }

  /** The tick of the newest surprise. */
  newest(slot: number): number {
    return this.#ticks[slot * 2]!;
  }

  /** The first surprise after `tick`: Infinity if there was none, `FORGOTTEN` if it is not known which was the first. */
  firstAfter(slot: number, tick: number): number {
    const newest = this.#ticks[slot * 2]!;
    if (newest <= tick) return Infinity;
    if (this.#ticks[slot * 2 + 1]! > tick) return FORGOTTEN;
    // Bits 0 … span − 1 are later than `tick`.
    const span = newest - tick;
    const allFar = this.#bits[slot * 2 + 1]!;
    const far = span >= 64 ? allFar : span > 32 ? allFar & mask(span - 32) : 0;
    if (far !== 0) return newest - 63 + Math.clz32(far);
    const allNear = this.#bits[slot * 2]!;
    const near = span >= 32 ? allNear : allNear & mask(span);
    return newest - 31 + Math.clz32(near);
  }
}

/** The lowest `count` bits, 1 … 31. */
function mask(count: number): number {
  return (1 << count) - 1;
}
