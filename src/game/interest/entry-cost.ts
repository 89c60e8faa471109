import { AGE_DESPAWNED } from "./send-plan.ts";

const GROUPS = AGE_DESPAWNED + 1;

/**
 * Adds up what entries take, never too little, without knowing yet which will stand beside which. Gaps of a group
 * add up to no more than the greatest index I, so at most ⌊I / 128⌋ of them take more than one byte.
 *
 * group: age (1) · number of entries (1 … 3) · entries: index gap (1, 2, 3 or 5) · record
 */
export class EntryCost {
  /** Sum so far, with what may be lost at the ends of packets. */
  bytes = 0;
  readonly #counts = new Int32Array(GROUPS);
  #sum = 0;
  #largest = 0;
  #wideGaps = 0;
  #widestGaps = 0;
  #splits = 0;

  /** `budgetBytes` go into packets with room for `packetBytes`. */
  reset(greatestIndex: number, budgetBytes: number, packetBytes: number): void {
    this.bytes = 0;
    this.#sum = 0;
    this.#largest = 0;
    this.#counts.fill(0);
    this.#wideGaps = Math.floor(greatestIndex / 0x80);
    this.#widestGaps = Math.floor(greatestIndex / 0x1_0000);
    this.#splits = Math.max(0, Math.ceil(budgetBytes / packetBytes) - 1);
  }

  /** What one more entry takes by itself. */
  of(age: number, recordBytes: number): number {
    const before = this.#counts[age]!;
    let bytes = recordBytes + 1;
    if (before < this.#wideGaps) bytes += 2;
    if (before < this.#widestGaps) bytes += 2;
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
