import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import type { PeerAddress } from "./peer-address.ts";

/**
 * The datagrams of one turn, on their way to one batched send. Slots are reused from turn to turn, so filling
 * an Outbox allocates nothing once it has grown to the size of a usual turn.
 *
 * Fill: `const slot = outbox.open(); …write into slot…; outbox.commit(length, to)`. A slot that is opened and
 * never committed is simply handed out again.
 */
export class Outbox {
  /** How many datagrams wait. Indexes below it are valid for `bytesOf`, `lengthOf` and `addressOf`. */
  length = 0;
  readonly #slots: Uint8Array[] = [];
  readonly #lengths: number[] = [];
  readonly #addresses: PeerAddress[] = [];

  /** The memory of the next datagram, `MAX_DATAGRAM_BYTES` long. Valid until `commit` or `clear`. */
  open(): Uint8Array {
    let slot = this.#slots[this.length];
    if (slot === undefined) {
      slot = new Uint8Array(MAX_DATAGRAM_BYTES);
      this.#slots.push(slot);
    }
    return slot;
  }

  /** Queues the first `length` bytes of the open slot for `to`. */
  commit(length: number, to: PeerAddress): void {
    this.#lengths[this.length] = length;
    this.#addresses[this.length] = to;
    this.length += 1;
  }

  /** The whole slot of datagram `index`; its first `lengthOf(index)` bytes are the datagram. */
  bytesOf(index: number): Uint8Array {
    return this.#slots[index]!;
  }

  lengthOf(index: number): number {
    return this.#lengths[index]!;
  }

  addressOf(index: number): PeerAddress {
    return this.#addresses[index]!;
  }

  /**
   * Gives the memory of datagram `index` away for good: for adapters whose runtime still reads it after the
   * send call returned. The slot gets fresh memory.
   */
  surrender(index: number): void {
    this.#slots[index] = new Uint8Array(MAX_DATAGRAM_BYTES);
  }

  /** Forgets all datagrams and keeps the memory. */
  clear(): void {
    this.length = 0;
  }
}
