import { AGE_DESPAWNED } from "../schema/record-ages.ts";

const GROUPS = AGE_DESPAWNED + 1;

/**
 * Adds up what entries take, never too little, without knowing yet which will stand beside which. Gaps of a group
 * add up to no more than the greatest index I; one of 128 or more takes a second byte, one of 256 or more two more,
 * and so on: never more than one more byte in 128 indexes, ⌊I / 128⌋ in all.
 *
 * group: age (1) · number of entries (1 … 3) · entries: index gap (1, 2, 3 or 5) · record
 */
export class EntryCost {
  /** Sum so far, with what may be lost at the ends of packets. */
  bytes = 0;
  readonly #counts = new Int32Array(GROUPS);
  #sum = 0;
  #largest = 0;
  /** More bytes for one gap, and for all of a group. */
  #gapBytes = 0;
  #gapsBytes = 0;
  #splits = 0;

  /** `budgetBytes` go into packets with room for `packetBytes`. */
  reset(greatestIndex: number, budgetBytes: number, packetBytes: number): void {
    this.bytes = 0;
    this.#sum = 0;
    this.#largest = 0;
    this.#counts.fill(0);
    this.#gapBytes = greatestIndex < 0x80 ? 0 : greatestIndex < 0x100 ? 1 : greatestIndex < 0x1_0000 ? 2 : 4;
    this.#gapsBytes = greatestIndex >> 7;
    this.#splits = Math.max(0, Math.ceil(budgetBytes / packetBytes) - 1);
  }

  /** What one more entry takes by itself. */
  of(age: number, recordBytes: number): number {
    const before = this.#counts[age]!;
    let bytes = recordBytes + 1;
    bytes += Math.min(this.#gapBytes, Math.max(0, this.#gapsBytes - before * this.#gapBytes));
    if (before === 0) bytes += 2;
    // The count of the group gets longer.
    if (before === 0x7f || before === 0xff) bytes += 1;
    return bytes;
  }

  /** What the sum would be with it. */
  with(entryBytes: number): number {
    return this.#sum + entryBytes + this.#splitBytes(Math.max(this.#largest, entryBytes));
  }

  add(age: number, entryBytes: number): void {
    this.#counts[age] = this.#counts[age]! + 1;
    this.#sum += entryBytes;
    this.#largest = Math.max(this.#largest, entryBytes);
    this.bytes = this.#sum + this.#splitBytes(this.#largest);
  }

  /** Where a packet ends, its rest is lost, and the next begins with a group head and a full gap. */
  #splitBytes(largest: number): number {
    return this.#splits * (largest + 16);
  }
}
