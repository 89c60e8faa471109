/** Before the first answer. */
export const START_LOOP_MS = 100;
/** Longer than this above the round trip an ack says nothing of the path. */
const MAX_HOLD_MS = 150;

/** How long it takes from sending to hearing back, that is until the oldest packet is acked that an answer acks. */
export class LoopTime {
  ms = START_LOOP_MS;
  #hasAnswer = false;
  #oldestAckedMs = Number.POSITIVE_INFINITY;

  /** A packet was acked that left at `sentAtMs`. */
  acked(sentAtMs: number): void {
    this.#oldestAckedMs = Math.min(this.#oldestAckedMs, sentAtMs);
  }

  /** The newest of those that were acked took `rttMs`. True for the first answer. */
  follow(rttMs: number, sentAtMs: number, nowMs: number): boolean {
    const oldestMs = Math.min(this.#oldestAckedMs, sentAtMs);
    const loopMs = Math.max(1, Math.min(nowMs - oldestMs, rttMs + MAX_HOLD_MS));
    this.#oldestAckedMs = Number.POSITIVE_INFINITY;
    if (this.#hasAnswer) {
      this.ms += (loopMs - this.ms) / 4;
      return false;
    }
    this.#hasAnswer = true;
    this.ms = loopMs;
    return true;
  }

  /** Another path: nothing is known of it. */
  reset(): void {
    this.#hasAnswer = false;
    this.ms = START_LOOP_MS;
  }
}
