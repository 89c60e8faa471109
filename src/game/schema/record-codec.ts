import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { Replica } from "./field-codec.ts";
import type { RecordSchema } from "./game-schema.ts";
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
  for (const [i, field] of record.fields.entries()) {
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
  const replicas: Replica[] = [];
  for (const field of record.fields) replicas.push(field.codec.read(reader));
  return replicas;
}
