import type { AckTracker } from "./ack-tracker.ts";

const NO_RANGES: readonly number[] = [];

/**
 * The ack that came last, until its connection's turn to send: what an ack settles is what the turn reads and writes
 * anyway. Taken at once, it would fetch the same memory twice a tick, and with a thousand connections that is most of
 * its cost. Whoever reads what acks change settles first, so that nobody can tell.
 */
export class HeldAck {
  /** Without what is held: for what no ack changes. */
  readonly acks: AckTracker;
  #isHeld = false;
  #ack = 0;
  #missing = 0;
  #delayMs = 0;
  #cameAtMs = 0;

  constructor(acks: AckTracker) {
    this.acks = acks;
  }

  /** As `AckTracker.take`, but later. */
  hold(ack: number, missing: number, delayMs: number, ranges: readonly number[], nowMs: number): void {
    this.settle();
    if (ranges.length > 0) {
      this.acks.take(ack, missing, delayMs, ranges, nowMs);
      return;
    }
    this.#isHeld = true;
    this.#ack = ack;
    // As 32 bits with their sign, which engines keep as they are.
    this.#missing = missing | 0;
    this.#delayMs = delayMs;
    this.#cameAtMs = nowMs;
  }

  /** Takes what is held, as of when it came. */
  settle(): AckTracker {
    if (this.#isHeld) {
      this.#isHeld = false;
      this.acks.take(this.#ack, this.#missing, this.#delayMs, NO_RANGES, this.#cameAtMs);
    }
    return this.acks;
  }
}
