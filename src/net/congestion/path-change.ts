const UNCHANGED_MS = 1_000;
/** A queue that stands within these bounds while we send ever less is none. */
const UNCHANGED_RATIO = 0.15;
const UNCHANGED_WITHIN_MS = 3;
const SLOWED_RATIO = 0.5;
/** On a long path a second holds few looks. */
const UNCHANGED_LOOPS = 3;

/**
 * Tells a longer path from a full one. A queue shrinks when less is sent, or overflows. A delay that stays just as
 * it is for a second, while the rate falls to half, or is the least there is, and nothing gets lost, is the path's own:
 * packets go another way.
 */
export class PathChange {
  #queueMs = 0;
  #rate = 0;
  #sinceMs = Number.POSITIVE_INFINITY;
  #loops = 0;

  /** Once per loop, with the queue as it seems, the rate, and whether anything of late got lost. */
  isLikely(
    queueMs: number,
    bytesPerMs: number,
    isLeastRate: boolean,
    hasLoss: boolean,
    nowMs: number,
  ): boolean {
    const band = Math.max(UNCHANGED_WITHIN_MS, UNCHANGED_RATIO * this.#queueMs);
    if (hasLoss || Math.abs(queueMs - this.#queueMs) > band) {
      this.#queueMs = queueMs;
      this.#rate = bytesPerMs;
      this.#sinceMs = nowMs;
      this.#loops = 0;
      return false;
    }
    this.#loops += 1;
    const hasSlowed =
      bytesPerMs <= this.#rate * SLOWED_RATIO || (isLeastRate && queueMs > UNCHANGED_WITHIN_MS);
    if (!hasSlowed || nowMs - this.#sinceMs < UNCHANGED_MS || this.#loops < UNCHANGED_LOOPS) return false;
    this.#sinceMs = Number.POSITIVE_INFINITY;
    return true;
  }
}
