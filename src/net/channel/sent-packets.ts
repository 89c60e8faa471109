/**
 * What each packet under way carried, until the peer acks it or it is given up. A ring by packet number whose
 * records are used again, so that steady sending allocates nothing. It is as long as what is under way needs: with a
 * thousand peers, records that lie far apart are the dearest thing about them.
 */
import type { Piece } from "./outgoing-message.ts";

/** Packets, powers of two. Two seconds of 16 packets a tick at 30 Hz are remembered at most. */
const MAX_RING = 1024;
const FIRST_RING = 16;

export interface SentPacket {
  number: number;
  sentAtMs: number;
  /** What it counts as under way for the congestion controller. */
  bytes: number;
  /** False once acked or given up. */
  pending: boolean;
  /** Asks the peer for an ack; only such packets say something about the path when they get none. */
  elicitsAck: boolean;
  /** Newest input tick this packet carried, or -1. */
  inputTick: number;
  /** Reliable messages, or pieces of them, that it carries. */
  readonly pieces: Piece[];
}

export class SentPackets {
  /** Number of the last packet sent; 0 before the first. */
  newest = 0;
  /** Oldest number that may still be pending. */
  oldest = 1;
  #ring: (SentPacket | undefined)[] = new Array(FIRST_RING).fill(undefined);

  /** The packet that is pushed out of the longest ring by the next one, if it is still pending. */
  get leaving(): SentPacket | undefined {
    return this.pending(this.newest + 1 - MAX_RING);
  }

  /** The record of a new packet. Give up the one that is `leaving` first. */
  begin(nowMs: number): SentPacket {
    this.newest += 1;
    if (this.oldest <= this.newest - MAX_RING) this.oldest = this.newest - MAX_RING + 1;
    if (this.newest - this.oldest >= this.#ring.length) this.#grow();
    const at = this.newest & (this.#ring.length - 1);
    let packet = this.#ring[at];
    if (packet === undefined) {
      packet = {
        number: 0,
        sentAtMs: 0,
        bytes: 0,
        pending: false,
        elicitsAck: false,
        inputTick: -1,
        pieces: [],
      };
      this.#ring[at] = packet;
    }
    packet.number = this.newest;
    packet.sentAtMs = nowMs;
    packet.bytes = 0;
    packet.pending = true;
    packet.elicitsAck = false;
    packet.inputTick = -1;
    packet.pieces.length = 0;
    return packet;
  }

  #grow(): void {
    const former = this.#ring;
    this.#ring = new Array(former.length * 2).fill(undefined);
    for (let number = this.oldest; number < this.newest; number += 1) {
      this.#ring[number & (this.#ring.length - 1)] = former[number & (former.length - 1)];
    }
  }

  /** The record of a packet that is neither acked nor given up, or undefined. */
  pending(number: number): SentPacket | undefined {
    if (number < this.oldest || number > this.newest) return undefined;
    const packet = this.#ring[number & (this.#ring.length - 1)];
    return packet?.pending === true && packet.number === number ? packet : undefined;
  }

  /** Moves `oldest` over everything that is settled. */
  trim(): void {
    while (this.oldest <= this.newest && this.pending(this.oldest) === undefined) this.oldest += 1;
  }
}
