/**
 * The sending half of unreliable channels: what waits, in order. What could not leave for a second is stale, and is
 * dropped rather than sent.
 */
import { answerFor, type ChannelSettings, type SendResult } from "./channel-kind.ts";
import { type Due, finish, newOutgoingMessage, type OutgoingMessage } from "./outgoing-message.ts";

const UNRELIABLE_STALE_MS = 1_000;
/** Messages at the front of the list that have left, before it is cut. */
const MAX_LEFT = 256;

export class UnreliableSender {
  readonly #channel: number;
  readonly #settings: ChannelSettings;
  readonly #queue: OutgoingMessage[] = [];
  /** When each of them was first seen waiting, as far as they were. */
  readonly #sinceMs: number[] = [];
  #head = 0;
  #nextId = 0;
  #bytes = 0;

  constructor(channel: number, settings: ChannelSettings) {
    this.#channel = channel;
    this.#settings = settings;
  }

  get queued(): number {
    return this.#queue.length - this.#head;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  send(payload: Uint8Array): SendResult {
    const answer = answerFor(this.#settings, payload.length, this.queued, this.#bytes);
    if (answer !== "queued") return answer;
    const id = this.#settings.kind === "unreliable" ? -1 : this.#nextId++;
    this.#queue.push(newOutgoingMessage(this.#channel, id, -1, payload));
    this.#bytes += payload.length;
    return "queued";
  }

  /** Drops what has become stale; how many messages that were. */
  dropStale(nowMs: number): number {
    let dropped = 0;
    while (this.#sinceMs.length < this.#queue.length) this.#sinceMs.push(nowMs);
    while (this.queued > 0 && nowMs - this.#sinceMs[this.#head]! > UNRELIABLE_STALE_MS) {
      this.#leave();
      dropped += 1;
    }
    return dropped;
  }

  /** Drops everything that waits; how many messages that were. */
  discard(): number {
    const dropped = this.queued;
    while (this.queued > 0) this.#leave();
    return dropped;
  }

  next(): Due | undefined {
    const message = this.#queue[this.#head];
    if (message === undefined) return undefined;
    return { message, start: message.sentUpTo, end: message.payload.length, piece: undefined };
  }

  /** The id of its fragments, also where whole messages have none. */
  idOf(message: OutgoingMessage): number {
    return message.id === -1 ? this.#nextId : message.id;
  }

  sent({ message }: Due, end: number): void {
    message.sentUpTo = end;
    if (message.isFragmented && message.id === -1) message.id = this.#nextId++;
    if (end === message.payload.length) this.#leave();
  }

  #leave(): void {
    const message = this.#queue[this.#head]!;
    this.#bytes -= message.payload.length;
    finish(message);
    this.#head += 1;
    if (this.#head < this.#queue.length && this.#head < MAX_LEFT) return;
    this.#queue.splice(0, this.#head);
    this.#sinceMs.splice(0, this.#head);
    this.#head = 0;
  }
}
