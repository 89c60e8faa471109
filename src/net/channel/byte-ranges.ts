/**
 * Which bytes of a message arrived, or were acked: runs that neither overlap nor touch, in order.
 *
 *   starts  0     3000  6200          [0, 1100) [3000, 5200) [6200, 7300)
 *   ends    1100  5200  7300
 */
export class ByteRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** How many runs. */
  get count(): number {
    return this.#starts.length;
  }

  /** True when all of `[start, end)` is in it. */
  covers(start: number, end: number): boolean {
    if (start >= end) return true;
    const at = this.#runAt(start);
    return at < this.#starts.length && this.#starts[at]! <= start && this.#ends[at]! >= end;
  }

  /** The first byte at or after `from` that is missing. */
  firstMissing(from: number): number {
    const at = this.#runAt(from);
    return at < this.#starts.length && this.#starts[at]! <= from ? this.#ends[at]! : from;
  }

  /** The first byte at or after `from` that is there, or `end`. */
  firstPresent(from: number, end: number): number {
    const at = this.#runAt(from);
    return at < this.#starts.length ? Math.min(end, Math.max(from, this.#starts[at]!)) : end;
  }

  /** True when adding `[start, end)` would make one more run. */
  wouldAddRun(start: number, end: number): boolean {
    // A run that ends where this one begins is joined with it.
    const at = this.#runAt(start - 1);
    return at === this.#starts.length || this.#starts[at]! > end;
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    const first = this.#runAt(start - 1);
    let last = first;
    let [from, to] = [start, end];
    while (last < this.#starts.length && this.#starts[last]! <= end) {
      from = Math.min(from, this.#starts[last]!);
      to = Math.max(to, this.#ends[last]!);
      last += 1;
    }
    // Nearly always one run grows: no need to move anything.
    if (last - first === 1) {
      this.#starts[first] = from;
      this.#ends[first] = to;
      return;
    }
    this.#starts.splice(first, last - first, from);
    this.#ends.splice(first, last - first, to);
  }

  /** Index of the first run that ends after byte `at`. */
  #runAt(at: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
