/** The last so many numbers, and how they are spread. Adding allocates nothing. */
export class SortedWindow {
  /** How many there are, up to the size. */
  count = 0;
  /** In the order they came; `#next` is where the next one goes. */
  readonly #came: Float64Array;
  readonly #sorted: Float64Array;
  #next = 0;

  constructor(size: number) {
    this.#came = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  /** The oldest makes room. */
  add(value: number): void {
    const sorted = this.#sorted;
    const size = sorted.length;
    const isFull = this.count === size;
    const oldest = this.#came[this.#next]!;
    this.#came[this.#next] = value;
    this.#next = this.#next + 1 === size ? 0 : this.#next + 1;
    if (isFull && oldest === value) return;
    const from = isFull ? this.#find(oldest) : this.count;
    const at = this.#find(value);
    // Only what lies between the two places moves, by one.
    if (at <= from) sorted.copyWithin(at + 1, at, from);
    else sorted.copyWithin(from, from + 1, at);
    sorted[at <= from ? at : at - 1] = value;
    if (!isFull) this.count += 1;
  }

  /** The value that `share` (0 to 1) of all are not above; 0 without any. */
  quantile(share: number): number {
    if (this.count === 0) return 0;
    return this.#sorted[Math.max(0, Math.ceil(share * this.count) - 1)]!;
  }

  /** Forgets all but the newest `count`. */
  keepNewest(count: number): void {
    const size = this.#came.length;
    const kept = Array.from(
      { length: Math.min(count, this.count) },
      (_, i) => this.#came[(this.#next - 1 - i + size) % size]!,
    );
    this.count = 0;
    for (const value of kept.reverse()) this.add(value);
  }

  /** Where `value` stands, or belongs. */
  #find(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
