/**
 * The receiving half of a connection's unreliable channels. Few messages are under reassembly at a time, and not for
 * long: what lost a piece never becomes whole.
 */
import { fromSequence } from "../bytes/sequence.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import { Reassembly } from "./reassembly.ts";

/** Under reassembly at a time; the oldest makes way. */
const MAX_UNRELIABLE_PARTS = 4;
const UNRELIABLE_PART_MS = 3_000;

interface Part {
  readonly channel: number;
  readonly id: number;
  readonly reassembly: Reassembly;
  readonly sinceMs: number;
}

export class UnreliableReceiver {
  readonly #counters: NetCounters;
  /** By channel: the newest id seen, and of sequenced ones the newest handed on. */
  readonly #newestSeen: number[] = [];
  readonly #handedOn: number[] = [];
  readonly #parts: Part[] = [];

  constructor(counters: NetCounters) {
    this.#counters = counters;
  }

  /** The full id, or -1 before the first. */
  idOf(channel: number, sequence: number): number {
    const id = fromSequence(sequence, this.#newestSeen[channel] ?? 0);
    return id < 0 ? -1 : id;
  }

  /** False for what is not newer than the newest that was handed on. */
  acceptSequenced(channel: number, id: number): boolean {
    if (id <= (this.#handedOn[channel] ?? -1)) return false;
    this.#handedOn[channel] = id;
    this.#newestSeen[channel] = Math.max(this.#newestSeen[channel] ?? 0, id);
    for (let i = this.#parts.length - 1; i >= 0; i -= 1) {
      if (this.#parts[i]!.channel === channel && this.#parts[i]!.id <= id) this.#giveUp(i);
    }
    return true;
  }

  /** Takes a piece; the whole message when it was the last. `isSequenced`: as its channel's kind. */
  acceptPiece(
    channel: number,
    id: number,
    isSequenced: boolean,
    piece: { readonly offset: number; readonly total: number; readonly start: number; readonly end: number },
    bytes: Uint8Array,
    nowMs: number,
  ): "part" | "known" | "outdated" | "contradiction" | Uint8Array {
    if (isSequenced && id <= (this.#handedOn[channel] ?? -1)) return "outdated";
    this.#newestSeen[channel] = Math.max(this.#newestSeen[channel] ?? 0, id);
    let at = this.#parts.findIndex((part) => part.channel === channel && part.id === id);
    if (at < 0) {
      if (this.#parts.length === MAX_UNRELIABLE_PARTS) this.#giveUp(0);
      at = this.#parts.length;
      this.#parts.push({ channel, id, reassembly: new Reassembly(piece.total), sinceMs: nowMs });
    }
    const { reassembly } = this.#parts[at]!;
    const news = reassembly.add(piece.offset, piece.total, bytes, piece.start, piece.end);
    if (news !== "new") return news;
    if (!reassembly.isComplete) return "part";
    this.#parts.splice(at, 1);
    if (isSequenced) this.acceptSequenced(channel, id);
    return reassembly.whole();
  }

  /** False when nothing is left that could be given up later. */
  update(nowMs: number): boolean {
    while (this.#parts.length > 0 && nowMs - this.#parts[0]!.sinceMs > UNRELIABLE_PART_MS) this.#giveUp(0);
    return this.#parts.length > 0;
  }

  #giveUp(at: number): void {
    this.#parts.splice(at, 1);
    this.#counters.messagesIncomplete += 1;
  }
}
