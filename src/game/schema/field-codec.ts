import { cutText } from "../../net/bytes/cut-text.ts";
import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import { type MsgpackWriter, utf8Length } from "../../net/bytes/msgpack-writer.ts";
import type { Vec2 } from "./field.ts";
import type { FieldSpec } from "./field-spec.ts";
import { type Scalar, scalarOf } from "./scalar.ts";
import type { ValueCounters } from "./value-counters.ts";

/*
 * One field as msgpack elements, quantized:
 *
 *   bool         true or false            text         str
 *   uint, int    int                      id           int, 0 = none
 *   fixed        int, value ÷ step        oneOf        int, index of the choice
 *   angle        int, turns × 2^bits      optional     nil or the value
 *   vec2         int int, each ÷ step     list         array of values
 *   bytes        bin
 *
 * A vec2 inside an optional or a list stands as an array of two.
 */

/** What travels of one field. Never changed once made, so it may be shared. */
export type Replica = number | string | Uint8Array | undefined | readonly Replica[];

/** Values of a field between game code, replica and bytes. Compiled once per definition. */
export interface FieldCodec {
  /** Elements it takes in its record: 2 for a vec2, else 1. */
  readonly width: 1 | 2;
  readonly maxBytes: number;
  /** Set when one number stores the field, or each half of a vec2. */
  readonly scalar: Scalar | undefined;
  /** The replica when game code gave no value. */
  readonly initial: Replica;
  /** Game value to replica. What is no lawful value clamps or keeps `old`, and is counted. */
  pack(value: unknown, old: Replica, counters: ValueCounters): Replica;
  /** The exact game value of a replica. */
  unpack(replica: Replica): unknown;
  write(writer: MsgpackWriter, replica: Replica): void;
  /** Fails the reader on anything a lawful writer would not have written. */
  read(reader: MsgpackReader): Replica;
}

/** Compiles a checked spec. */
export function fieldCodec(spec: FieldSpec): FieldCodec {
  switch (spec.type) {
    case "text":
      return textCodec(spec.maxBytes!);
    case "bytes":
      return bytesCodec(spec.maxBytes!);
    case "optional":
      return optionalCodec(nested(fieldCodec(spec.inner!)));
    case "list":
      return listCodec(nested(fieldCodec(spec.inner!)), spec.max!);
    case "vec2":
      return vec2Codec(scalarOf(spec)!);
    case "bool":
      return {
        ...scalarCodec(scalarOf(spec)!),
        write: (writer, replica) => writer.bool(replica === 1),
        read: (reader) => (reader.bool() ? 1 : 0),
      };
    default:
      return scalarCodec(scalarOf(spec)!);
  }
}

function scalarCodec(scalar: Scalar): FieldCodec {
  const { least, most } = scalar;
  return {
    width: 1,
    maxBytes: Math.max(intBytes(least), intBytes(most)),
    scalar,
    initial: scalar.quantize(scalar.initial),
    pack: (value, old, counters) =>
      scalar.quantize(scalar.store(value, scalar.dequantize(old as number), counters)),
    unpack: (replica) => scalar.load(scalar.dequantize(replica as number)),
    write: (writer, replica) => writer.int(replica as number),
    read: (reader) => reader.int(least, most),
  };
}

function vec2Codec(scalar: Scalar): FieldCodec {
  const half = scalarCodec(scalar);
  return {
    width: 2,
    maxBytes: half.maxBytes * 2,
    scalar,
    initial: [half.initial, half.initial],
    pack(value, old, counters) {
      const { x, y } = isVec2(value) ? value : { x: Number.NaN, y: Number.NaN };
      const [oldX, oldY] = old as readonly number[];
      return [half.pack(x, oldX, counters), half.pack(y, oldY, counters)];
    },
    unpack(replica) {
      const [x, y] = replica as readonly number[];
      return { x: half.unpack(x), y: half.unpack(y) };
    },
    write(writer, replica) {
      const [x, y] = replica as readonly number[];
      writer.int(x!);
      writer.int(y!);
    },
    read: (reader) => [half.read(reader), half.read(reader)],
  };
}

