/** Long enough for a queue of ours to go away once we send next to nothing. */
const FOREIGN_AFTER_MS = 2_000;
const FOREIGN_AFTER_LOOPS = 10;
/** A queue of ours would by then be shorter than so much of what it was; one that grows is watched on. */
const UNMOVED_RATIO = 0.6;
/** Delay is smoothed over about so many loops: on an unquiet path one says little. */
const FOREIGN_SMOOTHING_LOOPS = 8;
/** A tolerated delay shrinks with what is seen, and is forgotten below this. */
const LEAST_FOREIGN_MS = 3;

/**
 * Tells delay that is not ours from a queue that is. A queue of ours goes away when we send as little as we may. A
 * delay that stays has other reasons: a radio is unquiet, the path has become longer, or others fill the queue and do
 * not yield. To stay slow for it would help nobody.
 */
export class ForeignDelay {
  /** What of the delay is to be put up with. */
  toleratedMs = 0;
  #smoothMs = 0;
  #fromMs = 0;
  #sinceMs = Number.POSITIVE_INFINITY;
  #loops = 0;

  /** Once per loop: the delay beyond an empty path. True when it has just turned out not to be ours. */
  note(delayMs: number, isLeastRate: boolean, nowMs: number): boolean {
    this.#smoothMs += (delayMs - this.#smoothMs) / FOREIGN_SMOOTHING_LOOPS;
    if (this.#smoothMs < this.toleratedMs) {
      this.toleratedMs = this.#smoothMs < LEAST_FOREIGN_MS ? 0 : this.#smoothMs;
    }
    const ownMs = this.#smoothMs - this.toleratedMs;
    if (!isLeastRate || ownMs < LEAST_FOREIGN_MS) {
      this.#sinceMs = Number.POSITIVE_INFINITY;
      return false;
    }
    const hasMoved = ownMs < UNMOVED_RATIO * this.#fromMs || ownMs * UNMOVED_RATIO > this.#fromMs;
    if (this.#sinceMs === Number.POSITIVE_INFINITY || hasMoved) {
      this.#fromMs = ownMs;
      this.#sinceMs = nowMs;
      this.#loops = 0;
    }
    this.#loops += 1;
    if (nowMs - this.#sinceMs < FOREIGN_AFTER_MS || this.#loops <= FOREIGN_AFTER_LOOPS) return false;
    this.toleratedMs = this.#smoothMs;
    this.#sinceMs = Number.POSITIVE_INFINITY;
    return true;
  }
}
