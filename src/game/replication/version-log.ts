import type { Replica } from "../schema/field-codec.ts";

/** No (older) version. */
export const NONE = -2;

/**
 * Versions of entities of one kind that newer ones took the place of: a ring, oldest first, each with a link to the
 * one before it of the same row. A version is needed until every tick it was in force at is forgotten.
 */
export class VersionLog {
  /** By slot: the tick the version is of. */
  ticks: Float64Array = new Float64Array(FIRST_SLOTS);
  /** By slot: the slot of the version before it, or `NONE`. */
  previous: Int32Array = new Int32Array(FIRST_SLOTS);
  /** Rows of numbers, one after the other. */
  numbers: Float64Array;
  /** By place, then slot. */
  readonly values: Replica[][];
  /** By row: the newest slot, or `NONE`. */
  heads: Int32Array = new Int32Array(0);
  readonly #width: number;
  /** By slot: the tick of the version that took its place. */
  #ends = new Float64Array(FIRST_SLOTS);
  #first = 0;
  #count = 0;

  constructor(numberPlaces: number, valuePlaces: number) {
    this.#width = numberPlaces;
    this.numbers = new Float64Array(FIRST_SLOTS * numberPlaces);
    this.values = Array.from({ length: valuePlaces }, () => []);
  }

  get size(): number {
    return this.#count;
  }

  growRows(rows: number): void {
    const heads = new Int32Array(rows).fill(NONE);
    heads.set(this.heads);
    this.heads = heads;
  }

  /**
   * Logs what is in force in the first `count` of `rows`, but for those that have the flag `born`: these had nothing, and
   * from now on are someone else. It is of the tick in `inForce`, and no longer in force at `end`. Fills in `slots`
   * where it is, or `NONE`; its numbers and values are to be filled in there.
   */
  push(
    rows: Int32Array,
    count: number,
    flags: Uint8Array,
    born: number,
    inForce: Float64Array,
    end: number,
    slots: Int32Array,
  ): void {
    while (this.#count + count > this.ticks.length) this.#grow();
    const { ticks, previous, heads } = this;
    const ends = this.#ends;
    const mask = ticks.length - 1;
    let next = this.#first + this.#count;
    for (let n = 0; n < count; n += 1) {
      const row = rows[n]!;
      if ((flags[row]! & born) !== 0) {
        heads[row] = NONE;
        slots[n] = NONE;
        continue;
      }
      const slot = next & mask;
      next += 1;
      ticks[slot] = inForce[row]!;
      ends[slot] = end;
      previous[slot] = heads[row]!;
      heads[row] = slot;
      slots[n] = slot;
    }
    this.#count = next - this.#first;
  }

  /** Frees what was in force only before `tick`. */
  forgetBefore(tick: number): void {
    const capacity = this.ticks.length;
    while (this.#count > 0 && this.#ends[this.#first]! <= tick) {
      this.#first = (this.#first + 1) & (capacity - 1);
      this.#count -= 1;
    }
  }

  /**
   * The newest version of `row` of at most `tick`, or `NONE`. Links to what was freed are never followed: a link
   * leads to what was in force until just before the version that has it, and that is asked for only if it is not
   * older than what `forgetBefore` left.
   */
  find(row: number, tick: number): number {
    let slot = this.heads[row]!;
    while (slot >= 0 && this.ticks[slot]! > tick) slot = this.previous[slot]!;
    return slot;
  }

  /** Twice the room, so always a power of two, the oldest in slot 0: links and heads are counted anew. */
  #grow(): void {
    const old = this.ticks.length;
    const moved = (slot: number): number => {
      const to = slot < 0 ? NONE : (slot - this.#first + old) % old;
      return to < this.#count ? to : NONE;
    };
    const ticks = new Float64Array(old * 2);
    const ends = new Float64Array(old * 2);
    const previous = new Int32Array(old * 2);
    const numbers = new Float64Array(old * 2 * this.#width);
    for (let to = 0; to < this.#count; to += 1) {
      const from = (this.#first + to) & (old - 1);
      ticks[to] = this.ticks[from]!;
      ends[to] = this.#ends[from]!;
      previous[to] = moved(this.previous[from]!);
      numbers.set(this.numbers.subarray(from * this.#width, (from + 1) * this.#width), to * this.#width);
    }
    for (const [place, column] of this.values.entries()) {
      this.values[place] = column.slice(this.#first).concat(column.slice(0, this.#first));
    }
    for (let row = 0; row < this.heads.length; row += 1) this.heads[row] = moved(this.heads[row]!);
    this.ticks = ticks;
    this.#ends = ends;
    this.previous = previous;
    this.numbers = numbers;
    this.#first = 0;
  }
}

const FIRST_SLOTS = 64;
