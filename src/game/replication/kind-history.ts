import type { Replica } from "../schema/field-codec.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";
import { flagNumbers, quantizeColumn, stepsPerUnit } from "./quantize-column.ts";
import { Form, type KindPlan, type PlannedField } from "./replica-plan.ts";
import {
  anchored,
  carriedOn,
  carriedOverChange,
  clampedReplica,
  isNearTruth,
  travelled,
} from "./replica-rule.ts";
import { sameReplica } from "./same-replica.ts";
import { NONE, VersionLog } from "./version-log.ts";

/** The slot of the version in force; others are slots of the log. */
export const CURRENT = -1;
/** A row whose entity was not there at the capture before. */
const BORN = 8;

/** Hears what a capture finds out about rows. */
export interface LifeListener {
  /** `surprises`: bit n is set if a field that class n is the first to see surprised. */
  surprised(kind: number, row: number, surprises: number): void;
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
  /** The versions in force, by place, then row. */
  readonly numbers: Float64Array[] = [];
  readonly values: Replica[][];
  readonly log: VersionLog;
  /** What a capture makes of numbers, by place: of whole ones the very columns of the table. */
  readonly #fresh: Float64Array[] = [];
  /** By place of a follower: its replica when its version came, less the way its rate had come by then. */
  readonly #starts: Float64Array[] = [];
  /** By place of a follower: v · k. */
  readonly #speeds: Float64Array[] = [];
  /** By row: bit n for a field that class n is the first to see, or `BORN`. */
  #flags = new Uint8Array(0);
  /** The same, four rows at a time: most are 0. */
  #flagWords = new Int32Array(0);

  constructor(plan: KindPlan) {
    this.plan = plan;
    this.values = Array.from({ length: plan.valuePlaces }, () => []);
    this.log = new VersionLog(plan.numberPlaces, plan.valuePlaces);
  }

  /** Takes the state as it stands as that of `tick`; versions in force only before `oldest` are forgotten. */
  capture(table: KindTable<EntityView>, tick: number, oldest: number, listener: LifeListener): void {
    this.log.forgetBefore(oldest);
    const rows = table.rows.length;
    if (rows === 0) return;
    if (table.ids.length > this.ids.length) this.#growRows(table.ids.length);
    this.#flags.fill(0, 0, rows);
    this.#noteLives(table, rows, listener);
    for (const field of this.plan.fields) this.#compareField(field, table, rows, tick);
    const words = this.#flagWords;
    for (let word = 0; word * 4 < rows; word += 1) {
      if (words[word] === 0) continue;
      for (let row = word * 4; row < word * 4 + 4; row += 1) {
        if (this.#flags[row] !== 0 && this.ids[row] !== 0) this.#renew(table, row, tick, listener);
      }
    }
  }

  #renew(table: KindTable<EntityView>, row: number, tick: number, listener: LifeListener): void {
    const flag = this.#flags[row]!;
    const kind = this.plan.schema.index;
    const anchors = this.#follow(table, row, tick, flag >= BORN);
    if (flag < BORN) {
      this.#logVersion(row, tick);
      this.#adopt(table, row, tick);
      listener.surprised(kind, row, flag | anchors);
    } else {
      this.log.heads[row] = NONE;
      this.#adopt(table, row, tick);
      listener.born(kind, row, this.ids[row]!, this.owners[row]!);
    }
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
      ? this.numbers[place]![row]!
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

  #noteLives(table: KindTable<EntityView>, rows: number, listener: LifeListener): void {
    const { ids, owners } = table;
    const { ids: knownIds, owners: knownOwners } = this;
    for (let row = 0; row < rows; row += 1) {
      const id = ids[row]!;
      if (id === knownIds[row] && owners[row] === knownOwners[row]) continue;
      const before = knownIds[row]!;
      knownIds[row] = id;
      knownOwners[row] = owners[row]!;
      if (id === before) {
        if (id !== 0) listener.handedOver(id, owners[row]!);
        continue;
      }
      if (before !== 0) listener.died(before);
      if (id !== 0) this.#flags[row] = BORN;
    }
  }

