/**
 * The receiving half of a reliable-ordered channel: lets each message through once and in order, and holds what
 * came too early. Memory is bounded by the window the sender keeps to.
 */
import { fromSequence } from "../bytes/sequence.ts";
import { RELIABLE_WINDOW } from "./reliable-sender.ts";

export class ReliableReceiver {
  /** Id of the message that is let through next. */
  #next = 0;
  readonly #early = new Map<number, Uint8Array>();

  /** The full id of a message, or -1 past the window or before the first: no lawful sender sends such. */
  idOf(sequence: number): number {
    const id = fromSequence(sequence, this.#next);
    return id >= 0 && id < this.#next + RELIABLE_WINDOW ? id : -1;
  }

  /** What to do with message `id`: it is the next one, came too early (and is kept), or is known. */
  accept(id: number, bytes: Uint8Array, start: number, end: number): "next" | "early" | "known" {
    if (id === this.#next) {
      this.#next += 1;
      return "next";
    }
    if (id < this.#next || this.#early.has(id)) return "known";
    // The datagram's memory lives for the call only.
    this.#early.set(id, bytes.slice(start, end));
    return "early";
  }

  /** The next message, if it had come early. Call until undefined after each "next". */
  takeEarly(): Uint8Array | undefined {
    const payload = this.#early.get(this.#next);
    if (payload !== undefined) {
      this.#early.delete(this.#next);
      this.#next += 1;
    }
    return payload;
  }
}
