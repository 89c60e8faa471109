/**
 * Keys of connections, kept in libsodium's memory for as long as they are used: with a thousand peers it is bringing
 * the keys, which nobody has looked at since the last packet, that costs time.
 *
 *   slot   key 32 ‖ IV 12 ‖ unused 20      a line of the processor's cache
 */
const SLOT_BYTES = 64;
export const SLOT_IV_AT = 32;
/** Slots that are asked for at a time: 16 kB. Memory once asked for is kept. */
const SLOTS_AT_ONCE = 256;

/** What a shelf needs of libsodium. */
export interface KeyMemory {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
}

/** A key that seals or opens many packets. Whoever has it says when it has done so for the last time. */
export class LastingKey {
  /** Where its slot is, and on which shelf; none before its first packet, nor after the last. */
  at = 0;
  shelf: KeyShelf | undefined;
  isOver = false;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;

  constructor(key: Uint8Array, iv: Uint8Array) {
    this.key = key;
    this.iv = iv;
  }

  /** Wipes it from its shelf. What it seals or opens after that takes longer, and leaves nothing there. */
  letGo(): void {
    this.isOver = true;
    this.shelf?.wipe(this.at);
    this.shelf = undefined;
  }
}

/** The slots of one cipher. A key that is never let go keeps its slot. */
export class KeyShelf {
  readonly #memory: KeyMemory;
  readonly #free: number[] = [];

  constructor(memory: KeyMemory) {
    this.#memory = memory;
  }

  /** Puts the key into a slot of its own. It must be on no shelf yet. */
  put(key: LastingKey): void {
    if (this.#free.length === 0) this.#grow();
    key.at = this.#free.pop()!;
    key.shelf = this;
    const { HEAPU8 } = this.#memory;
    HEAPU8.set(key.key, key.at);
    HEAPU8.set(key.iv, key.at + SLOT_IV_AT);
  }

  wipe(at: number): void {
    this.#memory.HEAPU8.fill(0, at, at + SLOT_BYTES);
    this.#free.push(at);
  }

  #grow(): void {
    const start = this.#memory._malloc((SLOTS_AT_ONCE + 1) * SLOT_BYTES);
    const first = Math.ceil(start / SLOT_BYTES) * SLOT_BYTES;
    for (let slot = SLOTS_AT_ONCE - 1; slot >= 0; slot -= 1) this.#free.push(first + slot * SLOT_BYTES);
  }
}
