/**
 * The sending half of a reliable-ordered channel: keeps each message until it is acked, and says which are due.
 *
 *   acked … acked | base … base + WINDOW − 1 | … next     ids
 *                   may be under way           wait their turn
 */
import { MAX_MESSAGE_BYTES } from "../wire/limits.ts";
import type { SendResult } from "./channel-kind.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";

/** Ids that may be under way at once; the receiver holds as many out of order. */
export const RELIABLE_WINDOW = 256;
const MAX_QUEUED_MESSAGES = 4096;
const MAX_QUEUED_BYTES = 512 * 1024;
/** Resends wait longer each time, up to this: a peer that is away is not worth more. */
const MAX_BACK_OFF_MS = 1_000;

export class ReliableSender {
  readonly #channel: number;
  /** Messages base, base + 1, …; acked ones stay until all before them are acked. */
  readonly #queue: OutgoingMessage[] = [];
  #base = 0;
  #bytes = 0;

  constructor(channel: number) {
    this.#channel = channel;
  }

  /** Messages sent or waiting, and not acked. */
  get queued(): number {
    return this.#queue.length;
  }

  send(payload: Uint8Array): SendResult {
    if (payload.length > MAX_MESSAGE_BYTES) return "too-large";
    if (this.#queue.length >= MAX_QUEUED_MESSAGES || this.#bytes + payload.length > MAX_QUEUED_BYTES) {
      return "queue-full";
    }
    const id = this.#base + this.#queue.length;
    this.#queue.push({
      channel: this.#channel,
      id,
      payload,
      dueMs: 0,
      sends: 0,
      packetNumber: 0,
      acked: false,
    });
    this.#bytes += payload.length;
    return "queued";
  }

  /** The first message that is due and whose position is at least `from`, or undefined. */
  nextDue(nowMs: number, from: number): OutgoingMessage | undefined {
    const end = Math.min(this.#queue.length, RELIABLE_WINDOW);
    for (let i = Math.max(0, from - this.#base); i < end; i += 1) {
      const message = this.#queue[i]!;
      if (!message.acked && message.dueMs <= nowMs) return message;
    }
    return undefined;
  }

  /** Notes that `message` left in a packet; without an ack it is due again after `lostAfterMs`, and backs off. */
  sent(message: OutgoingMessage, nowMs: number, lostAfterMs: number): void {
    const backOff = Math.max(lostAfterMs, Math.min(lostAfterMs * 1.5 ** message.sends, MAX_BACK_OFF_MS));
    message.sends += 1;
    message.dueMs = nowMs + backOff;
  }

  acked(message: OutgoingMessage): void {
    if (message.acked) return;
    message.acked = true;
    this.#bytes -= message.payload.length;
    let settled = 0;
    while (settled < this.#queue.length && this.#queue[settled]!.acked) settled += 1;
    if (settled > 0) {
      this.#queue.splice(0, settled);
      this.#base += settled;
    }
  }
}
