import { AGE_DESPAWNED } from "../schema/record-ages.ts";
import { NO_TICK } from "./surprises.ts";

/**
 * What to write for one player at one tick. Entries stand by rising age, and by entity index within each: so one
 * block after the other is filled, and each has a group per age. But where it takes more than one block, the avatar
 * stands first, so that it is in the first one.
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
  readonly #groupEnds = new Int32Array(AGE_DESPAWNED + 1);

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

  /**
   * Takes the chosen of `count` slots, which come by entity index: a counting sort by age. Slot number `first` goes
   * before all; -1 = none.
   */
  arrange(slots: Int32Array, ages: Uint8Array, isChosen: Uint8Array, count: number, first: number): void {
    const ends = this.#groupEnds.fill(0);
    let at = 0;
    if (first >= 0 && isChosen[first] === 1) at = this.#put(at, slots[first]!, ages[first]!);
    for (let i = 0; i < count; i += 1) {
      if (isChosen[i] === 0 || i === first) continue;
      const group = ages[i]!;
      ends[group] = ends[group]! + 1;
    }
    for (let group = 0; group < ends.length; group += 1) {
      const size = ends[group]!;
      ends[group] = at;
      at += size;
    }
    this.count = at;
    this.leftOut = count - at;
    for (let i = 0; i < count; i += 1) {
      if (isChosen[i] === 0 || i === first) continue;
      const group = ages[i]!;
      ends[group] = this.#put(ends[group]!, slots[i]!, ages[i]!);
    }
  }

  #put(at: number, slot: number, age: number): number {
    this.slots[at] = slot;
    this.ages[at] = age;
    return at + 1;
  }
}
