import type { Replica } from "../schema/field-codec.ts";
import type { KindSchema } from "../schema/game-schema.ts";

/** All entities of one kind at one tick, in the order of ids: entity `i` is element `i` of every array. */
export interface KindSnapshot {
  readonly schema: KindSchema;
  readonly ids: Float64Array;
  /** PlayerId of the owner, 0 without one. */
  readonly owners: Float64Array;
  /** Replica integers, by `FieldSchema.column`. */
  readonly numbers: readonly Float64Array[];
  /** Other replicas, by `FieldSchema.column`. */
  readonly values: readonly (readonly Replica[])[];
}

/**
 * The state after `tick` ticks, as replicas, for dumps and tests. Never changed once made. The server's holds every
 * field that anyone is sent; a client's what it has been told, of fields that everyone may see.
 */
export interface Snapshot {
  readonly tick: number;
  /** By kind index. */
  readonly kinds: readonly KindSnapshot[];
  readonly size: number;
}

/** What all players see of an entity, as plain data: values at full length, in the order of declaration. */
export interface EntityDescription {
  readonly kind: string;
  readonly id: number;
  readonly owner: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A snapshot in plain, canonical form: equal on the server and on a client that was sent it. */
export function describeSnapshot(snapshot: Snapshot): { tick: number; entities: EntityDescription[] } {
  const entities = snapshot.kinds.flatMap((kind) =>
    Array.from(kind.ids, (id, i): EntityDescription => {
      const fields: Record<string, unknown> = {};
      for (const field of kind.schema.shared.fields) {
        fields[field.name] = plain(field.codec.unpack(replicaAt(kind, i, field)));
      }
      return { kind: kind.schema.name, id, owner: kind.owners[i]!, fields };
    }),
  );
  return { tick: snapshot.tick, entities: entities.sort((a, b) => a.id - b.id) };
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Array.from(value);
  return Array.isArray(value)
    ? value.map((item) => (item instanceof Uint8Array ? plain(item) : item))
    : (value ?? null);
}

/** 16 hex digits over `describeSnapshot`, the same on every runtime. For comparing, not for secrets. */
export function hashSnapshot(snapshot: Snapshot): string {
  const text = JSON.stringify(describeSnapshot(snapshot));
  // Two FNV-1a hashes of 32 bits with different starts.
  let low = 0x811c9dc5;
  let high = 0x050c5d1f;
  for (let i = 0; i < text.length; i += 1) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193);
  }
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The replica of one field of entity `i`. */
export function replicaAt(kind: KindSnapshot, i: number, field: KindSchema["fields"][number]): Replica {
  const { scalar, width } = field.codec;
  if (scalar === undefined) return kind.values[field.column]?.[i];
  const first = kind.numbers[field.column]![i]!;
  return width === 2 ? [first, kind.numbers[field.column + 1]![i]!] : first;
}
