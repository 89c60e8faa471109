import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import { LONG_CHANGE_AGE, MAX_AGE_TICKS, MAX_MASK_BYTES } from "../schema/record-ages.ts";
import { sameReplica } from "../schema/same-replica.ts";
import { MAX_ENTITY_ID } from "../schema/scalar.ts";
import { numberAt, type Version } from "./held-entity.ts";
import { Form, type PlannedField } from "./replica-plan.ts";
import { carriedOverChange } from "./replica-rule.ts";
import { unwrappedDelta } from "./wrapped-delta.ts";

/*
 * Reads the fields of records from bytes of a stranger; the layout is drawn in `delta-block.ts`. Each function fails
 * the reader on what no lawful writer would have written.
 */

/** Reads the fields of a full record into `into`, of which all else is set. */
export function readFull(reader: MsgpackReader, into: Version): void {
  const { fields } = into.plan;
  for (let i = 0; i < fields.length && reader.ok; i += 1) {
    const { form, place, schema, bounds } = fields[i]!;
    if (form === Form.value) into.values[place] = schema.codec.read(reader);
    else if (form === Form.vector) {
      into.numbers[place] = reader.int(bounds.least, bounds.most);
      into.numbers[place + 1] = reader.int(bounds.least, bounds.most);
    } else into.numbers[place] = schema.codec.read(reader) as number;
  }
}

const mask = new Uint8Array(MAX_MASK_BYTES);

/** Reads a delta record of tick `into.tick` on top of `base`, which was in force `age` ticks before. */
export function readDelta(reader: MsgpackReader, base: Version, age: number, into: Version): void {
  const { plan, tick } = into;
  const { fields, maskBytes, maskBits, ratePlaces } = plan;
  readMask(reader, maskBytes, maskBits);
  let changeAge = 0;
  if (ratePlaces.length > 0) {
    for (let bit = 0; bit < 3; bit += 1) if (hasBit(fields.length + bit)) changeAge |= 1 << bit;
    if (changeAge === LONG_CHANGE_AGE) changeAge = reader.int(LONG_CHANGE_AGE, MAX_AGE_TICKS - 1);
  }
  into.id = base.id;
  into.owner = base.owner;
  for (let place = 0; place < base.values.length; place += 1) into.values[place] = base.values[place];
  for (let i = 0; i < fields.length && reader.ok; i += 1) {
    const field = fields[i]!;
    const { form, place } = field;
    if (form === Form.value) {
      if (hasBit(i)) into.values[place] = readChange(reader, field, base);
    } else if (form === Form.follower) {
      const foretold = foretell(base, into, field, tick - changeAge);
      into.numbers[place] = hasBit(i) ? readDeltaOf(reader, field, foretold, true) : foretold;
    } else {
      into.numbers[place] = hasBit(i) ? readNumber(reader, field, base) : base.numbers[place]!;
      if (form !== Form.vector) continue;
      into.numbers[place + 1] = base.numbers[place + 1]!;
      if (!hasBit(i)) continue;
      into.numbers[place + 1] = readDeltaOf(reader, field, base.numbers[place + 1]!, false);
      const isSame =
        into.numbers[place] === base.numbers[place] && into.numbers[place + 1] === base.numbers[place + 1];
      if (isSame) reader.fail();
    }
  }
  if (!isLawfulChange(base, into, changeAge, age)) reader.fail();
}

function readMask(reader: MsgpackReader, maskBytes: number, maskBits: number): void {
  if (!reader.ok || reader.at + maskBytes > reader.end) {
    mask.fill(0);
    reader.fail();
    return;
  }
  for (let i = 0; i < maskBytes; i += 1) mask[i] = reader.bytes[reader.at + i]!;
  reader.at += maskBytes;
  if ((maskBits & 7) !== 0 && mask[maskBytes - 1]! >> (maskBits & 7) !== 0) reader.fail();
}

function hasBit(bit: number): boolean {
  return (mask[bit >> 3]! & (1 << (bit & 7))) !== 0;
}

function readNumber(reader: MsgpackReader, field: PlannedField, base: Version): number {
  const before = base.numbers[field.place]!;
  const { bounds, form } = field;
  if (form === Form.flip) return bounds.least + bounds.most - before;
  if (form === Form.vector) return readDeltaOf(reader, field, before, false);
  if (form === Form.number) return readDeltaOf(reader, field, before, true);
  const whole = reader.int(0, MAX_ENTITY_ID);
  return whole === before ? reader.fail() : whole;
}

function readDeltaOf(
  reader: MsgpackReader,
  { bounds }: PlannedField,
  before: number,
  mustChange: boolean,
): number {
  const delta = reader.int(bounds.leastDelta, bounds.mostDelta);
  if (delta === 0 && mustChange) reader.fail();
  return unwrappedDelta(bounds, before, delta);
}

function readChange(reader: MsgpackReader, field: PlannedField, base: Version) {
  const value = field.schema.codec.read(reader);
  if (sameReplica(value, base.values[field.place])) reader.fail();
  return value;
}

/** What the rates before and after, both known by now, make of a follower. */
function foretell(base: Version, into: Version, field: PlannedField, changed: number): number {
  const { place, ratePlace, factor, bounds } = field;
  const { least, most } = bounds;
  const before = base.numbers[ratePlace]!;
  const after = into.numbers[ratePlace]!;
  if (before === after) return numberAt(base, field, 0, into.tick);
  const old = base.numbers[place]!;
  return carriedOverChange(old, before, after, factor, base.tick, changed, into.tick, least, most);
}

function isLawfulChange(base: Version, into: Version, changeAge: number, age: number): boolean {
  const { ratePlaces } = into.plan;
  for (let i = 0; i < ratePlaces.length; i += 1) {
    const place = ratePlaces[i]!;
    if (base.numbers[place] !== into.numbers[place]) return changeAge < age;
  }
  return changeAge === 0;
}
