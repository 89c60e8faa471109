/**
 * What each packet under way carried, until the peer acks it or it is given up. A ring by packet number, in one piece
 * of memory: with a thousand peers, records that lie far apart are the dearest thing about them. It is as long as what
 * is under way needs.
 *
 *   row   ms it left │ bytes under way │ newest input tick │ flags     of packet `number` at number mod the ring's length
 *
 * Numbers from `oldest` to `newest` have a row each, so a row need not say whose it is.
 */
import { newDoubles } from "../congestion/path-cells.ts";
import type { Piece } from "./outgoing-message.ts";

/** Packets, powers of two. Two seconds of 16 packets a tick at 30 Hz are remembered at most. */
const MAX_RING = 1024;
const FIRST_RING = 16;

const SentRow = { SentAtMs: 0, Bytes: 1, InputTick: 2, Flags: 3, Cells: 4 } as const;

const SentFlag = {
  Pending: 1,
  ElicitsAck: 2,
  /** Somebody asked for its pieces, so it may have some; most packets carry state alone. */
  HasPieces: 4,
} as const;

const FIRST_ROWS = newDoubles(FIRST_RING * SentRow.Cells);

/** Sees one packet. There is one of it for all connections: it shows what was begun or asked for last, of any of them. */
export class SentPacket {
  number = 0;
  #rows = FIRST_ROWS;
  /** Where its row begins. */
  #at = 0;
  #ring: SentPackets | undefined;

  get sentAtMs(): number {
    return this.#rows[this.#at + SentRow.SentAtMs]!;
  }

  /** What it counts as under way for the congestion controller. */
  get bytes(): number {
    return this.#rows[this.#at + SentRow.Bytes]!;
  }

  set bytes(bytes: number) {
    this.#rows[this.#at + SentRow.Bytes] = bytes;
  }

  /** Newest input tick this packet carried, or -1. */
  get inputTick(): number {
    return this.#rows[this.#at + SentRow.InputTick]!;
  }

  set inputTick(tick: number) {
    this.#rows[this.#at + SentRow.InputTick] = tick;
  }

  /** False once acked or given up. */
  get pending(): boolean {
    return this.#has(SentFlag.Pending);
  }

  set pending(is: boolean) {
    this.#set(SentFlag.Pending, is);
  }

  /** Asks the peer for an ack; only such packets say something about the path when they get none. */
  get elicitsAck(): boolean {
    return this.#has(SentFlag.ElicitsAck);
  }

  set elicitsAck(does: boolean) {
    this.#set(SentFlag.ElicitsAck, does);
  }

  get hasPieces(): boolean {
    return this.#has(SentFlag.HasPieces);
  }

  /** Reliable messages, or pieces of them, that it carries. Ask `hasPieces` before, as this makes a list. */
  get pieces(): Piece[] {
    this.#set(SentFlag.HasPieces, true);
    return this.#ring!.piecesOf(this.number);
  }

  /** Shows packet `number` of `ring` from now on. */
  show(ring: SentPackets, number: number, rows: number[], at: number): this {
    this.number = number;
    this.#rows = rows;
    this.#at = at;
    this.#ring = ring;
    return this;
  }

  #has(flag: number): boolean {
    return (this.#rows[this.#at + SentRow.Flags]! & flag) !== 0;
  }

  #set(flag: number, is: boolean): void {
    const flags = this.#rows[this.#at + SentRow.Flags]!;
    this.#rows[this.#at + SentRow.Flags] = is ? flags | flag : flags & ~flag;
  }
}

const shown = new SentPacket();

export class SentPackets {
  /** Number of the last packet sent; 0 before the first. */
  newest = 0;
  /** Oldest number that may still be pending. */
  oldest = 1;
  #length = FIRST_RING;
  #rows = FIRST_ROWS.slice();
  /** As the rows; none before the first packet that has some. */
  #pieces: (Piece[] | undefined)[] | undefined;

  /** The packet that is pushed out of the longest ring by the next one, if it is still pending. */
  get leaving(): SentPacket | undefined {
    return this.pending(this.newest + 1 - MAX_RING);
  }

  /** A new packet. Give up the one that is `leaving` first. */
  begin(nowMs: number): SentPacket {
    this.newest += 1;
    if (this.oldest <= this.newest - MAX_RING) this.oldest = this.newest - MAX_RING + 1;
    if (this.newest - this.oldest >= this.#length) this.#grow();
    const at = this.#at(this.newest);
    const rows = this.#rows;
    if ((rows[at + SentRow.Flags]! & SentFlag.HasPieces) !== 0) this.piecesOf(this.newest).length = 0;
    rows[at + SentRow.SentAtMs] = nowMs;
    rows[at + SentRow.Bytes] = 0;
    rows[at + SentRow.InputTick] = -1;
    rows[at + SentRow.Flags] = SentFlag.Pending;
    return shown.show(this, this.newest, rows, at);
  }

  #at(number: number): number {
    return (number & (this.#length - 1)) * SentRow.Cells;
  }

  #grow(): void {
    const pieces = this.#pieces;
    const length = this.#length;
    this.#length = length * 2;
    // Each row is then at both places that its number may have.
    this.#rows = this.#rows.concat(this.#rows);
    if (pieces === undefined) return;
    this.#pieces = new Array(this.#length).fill(undefined);
    for (let number = this.oldest; number < this.newest; number += 1) {
      this.#pieces[number & (this.#length - 1)] = pieces[number & (length - 1)];
    }
  }

  /** What is neither acked nor given up, or undefined. */
  pending(number: number): SentPacket | undefined {
    if (number < this.oldest || number > this.newest) return undefined;
    const at = this.#at(number);
    const rows = this.#rows;
    return (rows[at + SentRow.Flags]! & SentFlag.Pending) === 0
      ? undefined
      : shown.show(this, number, rows, at);
  }

  /** Of a packet that has a row. */
  piecesOf(number: number): Piece[] {
    this.#pieces ??= new Array(this.#length).fill(undefined);
    const at = number & (this.#length - 1);
    this.#pieces[at] ??= [];
    return this.#pieces[at];
  }

  /** Moves `oldest` over everything that is settled. */
  trim(): void {
    while (
      this.oldest <= this.newest &&
      (this.#rows[this.#at(this.oldest) + SentRow.Flags]! & SentFlag.Pending) === 0
    ) {
      this.oldest += 1;
    }
  }
}