function textCodec(maxBytes: number): FieldCodec {
  return {
    width: 1,
    maxBytes: maxBytes + (maxBytes < 32 ? 1 : maxBytes < 256 ? 2 : 3),
    scalar: undefined,
    initial: "",
    pack(value, old, counters) {
      if (typeof value !== "string") {
        counters.refused += 1;
        return old;
      }
      const whole = value.isWellFormed() ? value : value.toWellFormed();
      if (utf8Length(whole) <= maxBytes) return whole;
      counters.cut += 1;
      return cutText(whole, maxBytes);
    },
    unpack: (replica) => replica,
    write: (writer, replica) => writer.text(replica as string),
    read: (reader) => reader.text(maxBytes),
  };
}

function bytesCodec(maxBytes: number): FieldCodec {
  return {
    width: 1,
    maxBytes: maxBytes + (maxBytes < 0x100 ? 2 : maxBytes < 0x1_0000 ? 3 : 5),
    scalar: undefined,
    initial: new Uint8Array(0),
    pack(value, old, counters) {
      if (!(value instanceof Uint8Array)) {
        counters.refused += 1;
        return old;
      }
      if (value.length > maxBytes) counters.cut += 1;
      // Not `slice`: that of Node's Buffer shares the memory.
      return new Uint8Array(value.subarray(0, maxBytes));
    },
    unpack: (replica) => new Uint8Array(replica as Uint8Array),
    write: (writer, replica) => writer.bin(replica as Uint8Array),
    read: (reader) => reader.binCopy(0, maxBytes),
  };
}

function optionalCodec(inner: FieldCodec): FieldCodec {
  return {
    width: 1,
    maxBytes: inner.maxBytes,
    scalar: undefined,
    initial: undefined,
    pack: (value, old, counters) =>
      value === undefined ? undefined : inner.pack(value, old ?? inner.initial, counters),
    unpack: (replica) => (replica === undefined ? undefined : inner.unpack(replica)),
    write: (writer, replica) => (replica === undefined ? writer.nil() : inner.write(writer, replica)),
    read: (reader) => (reader.maybeNil() ? undefined : inner.read(reader)),
  };
}

function listCodec(inner: FieldCodec, max: number): FieldCodec {
  return {
    width: 1,
    maxBytes: 3 + inner.maxBytes * max,
    scalar: undefined,
    initial: [],
    pack(value, old, counters) {
      if (!Array.isArray(value)) {
        counters.refused += 1;
        return old;
      }
      if (value.length > max) counters.cut += 1;
      return value.slice(0, max).map((item) => inner.pack(item, inner.initial, counters));
    },
    unpack: (replica) => (replica as readonly Replica[]).map((item) => inner.unpack(item)),
    write(writer, replica) {
      const items = replica as readonly Replica[];
      writer.arrayHeader(items.length);
      for (const item of items) inner.write(writer, item);
    },
    read(reader) {
      const length = reader.arrayHeader(0, max);
      const items: Replica[] = [];
      for (let i = 0; i < length && reader.ok; i += 1) items.push(inner.read(reader));
      return items;
    },
  };
}

/** Keeps what holds it self-describing: two elements become one. */
function nested(codec: FieldCodec): FieldCodec {
  if (codec.width === 1) return codec;
  return {
    ...codec,
    width: 1,
    maxBytes: 1 + codec.maxBytes,
    write(writer, replica) {
      writer.arrayHeader(2);
      codec.write(writer, replica);
    },
    read(reader) {
      reader.arrayHeader(2, 2);
      return codec.read(reader);
    },
  };
}

function intBytes(value: number): number {
  if (value >= 0)
    return value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x1_0000 ? 3 : value < 2 ** 32 ? 5 : 9;
  return value >= -32 ? 1 : value >= -0x80 ? 2 : value >= -0x8000 ? 3 : value >= -(2 ** 31) ? 5 : 9;
}

function isVec2(value: unknown): value is Vec2 {
  return typeof value === "object" && value !== null && "x" in value && "y" in value;
}
