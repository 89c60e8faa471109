/** Told of each latency, in milliseconds. */
export type OnLatency = (latencyMs: number) => void;

/** Of inputs, since the start. */
export interface InputCounts {
  /** That were put in and sent. */
  played: number;
  /** That were due, but the client stood still then, or waited for its clock: they count from when they were due. */
  skipped: number;
  /** Of which no state told before the measuring ended. */
  unanswered: number;
}

const FIRST_SLOTS = 64;
/** A gap is closed with inputs that were due in it up to so many: a player that was away for a minute is another matter. */
const MOST_SKIPPED = 2_000;

/**
 * Measures input → state: from when an input was due at the client's clock to when a state came that its tick had run
 * before. State S is that of after tick S − 1, so it tells of all inputs of ticks below S.
 *
 * The schedule is open: inputs that were due while the client stood still, or while its clock was put back because the
 * server did, are counted too, each from its own due time and answered with the next input that left. So no stall can
 * hide behind the few samples taken in it.
 */
export class InputWatch {
  readonly counts: InputCounts = { played: 0, skipped: 0, unanswered: 0 };
  /** Inputs are watched while it is set; those under way are still answered afterwards. */
  isOpen = false;
  readonly #tickMs: number;
  readonly #onLatency: OnLatency;
  #ticks = new Float64Array(FIRST_SLOTS);
  #dues = new Float64Array(FIRST_SLOTS);
  #length = 0;
  #lastDueMs = Number.NaN;

  constructor(tickMs: number, onLatency: OnLatency) {
    this.#tickMs = tickMs;
    this.#onLatency = onLatency;
  }

  /** How many inputs wait for their state. */
  get waiting(): number {
    return this.#length;
  }

  /** The input of `tick`, due at `dueMs`, is put in. */
  played(tick: number, dueMs: number): void {
    const gap = dueMs - this.#lastDueMs;
    const steps = Math.min(Math.round(gap / this.#tickMs), MOST_SKIPPED);
    // Clocks that drift make no gap; one that was put forward played its ticks early, which is no harm.
    if (this.isOpen) {
      for (let i = 1; i < steps; i += 1) {
        this.counts.skipped += 1;
        this.#add(tick, this.#lastDueMs + (gap * i) / steps);
      }
      this.counts.played += 1;
      this.#add(tick, dueMs);
    }
    this.#lastDueMs = Number.isNaN(this.#lastDueMs) ? dueMs : Math.max(this.#lastDueMs, dueMs);
  }

  /** A state of `stateTick` came. */
  told(stateTick: number, nowMs: number): void {
    let kept = 0;
    for (let i = 0; i < this.#length; i += 1) {
      const tick = this.#ticks[i]!;
      const dueMs = this.#dues[i]!;
      if (tick < stateTick) {
        this.#onLatency(nowMs - dueMs);
        continue;
      }
      this.#ticks[kept] = tick;
      this.#dues[kept] = dueMs;
      kept += 1;
    }
    this.#length = kept;
  }

  /** The measuring is over: what still waits has waited this long at least, and counts so. */
  giveUp(nowMs: number): void {
    for (let i = 0; i < this.#length; i += 1) this.#onLatency(nowMs - this.#dues[i]!);
    this.counts.unanswered += this.#length;
    this.#length = 0;
  }

  #add(tick: number, dueMs: number): void {
    if (this.#length === this.#ticks.length) {
      this.#ticks = grown(this.#ticks);
      this.#dues = grown(this.#dues);
    }
    this.#ticks[this.#length] = tick;
    this.#dues[this.#length] = dueMs;
    this.#length += 1;
  }
}

function grown(from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
}
