import type { Replica } from "../schema/field-codec.ts";
import { MAX_AGE_TICKS } from "../schema/record-ages.ts";

/** No (older) version. */
export const NONE = -2;
const KEPT_TICKS = MAX_AGE_TICKS + 1;

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
  /** By tick modulo how many are kept: how many versions lost their place at it. */
  readonly #ended = new Int32Array(KEPT_TICKS);
  /** None of them did so before. */
  #oldestEnd = 0;
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
   * Logs what is in force in `rows`, from place `from` to before `to`: of the ticks in `inForce`, with the numbers and values
   * in `numbers` and `values`, and no longer in force at `end`, which is less than 64 ticks after what `forgetBefore` left.
   */
  push(
    rows: Int32Array,
    from: number,
    to: number,
    inForce: Float64Array,
    numbers: Float64Array,
    values: readonly Replica[][],
    end: number,
  ): void {
    const count = to - from;
    while (this.#count + count > this.ticks.length) this.#grow();
    const { ticks, previous, heads } = this;
    const mask = ticks.length - 1;
    // The slot of the first of `rows`, if it were logged, too.
    const first = this.#first + this.#count - from;
    for (let n = from; n < to; n += 1) {
      const row = rows[n]!;
      const slot = (first + n) & mask;
      ticks[slot] = inForce[row]!;
      previous[slot] = heads[row]!;
      heads[row] = slot;
    }
    const width = this.#width;
    // Three at a time: a loop around one costs as much as what it does.
    let place = 0;
    for (; place + 3 <= width; place += 3) {
      copyThree(numbers, this.numbers, width, place, rows, from, to, first, mask);
    }
    for (; place < width; place += 1) {
      copyOne(numbers, this.numbers, width, place, rows, from, to, first, mask);
    }
    for (let of = 0; of < values.length; of += 1) {
      const log = this.values[of]!;
      for (let n = from; n < to; n += 1) log[(first + n) & mask] = values[of]![rows[n]!];
    }
    if (this.#count === 0) this.#oldestEnd = end;
    this.#ended[end % KEPT_TICKS]! += count;
    this.#count += count;
  }

  /** From now on someone else lives in `row`, who had nothing before. */
  begin(row: number): void {
    this.heads[row] = NONE;
  }

  /** Frees what was in force only before `tick`. */
  forgetBefore(tick: number): void {
    const mask = this.ticks.length - 1;
    const ended = this.#ended;
    while (this.#count > 0 && this.#oldestEnd <= tick) {
      const at = this.#oldestEnd % KEPT_TICKS;
      this.#first = (this.#first + ended[at]!) & mask;
      this.#count -= ended[at]!;
      ended[at] = 0;
      this.#oldestEnd += 1;
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
    const previous = new Int32Array(old * 2);
    const numbers = new Float64Array(old * 2 * this.#width);
    for (let to = 0; to < this.#count; to += 1) {
      const from = (this.#first + to) & (old - 1);
      ticks[to] = this.ticks[from]!;
      previous[to] = moved(this.previous[from]!);
      numbers.set(this.numbers.subarray(from * this.#width, (from + 1) * this.#width), to * this.#width);
    }
    for (const [place, column] of this.values.entries()) {
      this.values[place] = column.slice(this.#first).concat(column.slice(0, this.#first));
    }
    for (let row = 0; row < this.heads.length; row += 1) this.heads[row] = moved(this.heads[row]!);
    this.ticks = ticks;
    this.previous = previous;
    this.numbers = numbers;
    this.#first = 0;
  }
}

const FIRST_SLOTS = 64;

function copyThree(
  source: Float64Array,
  target: Float64Array,
  width: number,
  place: number,
  rows: Int32Array,
  from: number,
  to: number,
  first: number,
  mask: number,
): void {
  for (let n = from; n < to; n += 1) {
    const at = rows[n]! * width + place;
    const slot = ((first + n) & mask) * width + place;
    target[slot] = source[at]!;
    target[slot + 1] = source[at + 1]!;
    target[slot + 2] = source[at + 2]!;
  }
}

function copyOne(
  source: Float64Array,
  target: Float64Array,
  width: number,
  place: number,
  rows: Int32Array,
  from: number,
  to: number,
  first: number,
  mask: number,
): void {
  for (let n = from; n < to; n += 1) {
    target[((first + n) & mask) * width + place] = source[rows[n]! * width + place]!;
  }
}
