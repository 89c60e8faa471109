import { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { Game } from "./define-game.ts";
import type { Replica } from "./field-codec.ts";
import type { MessageSchema } from "./game-schema.ts";
import { packRecord, readRecord, unpackRecord, writeRecord } from "./record-codec.ts";
import type { Shape } from "./shape.ts";
import { newValueCounters, type ValueCounters } from "./value-counters.ts";

/*
 * A message: one msgpack array.
 *
 *   [ messageIndex, …field elements in the order of declaration ]
 *
 * The index counts the definition's messages from 0. Nothing may follow the array.
 */

/** Messages that turn out longer are written again into more memory: few are as long as their definition allows. */
const USUAL_BYTES = 1_024;
const GROWTH = 8;

/** A message ready for its channel. */
export interface EncodedMessage {
  /** Fresh; whoever sends them may keep them. */
  readonly bytes: Uint8Array;
  readonly channel: number;
  /** Which value it replaces, 0 … 255; 0 where its message has no key. */
  readonly key: number;
}

/** `values` as a message; undefined if the game has no message `name`. */
export function encodeForChannel(
  game: Game<Shape>,
  name: string,
  values: Readonly<Record<string, unknown>>,
  counters: ValueCounters = newValueCounters(),
): EncodedMessage | undefined {
  const message = game.schema.messageByName.get(name);
  if (message === undefined) return undefined;
  const replicas = packRecord(message, values, counters);
  return { bytes: encode(message, replicas), channel: message.channel, key: keyOf(message, replicas) };
}

/** `values` as a message, in fresh bytes; undefined if the game has no message `name`. */
export function encodeMessage(
  game: Game<Shape>,
  name: string,
  values: Readonly<Record<string, unknown>>,
  counters?: ValueCounters,
): Uint8Array | undefined {
  return encodeForChannel(game, name, values, counters)?.bytes;
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

/** Reads a message that `sender` may send; undefined for anything else. */
export function decodeMessage(
  game: Game<Shape>,
  sender: "client" | "server",
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): { readonly name: string; readonly values: Readonly<Record<string, unknown>> } | undefined {
  const { messages } = game.schema;
  const reader = new MsgpackReader().reset(bytes, start, end);
  const elements = reader.arrayHeader(1, 1 + 256);
  const message = messages[reader.int(0, Math.max(0, messages.length - 1))];
  if (!reader.ok || message === undefined || elements !== 1 + message.width) return undefined;
  if (message.from !== "both" && message.from !== sender) return undefined;
  const replicas = readRecord(reader, message);
  return reader.done() ? { name: message.name, values: unpackRecord(message, replicas) } : undefined;
}
