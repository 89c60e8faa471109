import type { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import { AGE_DESPAWNED, AGE_LEFT } from "../schema/record-ages.ts";
import type { DeltaEncoder } from "./delta-encoder.ts";
import type { Viewer } from "./replica-plan.ts";

/*
 * A delta block: what one player is told of one tick in one packet. It decodes alone, given what the player holds;
 * the entities of a tick may be spread over several. All integers are msgpack, in their shortest form.
 *
 *   tick            int 0 … 2^53 − 1
 *   group …         until the end of the block; their ages rise, each occurs once
 *
 * A group holds the records that build on the same tick, `tick − age`:
 *
 *   age             0 full   1 … 63 delta   64 left: out of the player's sight   65 despawned
 *   count           int 1 … 2^20
 *   record …        `count` of them, in the order of entity indexes
 *
 * A record begins with its entity; index = index of the record before it in the group (−1 before the first) + 1 + gap:
 *
 *   gap             int 0 … 2^20 − 1, so that the index is below 2^20
 *
 * After that a record of age 64 or 65 has nothing more. A full record, age 0:
 *
 *   generation      int 1 … 2^20 − 1; id = index × 2^20 + generation
 *   kind            int, place in the definition
 *   owner           int 0 … 2^32 − 1, PlayerId, 0 = none
 *   class           int 0 everyone, 1 the owner's team, 2 the owner: the least class that sees the same fields
 *   fields          those this class sees, as in `field-codec.ts`
 *
 * Fields stand in the order of the record, here and in deltas: those that follow no rate in the order of their
 * declaration, then those that do, likewise. A class sees fields visible to "everyone", then "team", then "owner".
 *
 * A delta record, age 1 … 63, has the class of the full record before it:
 *
 *   mask            ⌈bits ÷ 8⌉ bytes, bit n is bit n mod 8 of byte ⌊n ÷ 8⌋, those left over 0: a bit per field of the
 *                   class, set if the record changes it; where the class sees a follower then three bits: c
 *   change          only if c = 7: int 7 … 62, which c stands for
 *   fields          of each bit that is set
 *
 *   follower        int: wrapped delta (`wrapped-delta.ts`) to the replica that `replica-rule.ts` foretells: the
 *                   old rate up to tick − c, from there the new one. So c is how many ticks ago the newest change
 *                   of a followed rate was; 0 ≤ c < age; and 0 if all followed rates of the class are as before
 *   two values      nothing: it is the other one now
 *   id              int: the new one
 *   vec2            int int: wrapped deltas of both halves
 *   other numbers   int: wrapped delta to the value at `tick − age`
 *   others          as in a full record
 *
 * What a set bit changes is different afterwards. The version a delta builds on: the newest the player has of this
 * entity with a tick of at most `tick − age`, carried on to there by `replica-rule.ts`.
 */

/**
 * Gathers records until they fill a block, in whatever order the caller thinks best, and writes them in theirs.
 */
export class DeltaBlock {
  /** How many records were taken. */
  size = 0;
  readonly #encoder: DeltaEncoder;
  #tick = 0;
  #room = 0;
  /** No more than so many bytes are written. */
  #bytes = 0;
  /** Age × 2^22 + index × 4 + class: sorts as records stand. */
  #keys = new Int32Array(256);
  /** The record of each key; of no meaning once the keys had to be sorted. */
  #records = new Int32Array(256);
  #greatestKey = -1;
  #isSorted = true;
  readonly #counts = new Int32Array(AGE_DESPAWNED + 1);
  readonly #lastIndexes = new Int32Array(AGE_DESPAWNED + 1);

  constructor(encoder: DeltaEncoder) {
    this.#encoder = encoder;
  }

  /** Begins a block about `tick`, the encoder's, of at most `roomBytes`. */
  begin(tick: number, roomBytes: number): void {
    this.#tick = tick;
    this.#room = roomBytes;
    this.#bytes = intBytes(tick);
    this.size = 0;
    this.#greatestKey = -1;
    this.#isSorted = true;
    this.#counts.fill(0);
    this.#lastIndexes.fill(0);
  }

  /** Takes the record of `DeltaEncoder.record`. False if it does not fit: nothing is taken then. An entity is taken once. */
  add(index: number, age: number, viewer: Viewer): boolean {
    const encoder = this.#encoder;
    const record = encoder.record(index, age, viewer);
    return this.#take(index, age, viewer, record, encoder.ends[record]! - encoder.starts[record]!);
  }

  /** Takes the news that the player no longer sees the entity, or that it is no more. */
  addGone(index: number, age: typeof AGE_LEFT | typeof AGE_DESPAWNED): boolean {
    return this.#take(index, age, 0, NO_RECORD, 0);
  }

  /** Writes what was taken; `writer` must have the room that `begin` was told. */
  write(writer: MsgpackWriter): void {
    const encoder = this.#encoder;
    const keys = this.#keys;
    // Who adds records as they stand, as plans do, spares the sorting and looking them up again.
    if (!this.#isSorted) keys.subarray(0, this.size).sort();
    writer.int(this.#tick);
    let age = -1;
    let before = -1;
    for (let i = 0; i < this.size; i += 1) {
      const key = keys[i]!;
      if (key >>> 22 !== age) {
        age = key >>> 22;
        before = -1;
        writer.int(age);
        writer.int(this.#counts[age]!);
      }
      const index = (key >>> 2) & 0xf_ffff;
      writer.int(index - before - 1);
      before = index;
      if (age >= AGE_LEFT) continue;
      const record = this.#isSorted ? this.#records[i]! : encoder.record(index, age, (key & 3) as Viewer);
      writer.raw(encoder.bytes, encoder.starts[record]!, encoder.ends[record]!);
    }
  }

  #take(index: number, age: number, viewer: Viewer, record: number, recordBytes: number): boolean {
    const count = this.#counts[age]!;
    const last = this.#lastIndexes[age]!;
    const newLast = Math.max(last, index);
    const headBefore = count === 0 ? 0 : groupBytes(count, last);
    const bytes = this.#bytes + recordBytes + groupBytes(count + 1, newLast) - headBefore;
    if (bytes > this.#room) return false;
    this.#bytes = bytes;
    this.#counts[age] = count + 1;
    this.#lastIndexes[age] = newLast;
    if (this.size === this.#keys.length) {
      this.#keys = doubled(this.#keys);
      this.#records = doubled(this.#records);
    }
    const key = (age << 22) | (index << 2) | viewer;
    if (key < this.#greatestKey) this.#isSorted = false;
    else this.#greatestKey = key;
    this.#keys[this.size] = key;
    this.#records[this.size] = record;
    this.size += 1;
    return true;
  }
}

/** News that an entity is gone has no record. */
const NO_RECORD = -1;

function doubled(old: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}

/**
 * The most that age, count and gaps of a group take. A gap of 128 or more takes a byte more, but there can be only one
 * in each 128 indexes; one of 256 takes two more and uses up 256, and so on.
 */
function groupBytes(count: number, lastIndex: number): number {
  const longGaps = Math.min(count * (intBytes(lastIndex) - 1), lastIndex >> 7);
  return 1 + intBytes(count) + count + longGaps;
}

function intBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x100) return 2;
  return value < 0x1_0000 ? 3 : value < 0x1_0000_0000 ? 5 : 9;
}
