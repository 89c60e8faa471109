export interface TickLoopOptions {
  /** Ticks per second. */
  readonly tickRate: number;
  /** How many ticks may run at once to catch up; without it 4. */
  readonly maxCatchUpTicks?: number;
  readonly startMs: number;
}

/**
 * Says when ticks are due. Due n stands at exactly startMs + n × 1000 / tickRate (n from 1), so no rounding
 * adds up. What cannot be caught up is dropped: game time then stands still, rather than spiral.
 */
export class TickLoop {
  /** How often time had to be dropped. */
  overruns = 0;
  /** All time that was dropped, in ms. */
  lostMs = 0;
  /** How late the first of the ticks was that `ticksDue` last answered, in ms. */
  latenessMs = 0;
  readonly #tickRate: number;
  readonly #maxCatchUpTicks: number;
  readonly #startMs: number;
  #next = 1;

  constructor({ tickRate, maxCatchUpTicks = 4, startMs }: TickLoopOptions) {
    this.#tickRate = tickRate;
    this.#maxCatchUpTicks = maxCatchUpTicks;
    this.#startMs = startMs;
  }

  get nextDueMs(): number {
    return this.#dueMs(this.#next);
  }

  /** How many ticks to run now; the next call counts from there. */
  ticksDue(nowMs: number): number {
    if (nowMs < this.nextDueMs) return 0;
    this.latenessMs = nowMs - this.nextDueMs;
    // The estimate may be one off at a boundary; the due times decide.
    let last = Math.floor(((nowMs - this.#startMs) * this.#tickRate) / 1000);
    while (this.#dueMs(last + 1) <= nowMs) last += 1;
    while (this.#dueMs(last) > nowMs) last -= 1;
    const due = last - this.#next + 1;
    const run = Math.min(due, this.#maxCatchUpTicks);
    if (run < due) {
      this.overruns += 1;
      this.lostMs += ((due - run) * 1000) / this.#tickRate;
    }
    this.#next = last + 1;
    return run;
  }

  #dueMs(n: number): number {
    return this.#startMs + (n * 1000) / this.#tickRate;
  }
}
