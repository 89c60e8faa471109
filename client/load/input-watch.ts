/** Told of each latency, in milliseconds. */
export type OnLatency = (latencyMs: number) => void;

/** For inputs that are set between two ticks, not in one. */
export interface AnyTime {
  /** From 0 to less than 1: how far back towards the tick before. */
  readonly roll: () => number;
  readonly onLatency: OnLatency;
}

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
 *
 * A player's hand knows no ticks. Who sets an input between two has to wait for the next one, which sends it; so for each
 * tick one random moment since the one before is measured as well, from then to the state that tells of that tick.
 */
export class InputWatch {
  readonly counts: InputCounts = { played: 0, skipped: 0, unanswered: 0 };
  /** Inputs are watched while it is set; those under way are still answered afterwards. */
  isOpen = false;
  readonly #tickMs: number;
  readonly #onLatency: OnLatency;
  readonly #anyTime: AnyTime | undefined;
  #ticks = new Float64Array(FIRST_SLOTS);
  #dues = new Float64Array(FIRST_SLOTS);
  /** When an input between ticks was set, that is told of with the one beside it. */
  #sets = new Float64Array(FIRST_SLOTS);
  #length = 0;
  #lastDueMs = Number.NaN;

  constructor(tickMs: number, onLatency: OnLatency, anyTime?: AnyTime) {
    this.#tickMs = tickMs;
    this.#onLatency = onLatency;
    this.#anyTime = anyTime;
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
        this.#add(tick, this.#lastDueMs + (gap * i) / steps, gap / steps);
      }
      this.counts.played += 1;
      // A clock that was put forward leaves no time between two ticks; before the first one there was a tick's.
      this.#add(tick, dueMs, steps > 0 ? gap / steps : Number.isNaN(gap) ? this.#tickMs : 0);
    }
    this.#lastDueMs = Number.isNaN(this.#lastDueMs) ? dueMs : Math.max(this.#lastDueMs, dueMs);
  }

  /** A state of `stateTick` came. */
  told(stateTick: number, nowMs: number): void {
    let kept = 0;
    for (let i = 0; i < this.#length; i += 1) {
      const tick = this.#ticks[i]!;
      if (tick < stateTick) {
        this.#tell(i, nowMs);
        continue;
      }
      this.#ticks[kept] = tick;
      this.#dues[kept] = this.#dues[i]!;
      this.#sets[kept] = this.#sets[i]!;
      kept += 1;
    }
    this.#length = kept;
  }

  /** The measuring is over: what still waits has waited this long at least, and counts so. */
  giveUp(nowMs: number): void {
    for (let i = 0; i < this.#length; i += 1) this.#tell(i, nowMs);
    this.counts.unanswered += this.#length;
    this.#length = 0;
  }

  #tell(i: number, nowMs: number): void {
    this.#onLatency(nowMs - this.#dues[i]!);
    this.#anyTime?.onLatency(nowMs - this.#sets[i]!);
  }

  #add(tick: number, dueMs: number, sinceLastMs: number): void {
    if (this.#length === this.#ticks.length) {
      this.#ticks = grown(this.#ticks);
      this.#dues = grown(this.#dues);
      this.#sets = grown(this.#sets);
    }
    this.#ticks[this.#length] = tick;
    this.#dues[this.#length] = dueMs;
    this.#sets[this.#length] = dueMs - (this.#anyTime?.roll() ?? 0) * sinceLastMs;
    this.#length += 1;
  }
}

function grown(from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
}
