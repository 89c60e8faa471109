import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { Replica } from "./field-codec.ts";
import type { RecordSchema } from "./game-schema.ts";
import { sameReplica } from "./same-replica.ts";
import type { ValueCounters } from "./value-counters.ts";

/** One replica per field from values by name. Missing fields keep what `old` has, else their default. */
export function packRecord(
  record: RecordSchema,
  values: Readonly<Record<string, unknown>>,
  counters: ValueCounters,
  old?: readonly Replica[],
): Replica[] {
  return record.fields.map((field, i) => {
    const before = old === undefined ? field.initial : old[i];
    const value = values[field.name];
    if (value === undefined && !(field.name in values)) return before;
    return field.codec.pack(value, before, counters);
  });
}

/** Values by name, fresh and frozen: whoever gets them cannot change what others were given. */
export function unpackRecord(record: RecordSchema, replicas: readonly Replica[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (let i = 0; i < record.fields.length; i += 1) {
    const field = record.fields[i]!;
    const value = field.codec.unpack(replicas[i]);
    // Bytes cannot be frozen; each reader gets a copy.
    const isFreezable = typeof value === "object" && !(value instanceof Uint8Array);
    values[field.name] = isFreezable ? Object.freeze(value) : value;
  }
  return Object.freeze(values);
}

export function writeRecord(writer: MsgpackWriter, record: RecordSchema, replicas: readonly Replica[]): void {
  for (let i = 0; i < record.fields.length; i += 1) record.fields[i]!.codec.write(writer, replicas[i]);
}

export function readRecord(reader: MsgpackReader, record: RecordSchema): Replica[] {
  const { fields } = record;
  // Of its length at once: growing one takes more memory than all that is read.
  const replicas = new Array<Replica>(fields.length);
  for (let i = 0; i < fields.length; i += 1) replicas[i] = fields[i]!.codec.read(reader);
  return replicas;
}

/** As `readRecord`, but gives `like` itself when the bytes say the same: what repeats itself takes no memory. */
export function readRecordLike(
  reader: MsgpackReader,
  record: RecordSchema,
  like: readonly Replica[],
): readonly Replica[] {
  const { fields } = record;
  let fresh: Replica[] | undefined;
  for (let i = 0; i < fields.length; i += 1) {
    const replica = fields[i]!.codec.read(reader);
    if (fresh === undefined && sameReplica(replica, like[i])) continue;
    fresh ??= like.slice();
    fresh[i] = replica;
  }
  return fresh ?? like;
}
