import { stepsPerUnit } from "./quantize-column.ts";
import type { PlannedField } from "./replica-plan.ts";
import { clampedReplica, TOLERANCE_STEPS } from "./replica-rule.ts";

/** A field of one kind that follows a rate: which of its replicas go on, and what becomes of the others. */
export class FollowerColumn {
  readonly field: PlannedField;
  /** Bit of the class that is the first to see it. */
  readonly #bit: number;
  readonly #step: number;
  /** What is this near with 1 ÷ step for ÷ step surely is so with the division. */
  readonly #nearSteps: number;
  /** By row: the replica when its version came, less the way its rate had come by then. */
  #starts = new Float64Array(0);
  /** By row: v · k. */
  #speeds = new Float64Array(0);
  /** First rows of fours that are to be looked at closely. */
  #suspects = new Int32Array(0);

  constructor(field: PlannedField) {
    this.field = field;
    this.#bit = 1 << field.viewer;
    this.#step = field.schema.codec.scalar!.step;
    this.#nearSteps = surelyNear(field);
  }

  /** Makes room for `rows`, a multiple of 4. */
  grow(rows: number): void {
    const [starts, speeds] = [this.#starts, this.#speeds];
    this.#starts = new Float64Array(rows);
    this.#starts.set(starts);
    this.#speeds = new Float64Array(rows);
    this.#speeds.set(speeds);
    this.#suspects = new Int32Array(rows / 4);
  }

  /**
   * Flags those of the first `rows`, where `ids` live, whose replica may not go on and that are not flagged yet. Adds them
   * to the `count` rows of `flagged`, and answers how many those are then.
   */
  check(
    stored: Float64Array,
    ids: Float64Array,
    rows: number,
    tick: number,
    flags: Uint8Array,
    flagged: Int32Array,
    count: number,
  ): number {
    const fours = this.#suspect(stored, rows, tick);
    const starts = this.#starts;
    const speeds = this.#speeds;
    const step = this.#step;
    const { least, most } = this.field.bounds;
    const clamped = clampedReplica;
    const tolerance = TOLERANCE_STEPS;
    const suspects = this.#suspects;
    const bit = this.#bit;
    let next = count;
    for (let n = 0; n < fours; n += 1) {
      const first = suspects[n]!;
      const end = Math.min(first + 4, rows);
      for (let row = first; row < end; row += 1) {
        if (flags[row] !== 0 || ids[row] === 0) continue;
        const replica = starts[row]! + Math.floor(speeds[row]! * tick + 0.5);
        const steps = stored[row]! / step;
        if (Math.abs(replica - steps) <= tolerance) continue;
        if (Math.abs(clamped(replica, least, most) - steps) <= tolerance) continue;
        flags[row] = bit;
        flagged[next] = row;
        next += 1;
      }
    }
    return next;
  }

  /** Lists fours of rows of which one at least is not surely near, and answers how many. */
  #suspect(stored: Float64Array, rows: number, tick: number): number {
    const near = this.#nearSteps;
    const perUnit = 1 / this.#step;
    const starts = this.#starts;
    const speeds = this.#speeds;
    const suspects = this.#suspects;
    let count = 0;
    // Four at a time: a loop around so little costs more than what it does.
    for (let row = 0; row < rows; row += 4) {
      const a = starts[row]! + Math.floor(speeds[row]! * tick + 0.5) - stored[row]! * perUnit;
      const b = starts[row + 1]! + Math.floor(speeds[row + 1]! * tick + 0.5) - stored[row + 1]! * perUnit;
      const c = starts[row + 2]! + Math.floor(speeds[row + 2]! * tick + 0.5) - stored[row + 2]! * perUnit;
      const d = starts[row + 3]! + Math.floor(speeds[row + 3]! * tick + 0.5) - stored[row + 3]! * perUnit;
      // Written whether or not it counts: what a rare branch does keeps V8 from taking checks out of the loop.
      suspects[count] = row;
      const isNear = Math.abs(a) <= near && Math.abs(b) <= near && Math.abs(c) <= near && Math.abs(d) <= near;
      count += isNear ? 0 : 1;
    }
    return count;
  }

  /**
   * Makes the replicas of the rows `from` … `all` − 1 of `flagged` new; those from `count` on had none before. `known` has
   * `width` numbers per row: rates as they are now, and replicas yet to be. Flags whom it anchors.
   *
   * This is `carriedOverChange` and `anchored` of `replica-rule.ts`, with `starts` in place of R(t0) − d(t0).
   */
  renew(
    flagged: Int32Array,
    from: number,
    count: number,
    all: number,
    stored: Float64Array,
    known: Float64Array,
    width: number,
    tick: number,
    flags: Uint8Array,
  ): void {
    const { place, ratePlace, factor, bounds } = this.field;
    const { least, most } = bounds;
    const starts = this.#starts;
    const speeds = this.#speeds;
    const step = this.#step;
    const bit = this.#bit;
    const clamped = clampedReplica;
    const tolerance = TOLERANCE_STEPS;
    const before = tick - 1;
    for (let n = from; n < all; n += 1) {
      const row = flagged[n]!;
      const steps = stored[row]! / step;
      const speed = known[row * width + ratePlace]! * factor;
      const way = Math.floor(speed * tick + 0.5);
      let start = starts[row]!;
      if (speed !== speeds[row]) {
        // The rate changed at `tick`, so from the tick before on.
        const middle = start + Math.floor(speeds[row]! * before + 0.5);
        start = clamped(middle, least, most) - Math.floor(speed * before + 0.5);
      }
      let replica = clamped(start + way, least, most);
      if (n >= count || !(Math.abs(replica - steps) <= tolerance)) {
        start = Math.floor(steps - speed * tick + 0.5);
        replica = clamped(start + way, least, most);
        flags[row]! |= bit;
      }
      // There is one 0 on the wire: −0 becomes it.
      known[row * width + place] = replica + 0;
      starts[row] = replica - way;
      speeds[row] = speed;
    }
  }
}

function surelyNear({ schema, bounds }: PlannedField): number {
  if (stepsPerUnit(schema.codec.scalar!.step) > 0) return TOLERANCE_STEPS;
  // They may differ in the last bits, which say little below 2^38.
  const largest = Math.max(Math.abs(bounds.least), Math.abs(bounds.most));
  return largest < 2 ** 38 ? TOLERANCE_STEPS - 2 ** -10 : -1;
}
