const DRAIN_EVERY_MS = 5_000;
const DRAIN_RATIO = 0.5;
const DRAIN_LOOPS = 2;

/**
 * Every so often all flows send at half rate for a moment, so that they see the path empty. By the clock, so that all
 * connections of an endpoint do it together.
 */
export class Drains {
  #sinceMs = 0;
  /** Until then the rate is lower, and a loop longer nothing is to be concluded from what comes back. */
  #untilMs = 0;
  #heldUntilMs = 0;
  #period = -1;

  /** Of the rate, now. */
  ratio(nowMs: number): number {
    return nowMs < this.#untilMs ? DRAIN_RATIO : 1;
  }

  /** Whether the last drain was on at that time. */
  wasOn(atMs: number): boolean {
    return atMs >= this.#sinceMs && atMs < this.#untilMs;
  }

  isHeld(nowMs: number): boolean {
    return nowMs < this.#heldUntilMs;
  }

  /** When the drain that begins now will end, or undefined if none does. `isNeeded`: once it is time, else the next. */
  begin(loopMs: number, isNeeded: boolean, nowMs: number): number | undefined {
    const period = Math.floor(nowMs / DRAIN_EVERY_MS);
    if (period === this.#period) return undefined;
    const isFirst = this.#period < 0;
    this.#period = period;
    if (isFirst || !isNeeded || this.isHeld(nowMs)) return undefined;
    this.#sinceMs = nowMs;
    this.#untilMs = nowMs + DRAIN_LOOPS * loopMs;
    this.#heldUntilMs = this.#untilMs + loopMs;
    return this.#untilMs;
  }

  /** Another path: what was begun is over. */
  reset(): void {
    this.#untilMs = 0;
    this.#heldUntilMs = 0;
  }
}
