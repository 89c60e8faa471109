/**
 * The receiving half of reliable-ordered, reliable-unordered and bulk channels: lets each message through once, in
 * order where that is promised, and holds what came too early or in part.
 *
 *   handed on … handed on | next | early, in part, or not here yet … next + WINDOW − 1      ids
 */
import { fromSequence } from "../bytes/sequence.ts";
import { Reassembly } from "./reassembly.ts";
import { RELIABLE_WINDOW } from "./reliable-sender.ts";

/** What became of a frame: "early" and "part" are held, "known" and "contradiction" dropped. */
export type Outcome = "next" | "early" | "part" | "known" | "contradiction";

/** Held in part; whole, until its turn; or (undefined) handed on before its turn. */
type Held = Reassembly | Uint8Array | undefined;

export class ReliableReceiver {
  /** Sizes of the messages that are held, in whole or in part. */
  heldBytes = 0;
  readonly #isOrdered: boolean;
  /** The least id that was not handed on. */
  #next = 0;
  readonly #held = new Map<number, Held>();

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  /** The full id of a message, or -1 past the window or before the first: no lawful sender sends such. */
  idOf(sequence: number): number {
    const id = fromSequence(sequence, this.#next);
    return id >= 0 && id < this.#next + RELIABLE_WINDOW ? id : -1;
  }

  /** Of `heldBytes` what counts against the bound: not the message whose turn it is, so that it can always go on. */
  get countedBytes(): number {
    const next = this.#held.get(this.#next);
    return this.heldBytes - (next === undefined ? 0 : sizeOf(next));
  }

  /** How much more would count for a message of `total` bytes, if this frame (whole or a piece) is taken. */
  countsMoreBytes(id: number, total: number, isWhole: boolean): number {
    if (id <= this.#next || this.#held.has(id)) return 0;
    return isWhole && !this.#isOrdered ? 0 : total;
  }

  /** False for a piece that there is no room to remember. */
  hasRoomFor(id: number, offset: number, length: number): boolean {
    const held = this.#held.get(id);
    return !(held instanceof Reassembly) || held.hasRoomFor(offset, length);
  }

  /** Takes message `id`. After "next" call `takeEarly` until it is undefined. */
  accept(id: number, bytes: Uint8Array, start: number, end: number): Outcome {
    if (this.#isKnown(id)) return "known";
    this.#forget(id);
    if (id === this.#next) {
      this.#advance();
      return "next";
    }
    if (!this.#isOrdered) {
      this.#held.set(id, undefined);
      return "next";
    }
    // The datagram's memory lives for the call only.
    this.#hold(id, bytes.slice(start, end));
    return "early";
  }

  /** Takes a piece of message `id`; if it is the last one, `whole` gets the message. */
  acceptPiece(
    id: number,
    offset: number,
    total: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Outcome | Uint8Array {
    if (this.#isKnown(id)) return "known";
    let held = this.#held.get(id) as Reassembly | undefined;
    if (held === undefined) {
      held = new Reassembly(total);
      this.#hold(id, held);
    }
    const news = held.add(offset, total, bytes, start, end);
    if (news !== "new") return news;
    if (!held.isComplete) return "part";
    const whole = held.whole();
    return this.accept(id, whole, 0, whole.length) === "next" ? whole : "early";
  }

  /** The next message, if it had come early. */
  takeEarly(): Uint8Array | undefined {
    const held = this.#held.get(this.#next);
    if (!(held instanceof Uint8Array)) return undefined;
    this.#forget(this.#next);
    this.#advance();
    return held;
  }

  #isKnown(id: number): boolean {
    return id < this.#next || (this.#held.has(id) && !(this.#held.get(id) instanceof Reassembly));
  }

  #hold(id: number, held: Reassembly | Uint8Array): void {
    this.#held.set(id, held);
    this.heldBytes += sizeOf(held);
  }

  #forget(id: number): void {
    const held = this.#held.get(id);
    if (held !== undefined) this.heldBytes -= sizeOf(held);
    this.#held.delete(id);
  }

  /** Past the one handed on now, and those that were before their turn. */
  #advance(): void {
    this.#next += 1;
    while (this.#held.has(this.#next) && this.#held.get(this.#next) === undefined) {
      this.#held.delete(this.#next);
      this.#next += 1;
    }
  }
}

function sizeOf(held: Reassembly | Uint8Array): number {
  return held instanceof Uint8Array ? held.length : held.total;
}
