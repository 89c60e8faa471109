import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { Replica } from "../schema/field-codec.ts";
import type { GameSchema, KindSchema } from "../schema/game-schema.ts";
import { GENERATIONS, MAX_ENTITIES } from "../world/entity-store.ts";
import type { KindSnapshot, Snapshot } from "./snapshot.ts";
import { MAX_PARTS, RECORD_HEAD_ELEMENTS } from "./state-block.ts";

/** Records of one kind in growing columns. */
interface KindColumns {
  readonly ids: number[];
  readonly owners: number[];
  readonly numbers: number[][];
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
  readonly kinds: readonly KindColumns[];
}

/** Reads a state block from bytes of a stranger; undefined if it is none of this game's. */
export function readStateBlock(schema: GameSchema, reader: MsgpackReader): StatePart | undefined {
  const records = reader.arrayHeader(3, 3 + MAX_ENTITIES) - 3;
  const tick = reader.int(0, Number.MAX_SAFE_INTEGER);
  const part = reader.int(0, MAX_PARTS - 1);
  const parts = reader.int(1, MAX_PARTS);
  if (!reader.ok || part >= parts) return undefined;
  const kinds = schema.kinds.map(newColumns);
  let firstIndex = -1;
  let lastIndex = -1;
  for (let n = 0; n < records; n += 1) {
    const elements = reader.arrayHeader(RECORD_HEAD_ELEMENTS, RECORD_HEAD_ELEMENTS + 256);
    const index = lastIndex + 1 + reader.int(0, MAX_ENTITIES - 1);
    const generation = reader.int(1, GENERATIONS - 1);
    const kind = schema.kinds[reader.int(0, Math.max(0, schema.kinds.length - 1))];
    const owner = reader.int(0, 0xffff_ffff);
    if (!reader.ok || kind === undefined || index >= MAX_ENTITIES) return undefined;
    if (elements !== RECORD_HEAD_ELEMENTS + kind.shared.width) return undefined;
    const columns = kinds[kind.index]!;
    readFields(reader, kind, columns);
    if (!reader.ok) return undefined;
    columns.ids.push(index * GENERATIONS + generation);
    columns.owners.push(owner);
    if (n === 0) firstIndex = index;
    lastIndex = index;
  }
  return reader.done() ? { tick, part, parts, firstIndex, lastIndex, kinds } : undefined;
}

function readFields(reader: MsgpackReader, kind: KindSchema, columns: KindColumns): void {
  for (const { codec, column } of kind.shared.fields) {
    const replica = codec.read(reader);
    if (codec.scalar === undefined) columns.values[column]!.push(replica);
    else if (codec.width === 2) {
      const [x, y] = replica as readonly number[];
      columns.numbers[column]!.push(x!);
      columns.numbers[column + 1]!.push(y!);
    } else columns.numbers[column]!.push(replica as number);
  }
}

function newColumns(kind: KindSchema): KindColumns {
  const columns: KindColumns = { ids: [], owners: [], numbers: [], values: [] };
  for (const { codec, column } of kind.shared.fields) {
    if (codec.scalar === undefined) columns.values[column] = [];
    for (let half = 0; codec.scalar !== undefined && half < codec.width; half += 1) {
      columns.numbers[column + half] = [];
    }
  }
  return columns;
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
    const numbers: Float64Array[] = [];
    const values: Replica[][] = [];
    for (const { codec, column } of kind.shared.fields) {
      if (codec.scalar === undefined)
        values[column] = parts.flatMap((part) => part.kinds[k]!.values[column]!);
      for (let half = 0; codec.scalar !== undefined && half < codec.width; half += 1) {
        numbers[column + half] = joinNumbers(parts.map((part) => part.kinds[k]!.numbers[column + half]!));
      }
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
