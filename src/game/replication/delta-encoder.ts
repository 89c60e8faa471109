import { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import { AGE_FULL, LONG_CHANGE_AGE, MAX_MASK_BYTES } from "../schema/record-ages.ts";
import { sameReplica } from "../schema/same-replica.ts";
import { entityGeneration } from "../world/entity-store.ts";
import { CURRENT, type KindHistory } from "./kind-history.ts";
import type { ReplicaHistory } from "./replica-history.ts";
import { Form, type PlannedField, type Viewer, type ViewPlan } from "./replica-plan.ts";
import { carriedOn, carriedOverChange } from "./replica-rule.ts";
import { wrappedDelta } from "./wrapped-delta.ts";

/** Each entity's records lie in so many lists, by their age modulo this: those that are asked for are mostly young. */
const LISTS = 8;

/** Memory grows from here: of many small rooms each should take little. */
const FIRST_BYTES = 2048;
const FIRST_RECORDS = 128;

/**
 * Writes records of entities, each once per tick for all who need the same: same entity, same age of the version it
 * builds on, same class of viewer. Records lie in one piece of memory until the next tick; blocks copy them.
 *
 * The layout of records is drawn in `delta-block.ts`. Nothing is allocated once the memory has grown to what ticks
 * need.
 */
export class DeltaEncoder {
  /** Records of the present tick: record r is `bytes[starts[r] … ends[r])`. May be replaced by every `record`. */
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  starts: Int32Array = new Int32Array(FIRST_RECORDS);
  ends: Int32Array = new Int32Array(FIRST_RECORDS);
  /** How many records were written this tick, and how often one was asked for. */
  recordsWritten = 0;
  recordsAsked = 0;
  readonly #history: ReplicaHistory;
  readonly #writer = new MsgpackWriter();
  #tick = -1;
  #count = 0;
  /** By entity index × `LISTS` + age modulo `LISTS`: a list's newest record, if it is one of this tick. */
  #heads = new Int32Array(0);
  /** By record: age × 2^22 + index × 4 + class. So a head that was left from another tick is told by its record. */
  #keys = new Int32Array(FIRST_RECORDS);
  /** By record: the one before it in its list; itself for the last. */
  #nexts = new Int32Array(FIRST_RECORDS);
  /** What the record at hand is made of: a mask, and per field its delta or two. */
  readonly #mask = new Uint8Array(MAX_MASK_BYTES);
  readonly #deltas = new Float64Array(256);

  constructor(history: ReplicaHistory) {
    this.#history = history;
  }

  /**
   * The number of the record that tells `viewer` of the living entity `index` as it is now, building on the version
   * `age` ticks ago (1 … 63; 0 for a full record): what `ReplicaHistory.ageFor` answered.
   */
  record(index: number, age: number, viewer: Viewer): number {
    if (this.#tick !== this.#history.tick) this.#beginTick();
    this.recordsAsked += 1;
    // Who sees least sees its own class's fields, whatever the kind.
    const viewerClass = viewer === 0 ? 0 : this.#planOf(index, viewer).viewer;
    const key = (age << 22) | (index << 2) | viewerClass;
    const list = index * LISTS + (age & (LISTS - 1));
    const head = this.#heads[list]!;
    const last = this.#count;
    if (head < last && isOfOneList(this.#keys[head]!, key)) {
      let r = head;
      for (;;) {
        if (this.#keys[r] === key) return r;
        const next = this.#nexts[r]!;
        if (next === r) break;
        r = next;
      }
      return this.#add(key, list, head);
    }
    return this.#add(key, list, last);
  }

  /** Writes every record anew from now on: for what compares with an encoder that shares nothing. */
  forget(): void {
    this.#tick = -1;
  }

  #beginTick(): void {
    this.#tick = this.#history.tick;
    this.#count = 0;
    this.recordsWritten = 0;
    this.recordsAsked = 0;
    this.#writer.reset(this.bytes);
    const indexes = this.#history.ids.length;
    if (indexes * LISTS !== this.#heads.length) this.#heads = new Int32Array(indexes * LISTS);
  }

  #planOf(index: number, viewer: Viewer): ViewPlan {
    return this.#history.kinds[this.#history.kindOf[index]!]!.plan.views[viewer];
  }

  /** Writes a record, before which stands `next` in its list: its own number, if nothing. */
  #add(key: number, list: number, next: number): number {
    if (this.#count === this.#keys.length) this.#growRecords();
    const r = this.#count;
    this.#count += 1;
    this.recordsWritten += 1;
    this.starts[r] = this.#writer.at;
    this.#write(key);
    this.ends[r] = this.#writer.at;
    this.#keys[r] = key;
    this.#nexts[r] = next;
    this.#heads[list] = r;
    return r;
  }

  #write(key: number): void {
    const start = this.#writer.at;
    const age = key >>> 22;
    const index = (key >>> 2) & 0xf_ffff;
    const kind = this.#history.kinds[this.#history.kindOf[index]!]!;
    const plan = kind.plan.views[key & 3]!;
    const row = this.#history.rowOf[index]!;
    if (age === AGE_FULL) this.#writeFull(kind, plan, index, row);
    else this.#writeDelta(kind, plan, row, age);
    if (this.#writer.ok) return;
    const grown = new Uint8Array(this.bytes.length * 2);
    grown.set(this.bytes);
    this.bytes = grown;
    this.#writer.reset(grown, start);
    this.#write(key);
  }

  #writeFull(kind: KindHistory, plan: ViewPlan, index: number, row: number): void {
    const writer = this.#writer;
    const { tick, ids, owners } = this.#history;
    writer.int(entityGeneration(ids[index]!));
    writer.int(kind.plan.schema.index);
    writer.int(owners[index]!);
    writer.int(plan.viewer);
    for (const field of plan.fields) {
      const { codec } = field.schema;
      if (field.form === Form.value) codec.write(writer, kind.value(row, CURRENT, field.place));
      else if (field.form === Form.vector) {
        writer.int(kind.number(row, CURRENT, field.place));
        writer.int(kind.number(row, CURRENT, field.place + 1));
      } else codec.write(writer, kind.numberAt(row, CURRENT, field, 0, tick));
    }
  }

  #writeDelta(kind: KindHistory, plan: ViewPlan, row: number, age: number): void {
    const writer = this.#writer;
    const changed = this.#compare(kind, plan, row, this.#tick - age);
    const changeAge = changed > 0 ? this.#tick - changed : 0;
    const mask = this.#mask;
    const bits = plan.fields.length;
    const shortAge = Math.min(changeAge, LONG_CHANGE_AGE);
    if (plan.ratePlaces.length > 0) {
      for (let bit = 0; bit < 3; bit += 1) {
        if ((shortAge & (1 << bit)) !== 0) mask[(bits + bit) >> 3]! |= 1 << ((bits + bit) & 7);
      }
    }
    for (let i = 0; i < plan.maskBytes; i += 1) writer.byte(mask[i]!);
    if (shortAge === LONG_CHANGE_AGE) writer.int(changeAge);
    for (let i = 0; i < bits; i += 1) {
      if ((mask[i >> 3]! & (1 << (i & 7))) === 0) continue;
      const { form, place, schema } = plan.fields[i]!;
      if (form === Form.flip) continue;
      if (form === Form.value) schema.codec.write(writer, kind.value(row, CURRENT, place));
      else {
        writer.int(this.#deltas[2 * i]!);
        if (form === Form.vector) writer.int(this.#deltas[2 * i + 1]!);
      }
    }
  }

  /**
   * Fills `#mask` and `#deltas` with what changed since `baseline`. Answers the tick of the newest change of a rate
   * that is followed; 0 if the rates are what they were.
   */
  #compare(kind: KindHistory, plan: ViewPlan, row: number, baseline: number): number {
    const mask = this.#mask;
    for (let i = 0; i < plan.maskBytes; i += 1) mask[i] = 0;
    const slot = kind.versionAt(row, baseline);
    const changed = newestRateChange(kind, plan, row, slot);
    for (let i = 0; i < plan.fields.length; i += 1) {
      const field = plan.fields[i]!;
      const { form, place } = field;
      let isChanged: boolean;
      if (form === Form.value) {
        isChanged = !sameReplica(kind.value(row, slot, place), kind.value(row, CURRENT, place));
      } else if (form === Form.follower) {
        isChanged = this.#followerDelta(kind, field, row, slot, changed, 2 * i);
      } else {
        isChanged = this.#numberDelta(kind, field, row, slot, 0, 2 * i);
        if (form === Form.vector && this.#numberDelta(kind, field, row, slot, 1, 2 * i + 1)) isChanged = true;
      }
      if (isChanged) mask[i >> 3]! |= 1 << (i & 7);
    }
    return changed;
  }

  #numberDelta(
    kind: KindHistory,
    field: PlannedField,
    row: number,
    slot: number,
    half: number,
    at: number,
  ): boolean {
    const before = kind.number(row, slot, field.place + half);
    const after = kind.number(row, CURRENT, field.place + half);
    this.#deltas[at] = field.form === Form.whole ? after : wrappedDelta(field.bounds, before, after);
    return before !== after;
  }

  #followerDelta(
    kind: KindHistory,
    field: PlannedField,
    row: number,
    slot: number,
    changed: number,
    at: number,
  ): boolean {
    const { factor, place, ratePlace, bounds } = field;
    const { least, most } = bounds;
    const rate = kind.number(row, CURRENT, ratePlace);
    const now = kind.number(row, CURRENT, place);
    const truth = carriedOn(now, rate, factor, kind.ticks[row]!, this.#tick, least, most);
    const old = kind.number(row, slot, place);
    const oldRate = kind.number(row, slot, ratePlace);
    const from = kind.tickOf(row, slot);
    const foretold = carriedOverChange(old, oldRate, rate, factor, from, changed, this.#tick, least, most);
    this.#deltas[at] = wrappedDelta(bounds, foretold, truth);
    return foretold !== truth;
  }

  #growRecords(): void {
    const room = this.#keys.length * 2;
    this.#keys = doubled(this.#keys, room);
    this.#nexts = doubled(this.#nexts, room);
    this.starts = doubled(this.starts, room);
    this.ends = doubled(this.ends, room);
  }
}

/** The tick at which a rate that is followed last became what it is, if it was another in version `slot`; else 0. */
function newestRateChange(kind: KindHistory, plan: ViewPlan, row: number, slot: number): number {
  if (!differ(kind, plan, row, slot, CURRENT)) return 0;
  let newer = CURRENT;
  while (newer !== slot) {
    const older = kind.versionBefore(row, newer);
    if (differ(kind, plan, row, older, newer)) return kind.tickOf(row, newer);
    newer = older;
  }
  return 0;
}

function differ(kind: KindHistory, plan: ViewPlan, row: number, a: number, b: number): boolean {
  const { ratePlaces } = plan;
  for (let i = 0; i < ratePlaces.length; i += 1) {
    if (kind.number(row, a, ratePlaces[i]!) !== kind.number(row, b, ratePlaces[i]!)) return true;
  }
  return false;
}

/** True if the entity is the same, and the age modulo `LISTS`. */
function isOfOneList(a: number, b: number): boolean {
  return ((a ^ b) & (((LISTS - 1) << 22) | 0x3f_fffc)) === 0;
}

function doubled(old: Int32Array, room: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(room);
  larger.set(old);
  return larger;
}
