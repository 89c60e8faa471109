import { AGE_DESPAWNED } from "../schema/record-ages.ts";
import { NO_TICK } from "./surprises.ts";
import type { ViewList } from "./view-list.ts";

/** An entry is slot × this + age. */
const AGES = 128;

/** Used by one plan at a time. */
const groupEnds = new Int32Array(AGE_DESPAWNED + 1);

/**
 * What to write for one player at one tick. Where all of it fits one block, entries stand as they are written: by rising
 * age, and by entity index within each. Otherwise the most important stand first, for it may be that no more than the
 * first blocks can leave.
 *
 * It has no memory of its own: entries lie beside the slots of the view, of which there are never fewer.
 */
export class SendPlan {
  tick: number = NO_TICK;
  count = 0;
  /** At most so many bytes: groups with their heads, and what is lost where packets end. */
  bytes = 0;
  /** How many entries would have been sent with room for all. */
  leftOut = 0;
  /** Mean bytes of a record with its gap, of those chosen while not all fitted; 0 before. */
  meanBytes = 0;
  readonly #view: ViewList;

  constructor(view: ViewList) {
    this.#view = view;
  }

  reset(tick: number): void {
    this.tick = tick;
    this.count = 0;
    this.bytes = 0;
    this.leftOut = 0;
  }

  /** The slot in the player's view. */
  slot(place: number): number {
    return (this.#view.planned(place) / AGES) | 0;
  }

  age(place: number): number {
    return this.#view.planned(place) & (AGES - 1);
  }

  /** Where a slot stands, or -1. */
  find(slot: number): number {
    if (slot < 0) return -1;
    for (let place = 0; place < this.count; place += 1) if (this.slot(place) === slot) return place;
    return -1;
  }

  /** Takes all of `count` slots, which come by entity index: a counting sort by age. */
  arrange(slots: Int32Array, ages: Uint8Array, count: number): void {
    const ends = groupEnds.fill(0);
    for (let i = 0; i < count; i += 1) {
      const group = ages[i]!;
      ends[group] = ends[group]! + 1;
    }
    let at = 0;
    for (let group = 0; group < ends.length; group += 1) {
      const size = ends[group]!;
      ends[group] = at;
      at += size;
    }
    this.count = count;
    for (let i = 0; i < count; i += 1) {
      const group = ages[i]!;
      const place = ends[group]!;
      ends[group] = place + 1;
      this.#view.setPlanned(place, slots[i]! * AGES + group);
    }
  }

  /** Appends an entry. */
  put(slot: number, age: number): void {
    this.#view.setPlanned(this.count, slot * AGES + age);
    this.count += 1;
  }
}
