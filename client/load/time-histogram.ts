import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

/** Of durations, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** So many durations were at most so long. */
export interface HistogramBar {
  readonly toMs: number;
  readonly count: number;
}

// Whole microseconds up to ten minutes, with three significant digits.
const MICROS_PER_MS = 1_000;
const MAX_MICROS = 600_000_000;

/** Durations, counted so finely that those of many processes can be put together without losing a percentile. */
export class TimeHistogram {
  #counts: Histogram = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_MICROS,
    numberOfSignificantValueDigits: 3,
  });
  /** Exact, where the counts know no more than its bucket. */
  #maxMicros = 0;

  /** @throws Error when the text is none of `encode`. */
  static decode(text: string): TimeHistogram {
    const made = new TimeHistogram();
    const colon = text.indexOf(":");
    made.#maxMicros = Number(text.slice(0, colon));
    made.#counts = decodeFromCompressedBase64(text.slice(colon + 1), 32);
    return made;
  }

  get count(): number {
    return this.#counts.totalCount;
  }

  record(ms: number): void {
    // The library throws above its range and counts NaN as zero.
    const micros = ms > 0 ? Math.min(Math.round(ms * MICROS_PER_MS), MAX_MICROS) : 0;
    this.#counts.recordValue(micros);
    if (micros > this.#maxMicros) this.#maxMicros = micros;
  }

  add(other: TimeHistogram): void {
    this.#counts.add(other.#counts);
    this.#maxMicros = Math.max(this.#maxMicros, other.#maxMicros);
  }

  clear(): void {
    this.#counts.reset();
    this.#maxMicros = 0;
  }

  /** The longest in microseconds, a colon, and HdrHistogram's own compressed form in base64. */
  encode(): string {
    return `${this.#maxMicros}:${encodeIntoCompressedBase64(this.#counts)}`;
  }

  /** Milliseconds that so many percent of all durations do not exceed; 0 when there are none. */
  percentile(percent: number): number {
    // A histogram answers with the upper end of a bucket, which may lie above the largest value.
    const micros = Math.min(this.#counts.getValueAtPercentile(percent), this.#maxMicros);
    return micros / MICROS_PER_MS;
  }

  percentiles(): Percentiles {
    return {
      p50: this.percentile(50),
      p95: this.percentile(95),
      p99: this.percentile(99),
      max: this.#maxMicros / MICROS_PER_MS,
    };
  }

  /** At most `most` bars of equal width, from 0 to the longest duration. */
  bars(most: number): readonly HistogramBar[] {
    if (this.count === 0) return [];
    const widthMs = roundUp(this.#maxMicros / MICROS_PER_MS / most);
    const bars: HistogramBar[] = [];
    let below = 0;
    for (let toMs = widthMs; below < this.count; toMs += widthMs) {
      const upTo = this.#countUpTo(toMs);
      bars.push({ toMs, count: upTo - below });
      below = upTo;
    }
    return bars;
  }

  #countUpTo(ms: number): number {
    const micros = Math.min(Math.round(ms * MICROS_PER_MS), MAX_MICROS);
    if (micros >= this.#maxMicros) return this.count;
    return Math.round((this.#percentOf(micros) * this.count) / 100);
  }

  /** The library has no such question; the answer is searched for. */
  #percentOf(micros: number): number {
    let low = 0;
    let high = 100;
    for (let i = 0; i < 40; i += 1) {
      const middle = (low + high) / 2;
      if (this.#counts.getValueAtPercentile(middle) <= micros) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** To 1, 2 or 5 and zeros. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)));
  const factor = [1, 2, 5, 10].find((each) => each * power >= value * 0.999) ?? 10;
  return factor * power;
}
