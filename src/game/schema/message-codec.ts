import { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import { MsgpackWriter, utf8Length } from "../../net/bytes/msgpack-writer.ts";
import type { Game } from "./define-game.ts";
import type { Replica } from "./field-codec.ts";
import type { MessageSchema } from "./game-schema.ts";
import { packRecord, readRecord, unpackRecord, writeRecord } from "./record-codec.ts";
import { payloadJson, readPayload } from "./schema-payload.ts";
import type { Shape } from "./shape.ts";
import { newValueCounters, type ValueCounters } from "./value-counters.ts";
import type { ValueWarnings } from "./value-warnings.ts";

/*
 * A message: one msgpack array.
 *
 *   [ messageIndex, …field elements in the order of declaration ]
 *   [ messageIndex, JSON str ]                                       of a message with a schema
 *
 * The index counts the definition's messages from 0. Nothing may follow the array.
 */

/** Messages that turn out longer are written again into more memory: few are as long as their definition allows. */
const USUAL_BYTES = 1_024;
const GROWTH = 8;
/** Heads of the array, the index and the text. */
const JSON_HEAD_BYTES = 9;

/** A message ready for its channel. */
export interface EncodedMessage {
  /** Fresh; whoever sends them may keep them. */
  readonly bytes: Uint8Array;
  readonly channel: number;
  /** Which value it replaces, 0 … 255; 0 where its message has no key. */
  readonly key: number;
}

/** Hears what the schema of a message threw, or did that none may. */
export type SchemaFault = (error: unknown, message: string) => void;

/**
 * `values` as a message; undefined if the game has no message `name`. "invalid" if its schema refuses them, which is
 * counted as refused.
 */
export function encodeForChannel(
  game: Game<Shape>,
  name: string,
  values: unknown,
  counters: ValueCounters = newValueCounters(),
  onFault?: SchemaFault,
): EncodedMessage | "invalid" | undefined {
  const message = game.schema.messageByName.get(name);
  if (message === undefined) return undefined;
  const { channel, schema } = message;
  if (schema !== undefined) {
    const json = payloadJson(schema, values);
    if (json.problem === undefined) return { bytes: encodeJson(message, json.value), channel, key: 0 };
    counters.refused += 1;
    if (json.fault !== undefined) onFault?.(json.fault, name);
    return "invalid";
  }
  const replicas = packRecord(message, values as Readonly<Record<string, unknown>>, counters);
  return { bytes: encode(message, replicas), channel, key: keyOf(message, replicas) };
}

/** As `encodeForChannel`; and `warnings`, which go by the same counters, tell what was wrong. */
export function encodeAndTell(
  game: Game<Shape>,
  name: string,
  values: unknown,
  counters: ValueCounters,
  warnings: ValueWarnings | undefined,
  onFault?: SchemaFault,
): EncodedMessage | "invalid" | undefined {
  warnings?.mark();
  const encoded = encodeForChannel(game, name, values, counters, onFault);
  if (warnings?.isNews) warnings.tellMessage(game.schema.messageByName.get(name)!, values);
  return encoded;
}

/** `values` as a message, in fresh bytes; undefined if there is no message `name` or its schema refuses them. */
export function encodeMessage(
  game: Game<Shape>,
  name: string,
  values: unknown,
  counters?: ValueCounters,
): Uint8Array | undefined {
  const encoded = encodeForChannel(game, name, values, counters);
  return encoded === "invalid" ? undefined : encoded?.bytes;
}

/** However long: what is too long its channel refuses, as it does with fields. */
function encodeJson({ index }: MessageSchema, json: string): Uint8Array {
  const writer = new MsgpackWriter().reset(new Uint8Array(JSON_HEAD_BYTES + utf8Length(json)));
  writer.arrayHeader(2);
  writer.int(index);
  writer.text(json);
  return writer.bytes.slice(0, writer.at);
}

function encode(message: MessageSchema, replicas: readonly Replica[]): Uint8Array {
  const most = message.maxBytes + 8;
  for (let room = Math.min(most, USUAL_BYTES); ; room = Math.min(most, room * GROWTH)) {
    const writer = new MsgpackWriter().reset(new Uint8Array(room));
    writer.arrayHeader(1 + message.width);
    writer.int(message.index);
    writeRecord(writer, message, replicas);
    // A copy: the bytes may wait in a queue, and should not hold more memory than they need.
    if (writer.ok) return writer.bytes.slice(0, writer.at);
    if (room === most) throw new Error(`${message.name} is longer than its definition allows`);
  }
}

function keyOf({ fields, keyField }: MessageSchema, replicas: readonly Replica[]): number {
  if (keyField === undefined) return 0;
  return (replicas[fields.indexOf(keyField)] as number) - keyField.codec.scalar!.least;
}

/** A message as its rules get it: `values` are those of its fields by name, or what its schema made of them. */
export interface DecodedMessage {
  readonly name: string;
  readonly values: unknown;
}

/** Reads a message that `sender` may send; undefined for anything else, and for what its schema refuses. */
export function decodeMessage(
  game: Game<Shape>,
  sender: "client" | "server",
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  onFault?: SchemaFault,
): DecodedMessage | undefined {
  const { messages } = game.schema;
  const reader = new MsgpackReader().reset(bytes, start, end);
  const elements = reader.arrayHeader(1, 1 + 256);
  const message = messages[reader.int(0, Math.max(0, messages.length - 1))];
  if (!reader.ok || message === undefined || elements !== 1 + message.width) return undefined;
  if (message.from !== "both" && message.from !== sender) return undefined;
  const { name, schema } = message;
  if (schema !== undefined) {
    const json = reader.text(message.maxBytes);
    if (!reader.done()) return undefined;
    const verdict = readPayload(schema, json);
    if (verdict.problem === undefined) return { name, values: verdict.value };
    if (verdict.fault !== undefined) onFault?.(verdict.fault, name);
    return undefined;
  }
  const replicas = readRecord(reader, message);
  return reader.done() ? { name, values: unpackRecord(message, replicas) } : undefined;
}
