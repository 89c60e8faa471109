const FIRST_PLACES = 32;

/**
 * Finds the slot of an entity index: open addressing with linear probing, at most half full, nothing allocated
 * while it does not grow. Removal moves later entries back (Knuth, The Art of Computer Programming 6.4,
 * algorithm R), so that no tombstones pile up.
 */
export class IndexMap {
  /** Entity index + 1 (0 = free) and slot, side by side: a look-up touches one place of memory. */
  #pairs = new Int32Array(FIRST_PLACES * 2);
  #size = 0;
  #mask = FIRST_PLACES - 1;

  /** -1 when there is none. */
  get(index: number): number {
    const key = index + 1;
    const pairs = this.#pairs;
    for (let at = this.#home(key); ; at = (at + 1) & this.#mask) {
      const found = pairs[at * 2]!;
      if (found === key) return pairs[at * 2 + 1]!;
      if (found === 0) return -1;
    }
  }

  /** The index must not be there yet. */
  add(index: number, slot: number): void {
    if (this.#size * 2 > this.#mask) this.#grow();
    this.#size += 1;
    this.#put(index + 1, slot);
  }

  delete(index: number): void {
    const key = index + 1;
    const pairs = this.#pairs;
    let at = this.#home(key);
    while (pairs[at * 2] !== key) {
      if (pairs[at * 2] === 0) return;
      at = (at + 1) & this.#mask;
    }
    this.#size -= 1;
    let free = at;
    for (;;) {
      at = (at + 1) & this.#mask;
      const next = pairs[at * 2]!;
      if (next === 0) break;
      // It may move back only if its home is not between the free place and its own.
      if (((at - this.#home(next)) & this.#mask) < ((at - free) & this.#mask)) continue;
      pairs[free * 2] = next;
      pairs[free * 2 + 1] = pairs[at * 2 + 1]!;
      free = at;
    }
    pairs[free * 2] = 0;
  }

  #put(key: number, slot: number): void {
    let at = this.#home(key);
    while (this.#pairs[at * 2] !== 0) at = (at + 1) & this.#mask;
    this.#pairs[at * 2] = key;
    this.#pairs[at * 2 + 1] = slot;
  }

  /** Fibonacci hashing, folded: neighbours in index are rarely neighbours here. */
  #home(key: number): number {
    const hash = Math.imul(key, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  #grow(): void {
    const pairs = this.#pairs;
    this.#pairs = new Int32Array(pairs.length * 2);
    this.#mask = pairs.length - 1;
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at] !== 0) this.#put(pairs[at]!, pairs[at + 1]!);
  }
}
