import type { Replica } from "../schema/field-codec.ts";
import type { GameSchema } from "../schema/game-schema.ts";
import type { Scalar } from "../schema/scalar.ts";
import type { EntityStore } from "../world/entity-store.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";
import type { KindSnapshot, Snapshot } from "./snapshot.ts";

/** Rounds the state of all living entities to replicas. */
export function captureSnapshot(schema: GameSchema, store: EntityStore, tick: number): Snapshot {
  const rows: Int32Array[] = store.tables.map((table) => new Int32Array(table.size));
  const ids: Float64Array[] = store.tables.map((table) => new Float64Array(table.size));
  const owners: Float64Array[] = store.tables.map((table) => new Float64Array(table.size));
  const counts = new Int32Array(store.tables.length);
  // By index, so that every kind comes out in the order of ids.
  for (const view of store.views) {
    if (view === undefined) continue;
    const kind = view["~table"].schema.index;
    const i = counts[kind]!;
    counts[kind] = i + 1;
    rows[kind]![i] = view["~row"];
    ids[kind]![i] = view.id;
    owners[kind]![i] = view.owner ?? 0;
  }
  const kinds = store.tables.map((table, k) => captureKind(table, rows[k]!, ids[k]!, owners[k]!));
  return { tick, schema, kinds, size: store.size };
}

function captureKind(
  table: KindTable<EntityView>,
  rows: Int32Array,
  ids: Float64Array,
  owners: Float64Array,
): KindSnapshot {
  const numbers: Float64Array[] = [];
  const values: Replica[][] = [];
  for (const { codec, column } of table.schema.fields) {
    if (codec.scalar === undefined) {
      const stored = table.values[column]!;
      values[column] = Array.from(rows, (row) => stored[row]);
      continue;
    }
    for (let half = 0; half < codec.width; half += 1) {
      const replicas = quantizeRows(codec.scalar, table.numbers[column + half]!, rows);
      numbers[column + half] = replicas;
    }
  }
  return { schema: table.schema, ids, owners, numbers, values };
}

/** `scalar.quantize` for a whole column. */
function quantizeRows(scalar: Scalar, stored: Float64Array, rows: Int32Array): Float64Array {
  const { step, least, most } = scalar;
  const replicas = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    const value = stored[rows[i]!]!;
    if (step === 0) replicas[i] = scalar.quantize(value);
    else {
      const multiple = Math.floor(value / step + 0.5);
      replicas[i] = multiple < least ? least : multiple > most ? most : multiple;
    }
  }
  return replicas;
}
