/**
 * Gives numbers back by falling key: a binary heap over memory that is used again. Building it costs one pass,
 * and each taking log2(count) steps, so that the few records that fit need no sorting of the many.
 */
export class SlotHeap {
  count = 0;
  #items = new Int32Array(64);
  #keys = new Float64Array(64);

  clear(): void {
    this.count = 0;
  }

  /** Adds without order: call `order` after the last. */
  add(item: number, key: number): void {
    if (this.count === this.#items.length) this.#grow();
    this.#items[this.count] = item;
    this.#keys[this.count] = key;
    this.count += 1;
  }

  order(): void {
    for (let at = (this.count >> 1) - 1; at >= 0; at -= 1) this.#sink(at);
  }

  /** The greatest key; only while `count` is not 0. */
  get topKey(): number {
    return this.#keys[0]!;
  }

  /** Takes the item with the greatest key out; only while `count` is not 0. */
  take(): number {
    const item = this.#items[0]!;
    this.count -= 1;
    this.#items[0] = this.#items[this.count]!;
    this.#keys[0] = this.#keys[this.count]!;
    this.#sink(0);
    return item;
  }

  #sink(from: number): void {
    const items = this.#items;
    const keys = this.#keys;
    const item = items[from]!;
    const key = keys[from]!;
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.count) break;
      if (child + 1 < this.count && keys[child + 1]! > keys[child]!) child += 1;
      if (keys[child]! <= key) break;
      items[at] = items[child]!;
      keys[at] = keys[child]!;
      at = child;
    }
    items[at] = item;
    keys[at] = key;
  }

  #grow(): void {
    const items = new Int32Array(this.#items.length * 2);
    items.set(this.#items);
    this.#items = items;
    const keys = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
  }
}
