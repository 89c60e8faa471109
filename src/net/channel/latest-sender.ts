/**
 * The sending half of a reliable-latest channel: of each key the newest value until it is acked. A value that is
 * replaced is sent no more, even if some of it is under way; each value has its own id, given when it first leaves.
 */
import type { NetCounters } from "../wire/net-counters.ts";
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

/** Ids from the oldest unacked to the newest sent: well within what 16 bits tell apart. */
export const LATEST_WINDOW = 16_384;

export class LatestSender {
  readonly #channel: number;
  readonly #settings: ChannelSettings;
  readonly #held: HeldBytes;
  readonly #counters: NetCounters;
  readonly #ledger = new PieceLedger();
  readonly #newest = new Map<number, OutgoingMessage>();
  /** Values with bytes never sent, the longest waiting first. */
  readonly #fresh = new Set<OutgoingMessage>();
  /** Those with an id, in the order of ids: the first is the oldest that is not acked. */
  readonly #begun = new Set<OutgoingMessage>();
  #nextId = 0;
  #bytes = 0;

  constructor(channel: number, settings: ChannelSettings, held: HeldBytes, counters: NetCounters) {
    this.#channel = channel;
    this.#counters = counters;
    this.#settings = settings;
    this.#held = held;
  }

  get queued(): number {
    return this.#newest.size;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  get underWay(): number {
    return this.#ledger.underWay;
  }

  send(payload: Uint8Array, key: number): SendResult {
    const former = this.#newest.get(key);
    const others = this.#newest.size - (former === undefined ? 0 : 1);
    const otherBytes = this.#bytes - (former?.payload.length ?? 0);
    const answer = answerFor(this.#settings, payload.length, others, otherBytes);
    if (answer !== "queued") return answer;
    this.#bytes = otherBytes + payload.length;
    if (former !== undefined) this.#counters.messagesReplaced += 1;
    if (former?.id === -1) {
      // Nothing of it has left: the newer value takes its place in the line.
      former.payload = payload;
      return "queued";
    }
    const message = newOutgoingMessage(this.#channel, -1, key, payload);
    this.#newest.set(key, message);
    this.#fresh.add(message);
    if (former !== undefined) {
      // The peer may hold pieces of it until some of the newer value has come.
      message.heldBytes = former.heldBytes;
      this.#drop(former);
    }
    return "queued";
  }

  /** What should leave next; with `onlyProbes` nothing else. */
  next(nowMs: number, onlyProbes: boolean): Due | undefined {
    const piece = this.#ledger.nextLost(nowMs, onlyProbes);
    if (piece !== undefined) return { message: piece.message, start: piece.start, end: piece.end, piece };
    if (onlyProbes || !this.#ledger.hasRoom) return undefined;
    const [message] = this.#fresh;
    if (message === undefined || (message.id === -1 && !this.#mayBegin(message))) return undefined;
    return { message, start: message.sentUpTo, end: message.payload.length, piece: undefined };
  }

  /** The id under which what `next` named will travel. */
  idOf(message: OutgoingMessage): number {
    return message.id === -1 ? this.#nextId : message.id;
  }

  /** Notes that what `next` named left, up to byte `end`. */
  sent(due: Due, end: number, packet: SentPacket): void {
    const { message, piece } = due;
    if (message.id === -1) this.#begin(message);
    this.#ledger.sent(due, end, packet);
    if (piece !== undefined) return;
    message.sentUpTo = end;
    if (end === message.payload.length) this.#fresh.delete(message);
  }

  acked(piece: Piece, number: number): void {
    if (!this.#ledger.acked(piece, number)) return;
    const { message } = piece;
    this.#newest.delete(message.key);
    this.#bytes -= message.payload.length;
    this.#held.bytes -= message.heldBytes;
    message.heldBytes = 0;
    this.#drop(message);
  }

  lost(piece: Piece, number: number, nowMs: number, lostAfterMs: number): void {
    this.#ledger.lost(piece, number, nowMs, lostAfterMs);
  }

  probe(piece: Piece, number: number): void {
    this.#ledger.probe(piece, number);
  }

  #mayBegin(message: OutgoingMessage): boolean {
    const [oldest] = this.#begun;
    if (oldest === undefined) return true;
    if (this.#nextId - oldest.id >= LATEST_WINDOW) return false;
    return this.#held.bytes + Math.max(0, message.payload.length - message.heldBytes) <= MAX_HELD_BYTES;
  }

  #begin(message: OutgoingMessage): void {
    if (this.#begun.size > 0 || message.heldBytes > 0) {
      const heldBytes = Math.max(message.heldBytes, message.payload.length);
      this.#held.bytes += heldBytes - message.heldBytes;
      message.heldBytes = heldBytes;
    }
    message.id = this.#nextId;
    this.#nextId += 1;
    this.#begun.add(message);
  }

  #drop(message: OutgoingMessage): void {
    this.#begun.delete(message);
    this.#fresh.delete(message);
    finish(message);
  }
}
