import { carriedValue } from "../world/simulation-grid.ts";
import { carriedNumbers, OLDEST_CARRY_AGE } from "./carry-plan.ts";
import { type HeldEntity, numberAt, type Version } from "./held-entity.ts";
import { Form } from "./replica-plan.ts";

const FIRST_RECORDS = 8;
const FIRST_CARRIES = 64;

/** What a player was told of itself and its own entities, as of `tick`. */
export class OwnState {
  /** −1 before the first block. */
  tick = -1;
  playerId = 0;
  /** Entity index of what the player steers, −1 = nothing. */
  avatarIndex = -1;
  /** How many entities there are carries of. */
  size = 0;
  /** Of each record, by entity index rising: whose it is, and how old its owner's newest news of it is, in ticks. */
  indexes: Int32Array = new Int32Array(FIRST_RECORDS);
  ages: Uint8Array = new Uint8Array(FIRST_RECORDS);
  /** Record r has `carries[starts[r] … starts[r + 1])`. */
  starts: Int32Array = new Int32Array(FIRST_RECORDS + 1);
  carries: Int8Array = new Int8Array(FIRST_CARRIES);

  /** Forgets what it holds and makes room for what so many bytes can hold. */
  clear(bytes: number): void {
    this.size = 0;
    // The shortest record takes three bytes.
    const records = Math.ceil(bytes / 3);
    if (records > this.indexes.length) {
      this.indexes = new Int32Array(records);
      this.ages = new Uint8Array(records);
      this.starts = new Int32Array(records + 1);
    }
    if (bytes > this.carries.length) this.carries = new Int8Array(bytes);
  }

  /** The number of the record about the entity with this index, −1 if there is none. */
  find(index: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.indexes[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return low < this.size && this.indexes[low] === index ? low : -1;
  }

  /** The version on top of which a record is exact; undefined if the client was not told of it, or of too much since. */
  versionOf(record: number, held: HeldEntity): Version | undefined {
    const { tick } = this;
    const version = held.versionAt(tick);
    if (!held.isPresent || version === undefined || version.id !== held.newest!.id) return undefined;
    // Of someone else's entity its class may not see all that is carried.
    if (version.plan !== version.plan.kind.views[2]) return undefined;
    const age = this.ages[record]!;
    const news = tick - age;
    const isTold =
      age === OLDEST_CARRY_AGE ||
      version.tick >= news ||
      // What was told later than `tick` proves nothing of what was in force then.
      (held.newestTick >= news && held.newestTick <= tick);
    return isTold ? version : undefined;
  }

  /**
   * Fills `into` with the stored numbers of an entity exactly as the server had them at `tick`, by place as
   * `Version.numbers` counts them: `KindPlan.numberPlaces` of them. Values that are no numbers are exact as they
   * stand in `versionOf`. False, and `into` is as before, if the client has not all of it.
   */
  exactNumbers(held: HeldEntity, into: Float64Array): boolean {
    const record = this.find(held.index);
    const version = record < 0 ? undefined : this.versionOf(record, held);
    if (version === undefined) return false;
    const { plan } = version;
    const carried = carriedNumbers(plan);
    const start = this.starts[record]!;
    if (this.starts[record + 1]! - start !== carried.length) return false;
    for (let i = 0; i < plan.fields.length; i += 1) {
      const { form, place } = plan.fields[i]!;
      // Of whole numbers the replica is what is stored.
      if (form !== Form.value && form !== Form.follower) into[place] = version.numbers[place]!;
    }
    for (let n = 0; n < carried.length; n += 1) {
      const { field, half, grid } = carried[n]!;
      const replica = numberAt(version, field, half, this.tick);
      into[field.place + half] = carriedValue(grid, replica, this.carries[start + n]!);
    }
    return true;
  }
}
