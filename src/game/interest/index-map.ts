const FIRST_PLACES = 32;

/**
 * Finds the slot of an entity index: open addressing with linear probing, at most half full, nothing allocated
 * while it does not grow. Removal moves later entries back (Knuth, The Art of Computer Programming 6.4,
 * algorithm R), so that no tombstones pile up.
 */
export class IndexMap {
  /** Entity index + 1, 0 = free. */
  #keys = new Int32Array(FIRST_PLACES);
  #slots = new Int32Array(FIRST_PLACES);
  #size = 0;
  #mask = FIRST_PLACES - 1;

  /** -1 when there is none. */
  get(index: number): number {
    const key = index + 1;
    const keys = this.#keys;
    for (let at = this.#home(key); ; at = (at + 1) & this.#mask) {
      const found = keys[at]!;
      if (found === key) return this.#slots[at]!;
      if (found === 0) return -1;
    }
  }

  /** The index must not be there yet. */
  add(index: number, slot: number): void {
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    this.#size += 1;
    this.#put(index + 1, slot);
  }

  delete(index: number): void {
    const key = index + 1;
    let at = this.#home(key);
    while (this.#keys[at] !== key) {
      if (this.#keys[at] === 0) return;
      at = (at + 1) & this.#mask;
    }
    this.#size -= 1;
    let free = at;
    for (;;) {
      at = (at + 1) & this.#mask;
      const next = this.#keys[at]!;
      if (next === 0) break;
      // It may move back only if its home is not between the free place and its own.
      if (((at - this.#home(next)) & this.#mask) < ((at - free) & this.#mask)) continue;
      this.#keys[free] = next;
      this.#slots[free] = this.#slots[at]!;
      free = at;
    }
    this.#keys[free] = 0;
  }

  #put(key: number, slot: number): void {
    let at = this.#home(key);
    while (this.#keys[at] !== 0) at = (at + 1) & this.#mask;
    this.#keys[at] = key;
    this.#slots[at] = slot;
  }

  /** Fibonacci hashing, folded: neighbours in index are rarely neighbours here. */
  #home(key: number): number {
    const hash = Math.imul(key, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  #grow(): void {
    const keys = this.#keys;
    const slots = this.#slots;
    this.#keys = new Int32Array(keys.length * 2);
    this.#slots = new Int32Array(keys.length * 2);
    this.#mask = this.#keys.length - 1;
    for (let at = 0; at < keys.length; at += 1) if (keys[at] !== 0) this.#put(keys[at]!, slots[at]!);
  }
}
