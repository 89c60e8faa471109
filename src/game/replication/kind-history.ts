import type { Replica } from "../schema/field-codec.ts";
import { entityIndex } from "../world/entity-store.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";
import { FieldGroup } from "./field-group.ts";
import { FollowerColumn } from "./follower-column.ts";
import { Form, type KindPlan, type PlannedField } from "./replica-plan.ts";
import { carriedOn } from "./replica-rule.ts";
import { VersionLog } from "./version-log.ts";

/** The slot of the version in force; others are slots of the log. */
export const CURRENT = -1;
/** Flag of a row whose entity was not there at the capture before. */
const BORN = 8;
/** Flag of a row that is in the list of those with flags. */
const LISTED = 16;

/** Hears what a capture finds out about rows. */
export interface LifeListener {
  /** `rows` from place `from` to before `to`. Flags are by row: bit n if a field did that class n is the first to see. */
  surprised(kind: number, rows: Int32Array, from: number, to: number, flags: Uint8Array): void;
  born(kind: number, row: number, id: number, owner: number): void;
  handedOver(id: number, owner: number): void;
  died(id: number): void;
}

/**
 * The replicas of all entities of one kind: the version of each that is in force, in columns by row, and in a log
 * those before it. From a version on, replicas go on by `replica-rule.ts` until the next surprise.
 */
export class KindHistory {
  readonly plan: KindPlan;
  /** By row: who lives there, 0 for nobody. */
  ids: Float64Array = new Float64Array(0);
  /** By row: `entityIndex` of who lives there. */
  indexes: Int32Array = new Int32Array(0);
  owners: Float64Array = new Float64Array(0);
  /** By row: the tick of the version in force. */
  ticks: Float64Array = new Float64Array(0);
  /** The versions in force: row × how many numbers they have + place. */
  numbers: Float64Array = new Float64Array(0);
  readonly values: Replica[][];
  readonly log: VersionLog;
  readonly #rates: FieldGroup;
  readonly #others: FieldGroup;
  readonly #followers: readonly FollowerColumn[];
  /** `KindTable.settled` when lives were noted last. */
  #settled = 0;
  /** By row: bit n for a field that class n is the first to see, or `BORN`. All 0 between captures. */
  #flags = new Uint8Array(0);
  /** The rows with flags. */
  #flagged = new Int32Array(0);
  /** Those with `BORN`. */
  #born = new Int32Array(0);
  #bornCount = 0;

  constructor(plan: KindPlan) {
    this.plan = plan;
    this.values = Array.from({ length: plan.valuePlaces }, () => []);
    this.log = new VersionLog(plan.numberPlaces, plan.valuePlaces);
    const groupOf = (isRate: boolean): FieldGroup => {
      const fields = plan.fields.filter((field) => field.form !== Form.follower && field.isRate === isRate);
      return new FieldGroup(fields, plan.numberPlaces);
    };
    this.#rates = groupOf(true);
    this.#others = groupOf(false);
    const followers = plan.fields.filter(({ form }) => form === Form.follower);
    this.#followers = followers.map((field) => new FollowerColumn(field));
  }

  /** Takes the state as it stands as that of `tick`; versions in force only before `oldest` are forgotten. */
  capture(table: KindTable<EntityView>, tick: number, oldest: number, listener: LifeListener): void {
    this.log.forgetBefore(oldest);
    const rows = table.rows.length;
    if (rows === 0) return;
    if (table.ids.length > this.ids.length) this.#growRows(table.ids.length);
    // What nobody wrote is what it was, but for followers: those are checked in every row.
    this.#rates.list(table.writtenRates, rows);
    this.#others.list(table.written, rows);
    if (table.settled !== this.#settled) this.#noteLives(table, listener);
    const flags = this.#flags;
    const flagged = this.#flagged;
    this.#rates.compare(table, this.numbers, this.values, flags);
    this.#others.compare(table, this.numbers, this.values, flags);
    let count = this.#listFlagged(this.#rates, 0);
    count = this.#listFlagged(this.#others, count);
    const written = this.#listBorn(count);
    if (written > 0) {
      this.log.push(flagged, 0, count, this.ticks, this.numbers, this.values, tick);
      this.#rates.adopt(table, this.numbers, this.values, flags);
      this.#others.adopt(table, this.numbers, this.values, flags);
      this.#renew(table, 0, count, written, tick, listener);
    }
    // Who has a new version by now is where it should be, and raises no suspicion.
    let all = written;
    for (let n = 0; n < this.#followers.length; n += 1) {
      const follower = this.#followers[n]!;
      const stored = table.numbers[follower.field.schema.column]!;
      all = follower.check(stored, this.ids, rows, tick, flags, flagged, all);
    }
    if (all > written) {
      this.log.push(flagged, written, all, this.ticks, this.numbers, this.values, tick);
      this.#renew(table, written, all, all, tick, listener);
    }
    putInForce(this.ticks, tick, flagged, all, flags);
  }

  /** The version of the entity in `row` that was in force at `tick`, a slot of the log or `CURRENT`. */
  versionAt(row: number, tick: number): number {
    return this.ticks[row]! <= tick ? CURRENT : this.log.find(row, tick);
  }

  /** The version before this one, or a number below `CURRENT`. */
  versionBefore(row: number, slot: number): number {
    return slot === CURRENT ? this.log.heads[row]! : this.log.previous[slot]!;
  }

  tickOf(row: number, slot: number): number {
    return slot === CURRENT ? this.ticks[row]! : this.log.ticks[slot]!;
  }

  number(row: number, slot: number, place: number): number {
    return slot === CURRENT
      ? this.numbers[row * this.plan.numberPlaces + place]!
      : this.log.numbers[slot * this.plan.numberPlaces + place]!;
  }

  value(row: number, slot: number, place: number): Replica {
    return slot === CURRENT ? this.values[place]![row] : this.log.values[place]![slot];
  }

  /** The replica at `tick` of a number, a vector's half or a follower whose version in force then is `slot`. */
  numberAt(row: number, slot: number, field: PlannedField, half: number, tick: number): number {
    const replica = this.number(row, slot, field.place + half);
    if (field.form !== Form.follower) return replica;
    const { least, most } = field.bounds;
    const rate = this.number(row, slot, field.ratePlace);
    return carriedOn(replica, rate, field.factor, this.tickOf(row, slot), tick, least, most);
  }

  #noteLives(table: KindTable<EntityView>, listener: LifeListener): void {
    this.#settled = table.settled;
    const { ids, owners } = table;
    const { rows, count } = this.#others;
    for (let n = 0; n < count; n += 1) {
      const row = rows[n]!;
      const id = ids[row]!;
      const before = this.ids[row]!;
      if (id === before && owners[row] === this.owners[row]) continue;
      this.ids[row] = id;
      this.indexes[row] = entityIndex(id);
      this.owners[row] = owners[row]!;
      if (id === before) {
        if (id !== 0) listener.handedOver(id, owners[row]!);
        continue;
      }
      if (before !== 0) listener.died(before);
      if (id === 0) continue;
      this.#flags[row] = BORN;
      this.#born[this.#bornCount] = row;
      this.#bornCount += 1;
    }
  }

