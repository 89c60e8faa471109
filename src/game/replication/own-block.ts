import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { Replica } from "../schema/field-codec.ts";
import type { GameSchema } from "../schema/game-schema.ts";
import { readRecord } from "../schema/record-codec.ts";
import { MAX_ENTITY_ID } from "../schema/scalar.ts";
import type { Snapshot } from "./snapshot.ts";
import { writeFields } from "./state-block.ts";

/*
 * An own block: what one player alone is told about a tick. One msgpack array.
 *
 *   [ tick, playerId, entity, …records ]       entity = id of what the player steers, 0 = none
 *
 * A record is an entity the player owns whose kind has fields visible to the owner:
 *
 *   [ id, kind, …elements of these fields ]
 */
const MAX_OWN_RECORDS = 256;

/** What a player was told about its own entities. */
export interface OwnState {
  readonly tick: number;
  readonly playerId: number;
  /** Id of what the player steers, 0 = none. */
  readonly entityId: number;
  /** Replicas of owner-only fields, in the order of `KindSchema.own.fields`, by entity id. */
  readonly replicasById: ReadonlyMap<number, readonly Replica[]>;
}

/**
 * Writes the player's own block. Records that no longer fit are left out, the one the player steers last; false if
 * not even the block without records fits.
 */
export function encodeOwn(
  snapshot: Snapshot,
  playerId: number,
  entityId: number,
  writer: MsgpackWriter,
): boolean {
  const owned = ownedRecords(snapshot, playerId, entityId);
  const start = writer.at;
  for (let count = Math.min(owned.length, MAX_OWN_RECORDS); count >= 0; count -= 1) {
    writer.rewind(start);
    writer.arrayHeader(3 + count);
    writer.int(snapshot.tick);
    writer.int(playerId);
    writer.int(entityId);
    for (const { kind, i } of owned.slice(0, count)) {
      writer.arrayHeader(2 + kind.schema.own.width);
      writer.int(kind.ids[i]!);
      writer.int(kind.schema.index);
      writeFields(writer, kind.schema.own, kind, i);
    }
    if (writer.ok) return true;
  }
  writer.rewind(start);
  return false;
}

function ownedRecords(snapshot: Snapshot, playerId: number, entityId: number) {
  const owned = snapshot.kinds.flatMap((kind) =>
    kind.schema.own.fields.length === 0
      ? []
      : Array.from(kind.owners.keys(), (i) => ({ kind, i })).filter(({ i }) => kind.owners[i] === playerId),
  );
  // What the player steers comes first, so that it is the last to be left out.
  return owned.sort((a, b) => Number(b.kind.ids[b.i] === entityId) - Number(a.kind.ids[a.i] === entityId));
}

/** Reads an own block from bytes of a stranger; undefined if it is none of this game's. */
export function decodeOwn(schema: GameSchema, reader: MsgpackReader): OwnState | undefined {
  const records = reader.arrayHeader(3, 3 + MAX_OWN_RECORDS) - 3;
  const tick = reader.int(0, Number.MAX_SAFE_INTEGER);
  const playerId = reader.int(1, 0xffff_ffff);
  const entityId = reader.int(0, MAX_ENTITY_ID);
  const replicasById = new Map<number, readonly Replica[]>();
  for (let n = 0; n < records && reader.ok; n += 1) {
    const elements = reader.arrayHeader(2, 2 + 256);
    const id = reader.int(1, MAX_ENTITY_ID);
    const kind = schema.kinds[reader.int(0, Math.max(0, schema.kinds.length - 1))];
    if (kind === undefined || elements !== 2 + kind.own.width || replicasById.has(id)) return undefined;
    replicasById.set(id, readRecord(reader, kind.own));
  }
  return reader.done() ? { tick, playerId, entityId, replicasById } : undefined;
}