  #compareField(field: PlannedField, table: KindTable<EntityView>, rows: number, tick: number): void {
    const { place, form, schema } = field;
    const bit = 1 << field.viewer;
    if (form === Form.value) {
      flagValues(table.values[schema.column]!, this.values[place]!, this.#flags, rows, bit);
      return;
    }
    if (form === Form.follower) {
      this.#checkFollower(field, table.numbers[schema.column]!, rows, tick);
      return;
    }
    for (let half = 0; half < schema.codec.width; half += 1) {
      const stored = table.numbers[schema.column + half]!;
      const known = this.numbers[place + half]!;
      const scalar = schema.codec.scalar!;
      if (scalar.direct !== "any") {
        this.#fresh[place + half] = stored;
        flagNumbers(stored, known, this.#flags, rows, bit);
      } else quantizeColumn(scalar, stored, this.#fresh[place + half]!, known, this.#flags, rows, bit);
    }
  }

  /** Flags rows whose replica may not go on. Those that are flagged already are computed one by one in the end. */
  #checkFollower(field: PlannedField, stored: Float64Array, rows: number, tick: number): void {
    const { place, schema } = field;
    const { step } = schema.codec.scalar!;
    const perUnit = stepsPerUnit(step);
    const flags = this.#flags;
    const starts = this.#starts[place]!;
    const speeds = this.#speeds[place]!;
    for (let row = 0; row < rows; row += 1) {
      if (flags[row] !== 0) continue;
      const replica = starts[row]! + Math.floor(speeds[row]! * tick + 0.5);
      const steps = perUnit > 0 ? stored[row]! * perUnit : stored[row]! / step;
      if (!isNearTruth(replica, steps)) {
        const clamped = clampedReplica(replica, field.bounds.least, field.bounds.most);
        if (!isNearTruth(clamped, steps)) flags[row] = 1 << field.viewer;
      }
    }
  }

  /** What the followers in a row become. Answers the bits of those that are anchored anew. */
  #follow(table: KindTable<EntityView>, row: number, tick: number, isBorn: boolean): number {
    let anchors = 0;
    for (const { form, place, ratePlace, factor, bounds, schema, viewer } of this.plan.fields) {
      if (form !== Form.follower) continue;
      const { least, most } = bounds;
      const steps = table.numbers[schema.column]![row]! / schema.codec.scalar!.step;
      const rate = this.#fresh[ratePlace]![row]!;
      const oldRate = this.numbers[ratePlace]![row]!;
      const old = this.numbers[place]![row]!;
      const from = this.ticks[row]!;
      let replica = carriedOverChange(old, oldRate, rate, factor, from, tick, tick, least, most);
      if (isBorn || !isNearTruth(replica, steps)) {
        replica = anchored(steps, rate, factor, tick, least, most);
        anchors |= 1 << viewer;
      }
      this.#fresh[place]![row] = replica;
    }
    return anchors;
  }

  #logVersion(row: number, tick: number): void {
    const { log, numbers, values } = this;
    const slot = log.push(row, this.ticks[row]!, tick);
    const at = slot * numbers.length;
    for (let place = 0; place < numbers.length; place += 1) log.numbers[at + place] = numbers[place]![row]!;
    for (let place = 0; place < values.length; place += 1) log.values[place]![slot] = values[place]![row];
  }

  #adopt(table: KindTable<EntityView>, row: number, tick: number): void {
    this.ticks[row] = tick;
    for (let place = 0; place < this.numbers.length; place += 1) {
      // There is one 0 on the wire: −0 becomes it.
      this.numbers[place]![row] = this.#fresh[place]![row]! + 0;
    }
    for (const { form, place, ratePlace, factor, schema } of this.plan.fields) {
      if (form === Form.value) this.values[place]![row] = table.values[schema.column]![row];
      else if (form === Form.follower) {
        const rate = this.numbers[ratePlace]![row]!;
        this.#starts[place]![row] = this.numbers[place]![row]! - travelled(rate, factor, tick);
        this.#speeds[place]![row] = rate * factor;
      }
    }
  }

  #growRows(rows: number): void {
    this.ids = grown(this.ids, rows);
    this.owners = grown(this.owners, rows);
    this.ticks = grown(this.ticks, rows);
    // Tables grow by doubling, so rows come in fours.
    this.#flagWords = new Int32Array(rows / 4);
    this.#flags = new Uint8Array(this.#flagWords.buffer);
    this.log.growRows(rows);
    for (let place = 0; place < this.plan.numberPlaces; place += 1) {
      this.numbers[place] = grown(this.numbers[place], rows);
      this.#fresh[place] = new Float64Array(rows);
    }
    for (const { form, place } of this.plan.fields) {
      if (form !== Form.follower) continue;
      this.#starts[place] = grown(this.#starts[place], rows);
      this.#speeds[place] = grown(this.#speeds[place], rows);
    }
  }
}

function flagValues(
  fresh: readonly Replica[],
  known: readonly Replica[],
  flags: Uint8Array,
  rows: number,
  bit: number,
): void {
  for (let row = 0; row < rows; row += 1) {
    if (fresh[row] !== known[row] && !sameReplica(fresh[row], known[row])) flags[row]! |= bit;
  }
}

function grown(old: Float64Array | undefined, rows: number): Float64Array {
  const larger = new Float64Array(rows);
  if (old !== undefined) larger.set(old);
  return larger;
}
