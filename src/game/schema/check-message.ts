import {
  MAX_BULK_BYTES,
  MAX_KEYS,
  MAX_PRIORITY,
  MAX_RELIABLE_BYTES,
  MAX_UNRELIABLE_BYTES,
  MAX_WEIGHT,
} from "../../net/bytes/message-limits.ts";
import { refuse } from "./check-definition.ts";
import { scalarOf } from "./scalar.ts";
import type { Channel, MessageDef } from "./shape.ts";

/** The longest message of each kind. */
const MOST_BYTES: Readonly<Record<Channel, number>> = {
  unreliable: MAX_UNRELIABLE_BYTES,
  "unreliable-sequenced": MAX_UNRELIABLE_BYTES,
  "reliable-ordered": MAX_RELIABLE_BYTES,
  "reliable-unordered": MAX_RELIABLE_BYTES,
  "reliable-latest": MAX_RELIABLE_BYTES,
  bulk: MAX_BULK_BYTES,
};
/** What the fields of an unreliable message may take at their longest: few are, and those are refused by `send`. */
const MAX_UNRELIABLE_RECORD_BYTES = 65_536;
const LEAST_BYTES_PER_SECOND = 100;
const MOST_BYTES_PER_SECOND = 1_000_000_000;
const MOST_QUEUED_BYTES = 64 * 1024 * 1024;
const MOST_QUEUED_MESSAGES = 65_536;

/** What a message's fields may take when each is at its longest. */
export function longestRecordBytes(channel: Channel): number {
  return Math.max(MOST_BYTES[channel], MAX_UNRELIABLE_RECORD_BYTES);
}

export function mostMessageBytes(channel: Channel): number {
  return MOST_BYTES[channel];
}

export function checkMessage(path: string, message: MessageDef): void {
  const { from, channel = "reliable-ordered", key, maxMessageBytes, maxQueuedBytes } = message;
  if (from !== "client" && from !== "server" && from !== "both") {
    refuse(path, `from must be "client", "server" or "both", not ${JSON.stringify(from)}`);
  }
  if (!Object.hasOwn(MOST_BYTES, channel)) {
    const kinds = Object.keys(MOST_BYTES).map((kind) => `"${kind}"`);
    refuse(path, `channel must be one of ${kinds.join(", ")}, not ${JSON.stringify(channel)}`);
  }
  const most = MOST_BYTES[channel];
  checkWithin(path, message, "priority", 0, MAX_PRIORITY);
  checkWithin(path, message, "weight", 1, MAX_WEIGHT);
  checkWithin(path, message, "bytesPerSecond", LEAST_BYTES_PER_SECOND, MOST_BYTES_PER_SECOND);
  checkWithin(path, message, "maxQueuedBytes", 1, MOST_QUEUED_BYTES);
  checkWithin(path, message, "maxQueuedMessages", 1, MOST_QUEUED_MESSAGES);
  checkWithin(path, message, "maxMessageBytes", 1, most);
  if (maxQueuedBytes !== undefined && maxMessageBytes !== undefined && maxQueuedBytes < maxMessageBytes) {
    refuse(
      `${path}.maxQueuedBytes`,
      `${maxQueuedBytes} has no room for one message of ${maxMessageBytes} bytes`,
    );
  }
  if (key !== undefined) checkKey(path, message, key);
}

function checkWithin(
  path: string,
  message: MessageDef,
  name: Exclude<keyof MessageDef, "from" | "channel" | "key" | "fields">,
  least: number,
  most: number,
): void {
  const value = message[name];
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < least || value > most) {
    refuse(`${path}.${name}`, `must be a whole number from ${least} to ${most}, not ${value}`);
  }
}

function checkKey(path: string, { channel, fields }: MessageDef, key: string): void {
  const at = `${path}.key`;
  if (channel !== "reliable-latest") refuse(at, "only reliable-latest messages have a key");
  const spec = Object.hasOwn(fields, key) ? fields[key]!.spec : undefined;
  if (spec === undefined) refuse(at, `there is no field "${key}"`);
  if (!["bool", "uint", "int", "oneOf"].includes(spec.type)) {
    refuse(at, `the field must be a bool, uint, int or oneOf, and "${key}" is a ${spec.type}`);
  }
  const { least, most } = scalarOf(spec)!;
  if (most - least >= MAX_KEYS) {
    refuse(at, `"${key}" has ${most - least + 1} values; a key has at most ${MAX_KEYS}`);
  }
}
