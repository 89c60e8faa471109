import {
  MAX_BULK_BYTES,
  MAX_KEYS,
  MAX_RELIABLE_BYTES,
  MAX_UNRELIABLE_BYTES,
} from "../bytes/message-limits.ts";

/** What a channel promises of its messages. */
export type ChannelKind =
  /** May be lost, doubled never, in any order. */
  | "unreliable"
  /** The newest only: what is older than the newest arrived is dropped. */
  | "unreliable-sequenced"
  /** Every message once, in the order sent. */
  | "reliable-ordered"
  /** Every message once, as it comes: a lost one holds up no other. */
  | "reliable-unordered"
  /** Of each key the newest value, once; what it replaces is sent no more. */
  | "reliable-latest"
  /** Every message once, in the order sent, however large, with what the others leave over. */
  | "bulk";

export interface ChannelConfig {
  readonly kind: ChannelKind;
  /** Who sends on it: fragments from the other end are refused. Default both. */
  readonly from?: "client" | "server" | "both";
  /** 0 … MAX_PRIORITY. While a channel of higher priority has something due, one of lower priority waits. */
  readonly priority?: number;
  /** 1 … MAX_WEIGHT: its share among channels of the same priority. */
  readonly weight?: number;
  /** What it may send on average, its frames' heads and what is sent again included. Default no limit. */
  readonly bytesPerSecond?: number;
  /** Payload bytes that wait or are under way; past it `send` answers "queue-full". */
  readonly maxQueuedBytes?: number;
  /** The same in messages. */
  readonly maxQueuedMessages?: number;
  /** Of one message; both ends hold to it. */
  readonly maxMessageBytes?: number;
}

/** A channel's settings, each with a value. */
export type ChannelSettings = Required<ChannelConfig>;

/** What became of a message handed to `send`: it never stalls in silence. */
export type SendResult = "queued" | "too-large" | "queue-full";

const DEFAULT_PRIORITY = 3;
/** Unreliable messages are stale in a second; this is as much as a fast path carries in that. */
const UNRELIABLE_QUEUED_BYTES = 64 * 1024;
const UNRELIABLE_QUEUED_MESSAGES = 256;
const MAX_QUEUED_BYTES = 512 * 1024;
const MAX_QUEUED_MESSAGES = 4096;
/** Two of the longest. */
const BULK_QUEUED_BYTES = 32 * 1024 * 1024;
const BULK_QUEUED_MESSAGES = 64;
/** What a client sends in bulk stays well below what servers let one peer send. */
const CLIENT_BULK_BYTES_PER_SECOND = 128 * 1024;

/** Whether messages are sent until they are acked. */
export function isReliable(kind: ChannelKind): boolean {
  return kind !== "unreliable" && kind !== "unreliable-sequenced";
}

/** Whether a MESSAGE frame carries an id. */
export function hasIds(kind: ChannelKind): boolean {
  return kind !== "unreliable";
}

export function hasKeys(kind: ChannelKind): boolean {
  return kind === "reliable-latest";
}

/** What `send` answers for one more message of `bytes`, with so much in the queue already. */
export function answerFor(
  { maxMessageBytes, maxQueuedBytes, maxQueuedMessages }: ChannelSettings,
  bytes: number,
  queuedMessages: number,
  queuedBytes: number,
): SendResult {
  // What never finds room is not told to try again.
  if (bytes > maxMessageBytes || bytes > maxQueuedBytes) return "too-large";
  return queuedMessages >= maxQueuedMessages || queuedBytes + bytes > maxQueuedBytes
    ? "queue-full"
    : "queued";
}

/** `side`: the end that sends. */
export function channelSettings(config: ChannelConfig, side: "client" | "server"): ChannelSettings {
  const { kind } = config;
  const isBulk = kind === "bulk";
  const most = isBulk ? MAX_BULK_BYTES : isReliable(kind) ? MAX_RELIABLE_BYTES : MAX_UNRELIABLE_BYTES;
  const queuedBytes = isBulk
    ? BULK_QUEUED_BYTES
    : isReliable(kind)
      ? MAX_QUEUED_BYTES
      : UNRELIABLE_QUEUED_BYTES;
  const queuedMessages = isBulk
    ? BULK_QUEUED_MESSAGES
    : hasKeys(kind)
      ? MAX_KEYS
      : isReliable(kind)
        ? MAX_QUEUED_MESSAGES
        : UNRELIABLE_QUEUED_MESSAGES;
  const bytesPerSecond = config.bytesPerSecond ?? Number.POSITIVE_INFINITY;
  const ownMost = isBulk && side === "client" ? CLIENT_BULK_BYTES_PER_SECOND : Number.POSITIVE_INFINITY;
  return {
    kind,
    from: config.from ?? "both",
    priority: config.priority ?? DEFAULT_PRIORITY,
    weight: config.weight ?? 1,
    bytesPerSecond: Math.min(bytesPerSecond, ownMost),
    maxQueuedBytes: config.maxQueuedBytes ?? queuedBytes,
    maxQueuedMessages: config.maxQueuedMessages ?? queuedMessages,
    maxMessageBytes: Math.min(config.maxMessageBytes ?? most, most),
  };
}
