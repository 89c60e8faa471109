import type { Replica } from "../schema/field-codec.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";
import { FieldGroup } from "./field-group.ts";
import { FollowerColumn } from "./follower-column.ts";
import { Form, type KindPlan, type PlannedField } from "./replica-plan.ts";
import { carriedOn } from "./replica-rule.ts";
import { NONE, VersionLog } from "./version-log.ts";

/** The slot of the version in force; others are slots of the log. */
export const CURRENT = -1;
/** Flag of a row whose entity was not there at the capture before. */
export const BORN = 8;
/** Flag of a row that is in the list of those with flags. */
const LISTED = 16;

/** Hears what a capture finds out about rows. */
export interface LifeListener {
  /** Those of the first `count` of `rows` whose flag, by row, is below `BORN`: bit n if a field that class n is the first to see did. */
  surprised(kind: number, rows: Int32Array, count: number, flags: Uint8Array): void;
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
  /** The rows with flags, and for each the slot of the log where its old version goes, or `NONE`. */
  #flagged = new Int32Array(0);
  #slots = new Int32Array(0);

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
    for (let n = 0; n < this.#followers.length; n += 1) {
      const follower = this.#followers[n]!;
      const stored = table.numbers[follower.field.schema.column]!;
      count = follower.check(stored, this.ids, rows, tick, flags, flagged, count);
    }
    if (count > 0) this.#renew(table, count, tick, listener);
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
      this.owners[row] = owners[row]!;
      if (id === before) {
        if (id !== 0) listener.handedOver(id, owners[row]!);
        continue;
      }
      if (before !== 0) listener.died(before);
      if (id !== 0) this.#flags[row] = BORN;
    }
  }

  /** Adds the flagged rows of a group, where someone lives, to the `count` that are listed; answers how many are then. */
  #listFlagged({ rows, count: written }: FieldGroup, count: number): number {
    const flags = this.#flags;
    const flagged = this.#flagged;
    const ids = this.ids;
    let next = count;
    for (let n = 0; n < written; n += 1) {
      const row = rows[n]!;
      const flag = flags[row]!;
      const isNew = flag !== 0 && flag < LISTED && ids[row] !== 0;
      flags[row] = isNew ? flag | LISTED : ids[row] === 0 ? 0 : flag;
      // Written whether or not it counts, as a branch would often be guessed wrong.
      flagged[next] = row;
      next += isNew ? 1 : 0;
    }
    return next;
  }

  /** Gives the first `count` flagged rows a new version. */
  #renew(table: KindTable<EntityView>, count: number, tick: number, listener: LifeListener): void {
    const flagged = this.#flagged;
    const flags = this.#flags;
    const ticks = this.ticks;
    const numbers = this.numbers;
    this.#logVersions(count, tick);
    this.#rates.adopt(table, numbers, this.values, flags);
    this.#others.adopt(table, numbers, this.values, flags);
    const width = this.plan.numberPlaces;
    for (let n = 0; n < this.#followers.length; n += 1) {
      const follower = this.#followers[n]!;
      const stored = table.numbers[follower.field.schema.column]!;
      follower.renew(flagged, count, stored, numbers, width, tick, flags, BORN);
    }
    const kind = this.plan.schema.index;
    listener.surprised(kind, flagged, count, flags);
    for (let n = 0; n < count; n += 1) {
      const row = flagged[n]!;
      ticks[row] = tick;
      if ((flags[row]! & BORN) !== 0) listener.born(kind, row, this.ids[row]!, this.owners[row]!);
      flags[row] = 0;
    }
  }

  /** Logs what is in force in the flagged rows, but for those that were born. */
  #logVersions(count: number, tick: number): void {
    const { log, values, ticks } = this;
    const flagged = this.#flagged;
    const slots = this.#slots;
    log.push(flagged, count, this.#flags, BORN, ticks, tick, slots);
    logNumbers(this.numbers, log.numbers, this.plan.numberPlaces, flagged, slots, count);
    for (let place = 0; place < values.length; place += 1) {
      for (let n = 0; n < count; n += 1) {
        if (slots[n] !== NONE) log.values[place]![slots[n]!] = values[place]![flagged[n]!];
      }
    }
  }

  #growRows(rows: number): void {
    this.ids = grown(this.ids, rows);
    this.owners = grown(this.owners, rows);
    this.ticks = grown(this.ticks, rows);
    this.numbers = grown(this.numbers, rows * this.plan.numberPlaces);
    this.log.growRows(rows);
    this.#flags = new Uint8Array(rows);
    // One more, for what is written in vain.
    this.#flagged = new Int32Array(rows + 1);
    this.#slots = new Int32Array(rows);
    this.#rates.grow(rows);
    this.#others.grow(rows);
    for (const follower of this.#followers) follower.grow(rows);
  }
}

function logNumbers(
  known: Float64Array,
  log: Float64Array,
  width: number,
  list: Int32Array,
  slots: Int32Array,
  count: number,
): void {
  for (let place = 0; place < width; place += 1) {
    for (let n = 0; n < count; n += 1) {
      const slot = slots[n]!;
      if (slot !== NONE) log[slot * width + place] = known[list[n]! * width + place]!;
    }
  }
}

function grown(old: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length);
  larger.set(old);
  return larger;
}
