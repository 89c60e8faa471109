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
import { isLater } from "./schema-payload.ts";
import type { Channel, MessageDef } from "./shape.ts";
import type { StandardSchema } from "./standard-schema.ts";

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
/** It is part of the definition. */
const MAX_VENDOR_CHARS = 64;

/** What a message's fields may take when each is at its longest. */
export function longestRecordBytes(channel: Channel): number {
  return Math.max(MOST_BYTES[channel], MAX_UNRELIABLE_RECORD_BYTES);
}

export function mostMessageBytes(channel: Channel): number {
  return MOST_BYTES[channel];
}

export function checkMessage(path: string, message: MessageDef): void {
  if (typeof message !== "object" || message === null) {
    refuse(path, "a message says who sends it and what it holds: { from, fields }");
  }
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
  checkContent(path, message, channel);
  if (key !== undefined) checkKey(path, message, key);
}

function checkContent(path: string, message: MessageDef, channel: Channel): void {
  // As from untyped code, which may write down both or neither.
  const { fields, schema } = message as { readonly fields?: unknown; readonly schema?: unknown };
  if (schema === undefined) {
    if (fields === undefined) refuse(path, "a message has fields, or a schema");
    return;
  }
  const at = `${path}.schema`;
  if (fields !== undefined) refuse(at, "a message has fields or a schema, not both");
  if (channel === "unreliable" || channel === "unreliable-sequenced") {
    refuse(at, `only reliable and bulk messages have a schema, and this one is ${channel}`);
  }
  if (message.key !== undefined) {
    refuse(`${path}.key`, "a key is a field, and a message with a schema has none");
  }
  checkSchema(at, schema);
}

function checkSchema(path: string, schema: unknown): void {
  // ArkType's are functions.
  const isHolder = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  const standard = isHolder ? (schema as Partial<StandardSchema>)["~standard"] : undefined;
  if (standard?.version !== 1 || typeof standard.validate !== "function") {
    refuse(path, "takes a Standard Schema of version 1, as those of Zod, Valibot and ArkType are");
  }
  const { vendor } = standard;
  if (typeof vendor !== "string" || vendor.length < 1 || vendor.length > MAX_VENDOR_CHARS) {
    refuse(path, `its vendor must have 1 to ${MAX_VENDOR_CHARS} characters`);
  }
  if (answersLater(standard)) refuse(path, "answers later, with a promise, and messages wait for nobody");
}

/** Some do so only for some values: those are found out when they come. */
function answersLater(standard: StandardSchema["~standard"]): boolean {
  try {
    return isLater(standard.validate(undefined));
  } catch {
    return false;
  }
}

function checkWithin(
  path: string,
  message: MessageDef,
  name: Exclude<keyof MessageDef, "from" | "channel" | "key" | "fields" | "schema">,
  least: number,
  most: number,
): void {
  const value = message[name];
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < least || value > most) {
    refuse(`${path}.${name}`, `must be a whole number from ${least} to ${most}, not ${value}`);
  }
}

function checkKey(path: string, { channel, fields = {} }: MessageDef, key: string): void {
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
