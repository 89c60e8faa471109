import { build, type Histogram } from "hdr-histogram-js";

/** Durations in milliseconds. */
export interface TickSummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Ticks that took longer than a tick may. */
  readonly overruns: number;
  readonly ticks: number;
}

export interface TickMeterOptions {
  /** How long a tick may take: 1000 / tickRate. */
  readonly budgetMs: number;
  /** How far back `recent` looks, at most; at least half of it. Default 10,000. */
  readonly windowMs?: number;
}

/** Of the time that ticks took, what was spent on what; milliseconds. */
export interface TickParts {
  readonly stepMs: number;
  readonly captureMs: number;
  readonly sendMs: number;
}

export type TickListener = (durationMs: number, latenessMs: number) => void;

// Histograms count whole microseconds up to ten minutes, with three significant digits. Ten minutes also is how
// long a laptop may sleep in a tick before the number stops mattering.
const MICROS_PER_MS = 1_000;
const MAX_MICROS = 600_000_000;

/** How long ticks took and how late they began, over all time and of late. */
export class TickMeter {
  readonly budgetMs: number;
  /** Sums over all ticks. */
  readonly parts = { stepMs: 0, captureMs: 0, sendMs: 0 };
  readonly #halfWindowMs: number;
  readonly #all = new Span();
  readonly #lateness = new Span();
  #current = new Span();
  #former = new Span();
  #currentSinceMs: number | undefined;
  readonly #listeners: TickListener[] = [];

  constructor(options: TickMeterOptions) {
    this.budgetMs = options.budgetMs;
    this.#halfWindowMs = (options.windowMs ?? 10_000) / 2;
  }

  /** Records one tick: how long it took, how much after its due time it began, when it ended, and of what it was. */
  record(durationMs: number, latenessMs: number, nowMs: number, parts?: TickParts): void {
    if (parts !== undefined) {
      this.parts.stepMs += parts.stepMs;
      this.parts.captureMs += parts.captureMs;
      this.parts.sendMs += parts.sendMs;
    }
    this.#rotate(nowMs);
    const overrun = durationMs > this.budgetMs;
    this.#all.record(durationMs, overrun);
    this.#current.record(durationMs, overrun);
    this.#lateness.record(latenessMs, latenessMs > this.budgetMs);
    for (const listener of this.#listeners) listener(durationMs, latenessMs);
  }

  /** Calls `listener` for every tick recorded from now on. */
  listen(listener: TickListener): void {
    this.#listeners.push(listener);
  }

  summary(): TickSummary {
    return this.#all.summary();
  }

  /** The same of the last seconds. With no tick in them all is zero. */
  recent(nowMs: number): TickSummary {
    this.#rotate(nowMs);
    return this.#current.summary(this.#former);
  }

  /** Lateness of ticks; its overruns are the ticks that began more than a whole tick late. */
  lateness(): TickSummary {
    return this.#lateness.summary();
  }

  #rotate(nowMs: number): void {
    this.#currentSinceMs ??= nowMs;
    const ageMs = nowMs - this.#currentSinceMs;
    if (ageMs < this.#halfWindowMs) return;
    if (ageMs >= 2 * this.#halfWindowMs) this.#current.clear();
    const oldest = this.#former;
    this.#former = this.#current;
    this.#current = oldest;
    oldest.clear();
    this.#currentSinceMs = nowMs;
  }
}

/** Durations of a span of time. */
class Span {
  readonly histogram: Histogram = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_MICROS,
    numberOfSignificantValueDigits: 3,
  });
  maxMs = 0;
  overruns = 0;

  record(ms: number, overrun: boolean): void {
    // The library throws above its range and counts NaN as zero.
    const bounded = ms > 0 ? Math.min(ms, MAX_MICROS / MICROS_PER_MS) : 0;
    this.histogram.recordValue(Math.round(bounded * MICROS_PER_MS));
    if (bounded > this.maxMs) this.maxMs = bounded;
    if (overrun) this.overruns += 1;
  }

  clear(): void {
    this.histogram.reset();
    this.maxMs = 0;
    this.overruns = 0;
  }

  summary(also?: Span): TickSummary {
    let { histogram } = this;
    if (also !== undefined && also.histogram.totalCount > 0) {
      histogram = new Span().histogram;
      histogram.add(this.histogram);
      histogram.add(also.histogram);
    }
    const maxMs = Math.round(Math.max(this.maxMs, also?.maxMs ?? 0) * MICROS_PER_MS) / MICROS_PER_MS;
    // A histogram answers with the upper end of a bucket, which may lie above the largest value.
    const percentile = (percent: number): number =>
      Math.min(histogram.getValueAtPercentile(percent) / MICROS_PER_MS, maxMs);
    return {
      p50: percentile(50),
      p99: percentile(99),
      max: maxMs,
      overruns: this.overruns + (also?.overruns ?? 0),
      ticks: histogram.totalCount,
    };
  }
}
