const LATE_STEP_MS = 0.05;
/** Up to 200 ms; what is later counts as that, but for the most of all. */
const BUCKETS = 4_000;

/** How much later than it should have something happened. */
export interface LateMs {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Adds up how late things were, in steps of 0.05 ms and without allocating. */
export class Lateness {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #maxMs = 0;

  add(lateMs: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(lateMs / LATE_STEP_MS)));
    this.#counts[bucket]! += 1;
    this.#total += 1;
    if (lateMs > this.#maxMs) this.#maxMs = lateMs;
  }

  /** Percentiles are the upper ends of their steps. All 0 when there was nothing. */
  read(): LateMs {
    return { p50: this.#percentileMs(50), p99: this.#percentileMs(99), max: this.#maxMs };
  }

  /** Begins anew: for a warm-up that should not count. */
  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#maxMs = 0;
  }

  #percentileMs(percent: number): number {
    const rank = (this.#total * percent) / 100;
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS && this.#total > 0; bucket += 1) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(this.#maxMs, (bucket + 1) * LATE_STEP_MS);
    }
    return 0;
  }
}
