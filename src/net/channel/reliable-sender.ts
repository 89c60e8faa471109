/**
 * The sending half of reliable-ordered, reliable-unordered and bulk channels: keeps each message until it is acked,
 * and says what is due.
 *
 *   acked … acked | base … base + WINDOW − 1 | … next     ids
 *                   may be under way           wait their turn
 */
import { answerFor, type ChannelSettings, type SendResult } from "./channel-kind.ts";
import { type HeldBytes, MAX_HELD_BYTES } from "./held-bytes.ts";
import {
  type Due,
  finish,
  newOutgoingMessage,
  type OutgoingMessage,
  type Piece,
} from "./outgoing-message.ts";
import { PieceLedger } from "./piece-ledger.ts";
import type { SentPacket } from "./sent-packets.ts";

/** Ids that may be under way at once; the receiver holds as many out of order. */
export const RELIABLE_WINDOW = 256;
/** Settled messages at the front of the list that may wait to be cut off. */
const MAX_SETTLED = 1_024;

export class ReliableSender {
  readonly #channel: number;
  readonly #settings: ChannelSettings;
  readonly #held: HeldBytes;
  readonly #ledger = new PieceLedger();
  /** Messages from id `#firstId` on; those below `#base` are settled. */
  readonly #queue: OutgoingMessage[] = [];
  #firstId = 0;
  #base = 0;
  /** Id of the first message that has bytes never sent. */
  #fresh = 0;
  #nextId = 0;
  #bytes = 0;
  #unsettled = 0;

  constructor(channel: number, settings: ChannelSettings, held: HeldBytes) {
    this.#channel = channel;
    this.#settings = settings;
    this.#held = held;
  }

  /** Messages sent or waiting, and not acked. */
  get queued(): number {
    return this.#unsettled;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  get underWay(): number {
    return this.#ledger.underWay;
  }

  send(payload: Uint8Array): SendResult {
    const answer = answerFor(this.#settings, payload.length, this.#unsettled, this.#bytes);
    if (answer !== "queued") return answer;
    this.#queue.push(newOutgoingMessage(this.#channel, this.#nextId, -1, payload));
    this.#nextId += 1;
    this.#unsettled += 1;
    this.#bytes += payload.length;
    return "queued";
  }

  /** What should leave next; with `onlyProbes` nothing else. */
  next(nowMs: number, onlyProbes: boolean): Due | undefined {
    const piece = this.#ledger.nextLost(nowMs, onlyProbes);
    if (piece !== undefined) return { message: piece.message, start: piece.start, end: piece.end, piece };
    if (onlyProbes || !this.#ledger.hasRoom) return undefined;
    if (this.#fresh === this.#nextId || this.#fresh >= this.#base + RELIABLE_WINDOW) return undefined;
    const message = this.#at(this.#fresh);
    const isBegun = message.heldBytes > 0 || message.sentUpTo > 0 || message.id === this.#base;
    if (!isBegun && this.#held.bytes + message.payload.length > MAX_HELD_BYTES) return undefined;
    return { message, start: message.sentUpTo, end: message.payload.length, piece: undefined };
  }

  /** Notes that what `next` named left, up to byte `end`. */
  sent(due: Due, end: number, packet: SentPacket): void {
    const { message, piece } = due;
    this.#ledger.sent(due, end, packet);
    if (piece !== undefined) return;
    if (due.start === 0 && message.id !== this.#base) {
      message.heldBytes = message.payload.length;
      this.#held.bytes += message.heldBytes;
    }
    message.sentUpTo = end;
    if (end === message.payload.length) this.#fresh += 1;
  }

  acked(piece: Piece, number: number): void {
    if (this.#ledger.acked(piece, number)) this.#settle(piece.message);
  }

  lost(piece: Piece, number: number, nowMs: number, lostAfterMs: number): void {
    this.#ledger.lost(piece, number, nowMs, lostAfterMs);
  }

  probe(piece: Piece, number: number): void {
    this.#ledger.probe(piece, number);
  }

  #at(id: number): OutgoingMessage {
    return this.#queue[id - this.#firstId]!;
  }

  #settle(message: OutgoingMessage): void {
    this.#unsettled -= 1;
    this.#bytes -= message.payload.length;
    finish(message);
    // In order the receiver holds it until those before it have come; without order it is handed on.
    if (this.#settings.kind === "reliable-unordered") this.#release(message);
    while (this.#base < this.#nextId && this.#at(this.#base).isDone) {
      this.#release(this.#at(this.#base));
      this.#base += 1;
    }
    if (this.#base < this.#nextId) this.#release(this.#at(this.#base));
    this.#cutOff();
  }

  #release(message: OutgoingMessage): void {
    this.#held.bytes -= message.heldBytes;
    message.heldBytes = 0;
  }

  /** Now and then, so that a long queue is not moved for every ack. */
  #cutOff(): void {
    const settled = this.#base - this.#firstId;
    if (settled < MAX_SETTLED && settled * 2 < this.#queue.length) return;
    this.#queue.splice(0, settled);
    this.#firstId = this.#base;
  }
}
