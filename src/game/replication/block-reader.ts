import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { Replica } from "../schema/field-codec.ts";
import type { GameSchema, KindSchema } from "../schema/game-schema.ts";
import { GENERATIONS, MAX_ENTITIES } from "../world/entity-store.ts";
import { readByPlan, recordPlan } from "./record-plan.ts";
import type { KindSnapshot, Snapshot } from "./snapshot.ts";
import { MAX_PARTS, RECORD_HEAD_ELEMENTS } from "./state-block.ts";

/** Records of one kind. */
interface KindRecords {
  readonly ids: number[];
  readonly owners: number[];
  /** The numbers of the first record, then those of the second, and so on. */
  readonly rows: number[];
  /** The other values, by `FieldSchema.column`. */
  readonly values: Replica[][];
}

/** One state block, read and checked. */
export interface StatePart {
  readonly tick: number;
  readonly part: number;
  readonly parts: number;
  /** Entity indexes of the first and last record; −1 without records. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly kinds: readonly KindRecords[];
}

/** Reads a state block from bytes of a stranger; undefined if it is none of this game's. */
export function readStateBlock(schema: GameSchema, reader: MsgpackReader): StatePart | undefined {
  const count = reader.arrayHeader(3, 3 + MAX_ENTITIES) - 3;
  const tick = reader.int(0, Number.MAX_SAFE_INTEGER);
  const part = reader.int(0, MAX_PARTS - 1);
  const parts = reader.int(1, MAX_PARTS);
  if (!reader.ok || part >= parts) return undefined;
  const kinds = schema.kinds.map(noRecords);
  let firstIndex = -1;
  let lastIndex = -1;
  for (let n = 0; n < count; n += 1) {
    const elements = reader.arrayHeader(RECORD_HEAD_ELEMENTS, RECORD_HEAD_ELEMENTS + 256);
    const index = lastIndex + 1 + reader.int(0, MAX_ENTITIES - 1);
    const generation = reader.int(1, GENERATIONS - 1);
    const kind = schema.kinds[reader.int(0, Math.max(0, schema.kinds.length - 1))];
    const owner = reader.int(0, 0xffff_ffff);
    if (!reader.ok || kind === undefined || index >= MAX_ENTITIES) return undefined;
    if (elements !== RECORD_HEAD_ELEMENTS + kind.shared.width) return undefined;
    const records = kinds[kind.index]!;
    readByPlan(recordPlan(kind), reader, records.rows, records.values);
    if (!reader.ok) return undefined;
    records.ids.push(index * GENERATIONS + generation);
    records.owners.push(owner);
    if (n === 0) firstIndex = index;
    lastIndex = index;
  }
  return reader.done() ? { tick, part, parts, firstIndex, lastIndex, kinds } : undefined;
}

function noRecords(kind: KindSchema): KindRecords {
  const values: Replica[][] = [];
  for (const column of recordPlan(kind).valueColumns) values[column] = [];
  return { ids: [], owners: [], rows: [], values };
}

/** All parts of a tick, in order, as one snapshot; undefined if their records are not in one order of indexes. */
export function joinParts(schema: GameSchema, parts: readonly StatePart[]): Snapshot | undefined {
  let before = -1;
  for (const { firstIndex, lastIndex } of parts) {
    if (firstIndex < 0) continue;
    if (firstIndex <= before) return undefined;
    before = lastIndex;
  }
  let size = 0;
  const kinds = schema.kinds.map((kind, k): KindSnapshot => {
    const ids = joinNumbers(parts.map((part) => part.kinds[k]!.ids));
    size += ids.length;
    const { numberColumns, valueColumns } = recordPlan(kind);
    const numbers: Float64Array[] = [];
    for (const [place, column] of numberColumns.entries()) {
      numbers[column] = joinColumn(parts, k, place, numberColumns.length, ids.length);
    }
    const values: Replica[][] = [];
    for (const column of valueColumns) {
      values[column] = parts.flatMap((part) => part.kinds[k]!.values[column]!);
    }
    const owners = joinNumbers(parts.map((part) => part.kinds[k]!.owners));
    return { schema: kind, ids, owners, numbers, values };
  });
  return { tick: parts[0]!.tick, schema, kinds, size };
}

function joinNumbers(lists: readonly (readonly number[])[]): Float64Array {
  const joined = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return joined;
}

/** One column out of the rows of all parts. */
function joinColumn(
  parts: readonly StatePart[],
  kind: number,
  place: number,
  width: number,
  length: number,
): Float64Array {
  const column = new Float64Array(length);
  let to = 0;
  for (const part of parts) {
    const { rows } = part.kinds[kind]!;
    for (let from = place; from < rows.length; from += width) {
      column[to] = rows[from]!;
      to += 1;
    }
  }
  return column;
}
