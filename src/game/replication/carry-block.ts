import type { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { EntityStore } from "../world/entity-store.ts";
import { carryOf } from "../world/simulation-grid.ts";
import { type CarriedNumber, carriedNumbers, OLDEST_CARRY_AGE } from "./carry-plan.ts";
import { CURRENT } from "./kind-history.ts";
import type { ReplicaHistory } from "./replica-history.ts";

/*
 * A carry block: what one player alone is told of a tick. Who it is, what it steers, and what the replicas of its own
 * entities leave out, so that it has their exact state. All integers are msgpack, in their shortest form.
 *
 *   tick            int 0 … 2^53 − 1
 *   playerId        int 1 … 2^32 − 1
 *   avatar          int 0 … 2^20: 0 = the player steers nothing, else 1 + index of the entity it steers
 *   record …        until the end of the block, in the order of entity indexes
 *
 * A record is about an entity that the player owns and sees; index = index of the record before it (−1 before the
 * first) + 1 + gap:
 *
 *   gap             int 0 … 2^20 − 1, so that the index is below 2^20
 *   age             int 0 … 127, at most `tick`: how many ticks before `tick` its owner last had to be told of it, by a
 *                   surprise or by becoming its owner; 127 = so many or more, and the player has acked that it was told
 *   count           int 0 … 256: how many carries there are
 *   carry …         a byte each, −128 … 127 in two's complement
 *
 * There is a carry for each number that stands on the simulation grid (every fixed and angle, both halves of a vec2) of
 * the fields its owner sees, in the order of delta records: simulation integer − 64 × replica at `tick`, for angles the
 * short way around.
 *
 * A carry counts on top of the very replica it was made for. The player has that if it was told of the entity at
 * `tick − age` or later, but not later than `tick`: of what came after that, a later block speaks. At an age of 127 it
 * always has it. With a count of 0 the age alone says whether the player has the exact state.
 */

/** What a player is to be told of. One object may serve for every call. */
export interface OwnEntities {
  readonly playerId: number;
  /** Entity index of what the player steers, −1 = nothing. */
  readonly avatarIndex: number;
  /** Entity indexes, rising, of the living that the player owns and sees: the first `count`. */
  readonly indexes: Int32Array;
  /** Of each: the newest tick whose record of it the player has acked as its owner, −1 = none. */
  readonly heldTicks: { at(place: number): number | undefined };
  readonly count: number;
}

/**
 * Writes carry blocks about the newest capture of a history, from the very columns it was made of: between a capture
 * and the next step. Nothing is allocated.
 */
export class CarryBlock {
  /** How many records the newest block has, and how many found no room. */
  records = 0;
  recordsCrowdedOut = 0;
  readonly #history: ReplicaHistory;
  readonly #store: EntityStore;
  /** By kind index. */
  readonly #carried: readonly (readonly CarriedNumber[])[];

  constructor(history: ReplicaHistory, store: EntityStore) {
    this.#history = history;
    this.#store = store;
    this.#carried = history.kinds.map(({ plan }) => carriedNumbers(plan.views[2]));
  }

  /**
   * Writes a block of at most `roomBytes`. What the player steers is in if it fits at all, the others in their order
   * as long as there is room. False, and nothing is written, if not even a block without records fits.
   */
  write(writer: MsgpackWriter, own: OwnEntities, roomBytes: number): boolean {
    const { at: start, end } = writer;
    writer.end = Math.min(end, start + roomBytes);
    this.records = 0;
    this.recordsCrowdedOut = 0;
    writer.int(this.#history.tick);
    writer.int(own.playerId);
    writer.int(own.avatarIndex + 1);
    const isWhole = writer.ok;
    if (isWhole) this.#writeRecords(writer, own);
    else writer.rewind(start);
    writer.end = end;
    return isWhole;
  }

  #writeRecords(writer: MsgpackWriter, own: OwnEntities): void {
    const { avatarIndex, indexes, count } = own;
    let roomForAvatar = this.#avatarBytes(writer, own);
    let before = -1;
    for (let i = 0; i < count; i += 1) {
      const index = indexes[i]!;
      if (index === avatarIndex) roomForAvatar = 0;
      const mark = writer.at;
      writer.end -= roomForAvatar;
      const isSaid = this.#writeRecord(writer, own, i, before);
      writer.end += roomForAvatar;
      if (isSaid && writer.ok) {
        this.records += 1;
        before = index;
        continue;
      }
      if (!writer.ok) this.recordsCrowdedOut += 1;
      writer.rewind(mark);
    }
  }

  /** The most that the record of what the player steers takes: that with the greatest gap. 0 if there is none. */
  #avatarBytes(writer: MsgpackWriter, own: OwnEntities): number {
    const { avatarIndex, indexes, count } = own;
    let i = 0;
    while (i < count && indexes[i] !== avatarIndex) i += 1;
    if (i === count) return 0;
    const mark = writer.at;
    const isSaid = this.#writeRecord(writer, own, i, -1) && writer.ok;
    const bytes = writer.at - mark;
    writer.rewind(mark);
    return isSaid ? bytes : 0;
  }

  /** False if nothing can be said of it. */
  #writeRecord(writer: MsgpackWriter, own: OwnEntities, place: number, before: number): boolean {
    const index = own.indexes[place]!;
    const history = this.#history;
    const { tick } = history;
    const surprise = history.newest(index, 2);
    // An age that is not told leaves the player no way to find out whether it was told.
    if (tick - surprise >= OLDEST_CARRY_AGE && own.heldTicks.at(place)! < surprise) return false;
    const k = history.kindOf[index]!;
    const row = history.rowOf[index]!;
    const kind = history.kinds[k]!;
    const { numbers } = this.#store.tables[k]!;
    const carried = this.#carried[k]!;
    writer.int(index - before - 1);
    writer.int(Math.min(tick - surprise, OLDEST_CARRY_AGE));
    writer.int(carried.length);
    for (let n = 0; n < carried.length; n += 1) {
      const { field, half, grid } = carried[n]!;
      const replica = kind.numberAt(row, CURRENT, field, half, tick);
      const carry = carryOf(grid, numbers[field.schema.column + half]![row]!, replica);
      // Where a replica may be further from the truth than its rule says: beyond 2^52 steps of way.
      if (carry < -128 || carry > 127) return false;
      writer.byte(carry & 0xff);
    }
    return true;
  }
}
