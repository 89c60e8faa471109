import type { Fields } from "./field.ts";
import { type FieldCodec, fieldCodec, type Replica } from "./field-codec.ts";
import type { Audience, FieldSpec } from "./field-spec.ts";
import type { Channel, MessageDef, SendSettings } from "./shape.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { newValueCounters } from "./value-counters.ts";

/** A field in its record. */
export interface FieldSchema {
  readonly name: string;
  readonly spec: FieldSpec;
  readonly audience: Audience;
  readonly codec: FieldCodec;
  /** The default as declared, or that of the type. */
  readonly initial: Replica;
  /** The default as game code writes it; undefined where nothing was declared. */
  readonly declaredDefault: unknown;
  /**
   * Where an entity keeps it: first column among its kind's numbers if `codec.scalar` is set (a vec2 takes that
   * column and the next), else its column among the kind's other values.
   */
  readonly column: number;
}

/** Fields in the order of their declaration: an input, a message or an entity. */
export interface RecordSchema {
  readonly fields: readonly FieldSchema[];
  /** How many msgpack elements all fields take. */
  readonly width: number;
  readonly maxBytes: number;
}

export type StepFunction = (self: object, input: object, world: object) => void;

export interface KindSchema extends RecordSchema {
  readonly name: string;
  readonly index: number;
  /** What everyone is sent. */
  readonly shared: RecordSchema;
  /** What only the owner is sent besides. */
  readonly own: RecordSchema;
  readonly numberColumns: number;
  readonly valueColumns: number;
  readonly step: StepFunction | undefined;
}

export interface MessageSchema extends RecordSchema {
  readonly name: string;
  readonly index: number;
  readonly from: MessageDef["from"];
  readonly channelName: Channel;
  /** Index in `channelTable`. */
  readonly channel: number;
  /** True when it has a channel of its own only because of its settings. */
  readonly ownChannel: boolean;
  /** The field whose value is the key; undefined where there is none. */
  readonly keyField: FieldSchema | undefined;
  readonly settings: SendSettings;
  /** As declared. */
  readonly maxMessageBytes: number | undefined;
  /** Judges the one element of a message without fields; undefined for a message of fields. */
  readonly schema: StandardSchema | undefined;
}

/** A definition made ready to run. */
export interface GameSchema {
  readonly input: RecordSchema;
  readonly kinds: readonly KindSchema[];
  readonly kindByName: ReadonlyMap<string, KindSchema>;
  readonly messages: readonly MessageSchema[];
  readonly messageByName: ReadonlyMap<string, MessageSchema>;
  readonly avatar: string | undefined;
}

export function recordSchema(fields: Fields): RecordSchema & { numberColumns: number; valueColumns: number } {
  let numberColumns = 0;
  let valueColumns = 0;
  const schemas = Object.entries(fields).map(([name, field]): FieldSchema => {
    const spec = field.spec;
    const codec = fieldCodec(spec);
    const column = codec.scalar === undefined ? valueColumns : numberColumns;
    if (codec.scalar === undefined) valueColumns += 1;
    else numberColumns += codec.width;
    const initial =
      spec.default === undefined
        ? codec.initial
        : codec.pack(spec.default, codec.initial, newValueCounters());
    const audience = spec.visibleTo ?? "everyone";
    return { name, spec, audience, codec, initial, declaredDefault: spec.default, column };
  });
  return { ...measured(schemas), numberColumns, valueColumns };
}

/** The fields of a record that one audience sees. */
export function fieldsFor(record: RecordSchema, audience: Audience): RecordSchema {
  return measured(record.fields.filter((field) => field.audience === audience));
}

function measured(fields: readonly FieldSchema[]): RecordSchema {
  return {
    fields,
    width: fields.reduce((sum, field) => sum + field.codec.width, 0),
    maxBytes: fields.reduce((sum, field) => sum + field.codec.maxBytes, 0),
  };
}