  /** Adds the flagged rows of a group to the `count` that are listed, but for the born; answers how many are then. */
  #listFlagged({ rows, count: written }: FieldGroup, count: number): number {
    const flags = this.#flags;
    const flagged = this.#flagged;
    const ids = this.ids;
    let next = count;
    for (let n = 0; n < written; n += 1) {
      const row = rows[n]!;
      const flag = flags[row]!;
      const isNew = flag !== 0 && flag < BORN && ids[row] !== 0;
      flags[row] = isNew ? flag | LISTED : ids[row] === 0 ? 0 : flag;
      // Written whether or not it counts, as a branch would often be guessed wrong.
      flagged[next] = row;
      next += isNew ? 1 : 0;
    }
    return next;
  }

  /** Makes the followers of the flagged rows `from` … `all` − 1 new, and tells of them; those from `count` on were born. */
  #renew(
    table: KindTable<EntityView>,
    from: number,
    count: number,
    all: number,
    tick: number,
    listener: LifeListener,
  ): void {
    const flagged = this.#flagged;
    const flags = this.#flags;
    const width = this.plan.numberPlaces;
    for (let n = 0; n < this.#followers.length; n += 1) {
      const follower = this.#followers[n]!;
      const stored = table.numbers[follower.field.schema.column]!;
      follower.renew(flagged, from, count, all, stored, this.numbers, width, tick, flags);
    }
    const kind = this.plan.schema.index;
    listener.surprised(kind, flagged, from, count, flags);
    for (let n = count; n < all; n += 1) {
      const row = flagged[n]!;
      listener.born(kind, row, this.ids[row]!, this.owners[row]!);
    }
  }

  /** Lists the rows of those that were born behind the `count` others; answers how many are listed then. */
  #listBorn(count: number): number {
    const born = this.#bornCount;
    for (let n = 0; n < born; n += 1) {
      const row = this.#born[n]!;
      this.#flagged[count + n] = row;
      this.log.begin(row);
    }
    this.#bornCount = 0;
    return count + born;
  }

  #growRows(rows: number): void {
    this.ids = grown(this.ids, rows);
    this.owners = grown(this.owners, rows);
    const { indexes } = this;
    this.indexes = new Int32Array(rows);
    this.indexes.set(indexes);
    this.ticks = grown(this.ticks, rows);
    this.numbers = grown(this.numbers, rows * this.plan.numberPlaces);
    this.log.growRows(rows);
    this.#flags = new Uint8Array(rows);
    // One more, for what is written in vain.
    this.#flagged = new Int32Array(rows + 1);
    this.#born = new Int32Array(rows);
    this.#rates.grow(rows);
    this.#others.grow(rows);
    for (const follower of this.#followers) follower.grow(rows);
  }
}

/** What is in force in these rows is of `tick` from now on, and nothing is left to say of them. */
function putInForce(
  ticks: Float64Array,
  tick: number,
  rows: Int32Array,
  count: number,
  flags: Uint8Array,
): void {
  for (let n = 0; n < count; n += 1) {
    const row = rows[n]!;
    ticks[row] = tick;
    flags[row] = 0;
  }
}

function grown(old: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length);
  larger.set(old);
  return larger;
}
