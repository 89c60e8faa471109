import { AGE_DESPAWNED } from "../schema/record-ages.ts";
import { NO_TICK } from "./surprises.ts";

/** Used by one plan at a time. */
const groupEnds = new Int32Array(AGE_DESPAWNED + 1);

/**
 * What to write for one player at one tick. Where all of it fits one block, entries stand as they are written: by rising
 * age, and by entity index within each. Otherwise the most important stand first, for it may be that no more than the
 * first blocks can leave.
 */
export class SendPlan {
  tick: number = NO_TICK;
  count = 0;
  /** Slots in the player's view, and ages. */
  slots: Int32Array = new Int32Array(64);
  ages: Uint8Array = new Uint8Array(64);
  /** At most so many bytes: groups with their heads, and what is lost where packets end. */
  bytes = 0;
  /** How many entries would have been sent with room for all. */
  leftOut = 0;
  /** Mean bytes of a record with its gap, of those chosen while not all fitted; 0 before. */
  meanBytes = 0;

  reset(tick: number, most: number): void {
    this.tick = tick;
    this.count = 0;
    this.bytes = 0;
    this.leftOut = 0;
    if (most <= this.slots.length) return;
    const length = 2 ** Math.ceil(Math.log2(most));
    this.slots = new Int32Array(length);
    this.ages = new Uint8Array(length);
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
      this.slots[place] = slots[i]!;
      this.ages[place] = ages[i]!;
    }
  }

  /** Appends an entry. */
  put(slot: number, age: number): void {
    this.slots[this.count] = slot;
    this.ages[this.count] = age;
    this.count += 1;
  }
}
