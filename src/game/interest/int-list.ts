const FIRST_ITEMS = 16;

/** Whole numbers of 32 bits in memory that is used again. Growth replaces `items`. */
export class IntList {
  items: Int32Array = new Int32Array(FIRST_ITEMS);
  count = 0;

  push(item: number): void {
    if (this.count === this.items.length) this.reserve(this.count + 1);
    this.items[this.count] = item;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
  }

  /** Makes room for `count` items in all. */
  reserve(count: number): void {
    if (count <= this.items.length) return;
    let length = this.items.length;
    while (length < count) length *= 2;
    const grown = new Int32Array(length);
    grown.set(this.items);
    this.items = grown;
  }
}
