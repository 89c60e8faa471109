/** How many sweeps are kept. */
const KEPT_SWEEPS = 4;

/**
 * Which rows of a kind were written, and since when: so that who looks at them each tick need not look at those that
 * rest. A mark costs a byte written; marks are gathered into numbered sweeps when someone asks.
 */
export class RowMarks {
  /** By row: 1 once it was written, until the next sweep. */
  marks: Uint8Array = new Uint8Array(0);
  /** What `listSince` found: that many as it said. */
  rows: Int32Array = new Int32Array(0);
  /** The newest sweep that found anything. */
  newest = 0;
  /** The newest sweep whose rows were rounded to the simulation grid: what is younger may change once more unmarked. */
  rounded = -1;
  /** The memory of `marks`, looked at in words of four rows, and those four at a time: most are 0. */
  #words = new Int32Array(0);
  #markedWords = new Int32Array(0);
  /** By sweep modulo how many are kept: what it found. */
  readonly #lists = Array.from({ length: KEPT_SWEEPS }, () => new Int32Array(0));
  readonly #counts = new Int32Array(KEPT_SWEEPS);
  #joined = new Int32Array(0);

  /** Makes room for `rows`, a multiple of 16. */
  grow(rows: number): void {
    const { marks } = this;
    this.#words = new Int32Array(rows / 4);
    this.marks = new Uint8Array(this.#words.buffer);
    this.marks.set(marks);
    // Lists have one more, for what is written in vain.
    this.#markedWords = new Int32Array(rows / 4 + 1);
    for (const [n, list] of this.#lists.entries()) {
      const longer = new Int32Array(rows + 1);
      longer.set(list);
      this.#lists[n] = longer;
    }
    this.#joined = new Int32Array(rows);
  }

  /**
   * Fills `rows` with those of the first `limit` that were written since `sweep` was the newest, and answers how many they
   * are. Some may be there twice; all are, if that is too long ago. −1 is before all.
   */
  listSince(sweep: number, limit: number): number {
    this.#sweep(limit);
    const behind = this.newest - sweep;
    if (behind === 0) return 0;
    if (behind === 1 && sweep >= 0) {
      this.rows = this.#lists[this.newest % KEPT_SWEEPS]!;
      return this.#counts[this.newest % KEPT_SWEEPS]!;
    }
    this.rows = this.#joined;
    let count = 0;
    for (let n = sweep + 1; n <= this.newest && behind <= KEPT_SWEEPS && sweep >= 0; n += 1) {
      const found = this.#counts[n % KEPT_SWEEPS]!;
      if (count + found > limit) return this.#listAll(limit);
      this.#joined.set(this.#lists[n % KEPT_SWEEPS]!.subarray(0, found), count);
      count += found;
    }
    return count > 0 ? count : this.#listAll(limit);
  }

  #listAll(limit: number): number {
    for (let row = 0; row < limit; row += 1) this.#joined[row] = row;
    return limit;
  }

  #sweep(limit: number): void {
    const marked = this.#listMarkedWords(limit);
    if (marked === 0) return;
    const words = this.#words;
    const markedWords = this.#markedWords;
    const { marks } = this;
    this.newest += 1;
    const found = this.#lists[this.newest % KEPT_SWEEPS]!;
    let count = 0;
    for (let n = 0; n < marked; n += 1) {
      const row = markedWords[n]! * 4;
      // Written whether or not it counts, as a branch would often be guessed wrong.
      found[count] = row;
      count += marks[row]!;
      found[count] = row + 1;
      count += marks[row + 1]!;
      found[count] = row + 2;
      count += marks[row + 2]!;
      found[count] = row + 3;
      count += marks[row + 3]!;
      words[markedWords[n]!] = 0;
    }
    this.#counts[this.newest % KEPT_SWEEPS] = count;
  }

  #listMarkedWords(limit: number): number {
    const words = this.#words;
    const list = this.#markedWords;
    let count = 0;
    for (let word = 0; word * 4 < limit; word += 4) {
      const a = words[word]!;
      const b = words[word + 1]!;
      const c = words[word + 2]!;
      const d = words[word + 3]!;
      if ((a | b | c | d) === 0) continue;
      list[count] = word;
      count += a === 0 ? 0 : 1;
      list[count] = word + 1;
      count += b === 0 ? 0 : 1;
      list[count] = word + 2;
      count += c === 0 ? 0 : 1;
      list[count] = word + 3;
      count += d === 0 ? 0 : 1;
    }
    return count;
  }
}
