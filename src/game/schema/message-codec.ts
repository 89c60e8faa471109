import { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { Game } from "./define-game.ts";
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

/** `values` as a message, in fresh bytes; undefined if the game has no message `name`. */
export function encodeMessage(
  game: Game<Shape>,
  name: string,
  values: Readonly<Record<string, unknown>>,
  counters: ValueCounters = newValueCounters(),
): Uint8Array | undefined {
  const message = game.schema.messageByName.get(name);
  if (message === undefined) return undefined;
  const bytes = new Uint8Array(message.maxBytes + 8);
  const writer = new MsgpackWriter().reset(bytes);
  writer.arrayHeader(1 + message.width);
  writer.int(message.index);
  writeRecord(writer, message, packRecord(message, values, counters));
  // A copy: the longest form may be far longer than this one, and bytes may wait in a queue.
  return bytes.slice(0, writer.at);
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
