/**
 * How much of a round trip is queue. What a packet takes on an empty path is learned from the fastest packets of
 * the last ten seconds, and grows with the packet: a narrow link needs longer to send a longer one.
 *
 *   round trip                    · standing queue
 *      │        ·    ·  ·      ·
 *      │   ·      ·        ─── x    x = least of the large packets
 *      │     ·    ───────           the line is the empty path (the method of pathchar, Jacobson 1997)
 *      │ ───── x                    x = least of all
 *      └──────────────────────────▶ bytes
 */
const BUCKETS = 5;
const BUCKET_MS = 2_000;
/** Large is what has at least this share of the largest packet that is sent. */
const LARGE_RATIO = 0.75;
/** Closer together, two sizes say nothing of the slope between them. */
const LEAST_SPREAD_BYTES = 100;
/** Noise is the mean step from answer to answer, over about so many. */
const NOISE_ANSWERS = 16;
/** Packets of others come between ours in whole packets: such steps are no noise. */
const STEP_RATIO = 0.25;

/** The least round trip of some time, and the size of the packet that had it; buckets by age. */
class FastestPacket {
  ms = Number.POSITIVE_INFINITY;
  bytes = 0;
  readonly #ms = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY);
  readonly #bytes = new Float64Array(BUCKETS);

  add(bucket: number, ms: number, bytes: number): void {
    if (ms >= this.#ms[bucket]!) return;
    this.#ms[bucket] = ms;
    this.#bytes[bucket] = bytes;
    if (ms >= this.ms) return;
    this.ms = ms;
    this.bytes = bytes;
  }

  forget(bucket: number): void {
    this.#ms[bucket] = Number.POSITIVE_INFINITY;
    this.ms = Number.POSITIVE_INFINITY;
    for (let i = 0; i < BUCKETS; i += 1) {
      if (this.#ms[i]! >= this.ms) continue;
      this.ms = this.#ms[i]!;
      this.bytes = this.#bytes[i]!;
    }
  }
}

export class PathDelay {
  /** How much longer than an empty path the last packet took. */
  excessMs = 0;
  /** What of such an excess is the path's own unrest. */
  noiseMs = 0;
  readonly #all = new FastestPacket();
  readonly #large = new FastestPacket();
  #bucket = 0;
  #bucketAtMs = Number.NEGATIVE_INFINITY;
  #hasAnswers = false;

  /**
   * An answer to a packet of `bytes` after `rttMs`, the peer's own delay taken out. `largestBytes` is the largest
   * packet that is sent nowadays, and `bytesPerMs` the rate: the path is at least as fast.
   */
  add(rttMs: number, bytes: number, largestBytes: number, bytesPerMs: number, nowMs: number): void {
    this.#turnBuckets(nowMs);
    this.#all.add(this.#bucket, rttMs, bytes);
    if (bytes >= LARGE_RATIO * largestBytes) this.#large.add(this.#bucket, rttMs, bytes);
    const excessMs = Math.max(0, rttMs - this.#emptyMs(bytes, bytesPerMs));
    if (this.#hasAnswers) this.noiseMs += (Math.abs(excessMs - this.excessMs) - this.noiseMs) / NOISE_ANSWERS;
    this.#hasAnswers = true;
    this.excessMs = excessMs;
  }

  /** The standing queue: what remains of the excess once noise is taken out. */
  queueMs(largestBytes: number, bytesPerMs: number): number {
    const unrestMs = Math.max(0, this.noiseMs - (STEP_RATIO * largestBytes) / bytesPerMs);
    return Math.max(0, this.excessMs - unrestMs);
  }

  #emptyMs(bytes: number, bytesPerMs: number): number {
    const spread = this.#large.bytes - this.#all.bytes;
    // Never steeper than at our own rate; and just so while only packets of one size are known.
    let msPerByte = 1 / bytesPerMs;
    if (spread > LEAST_SPREAD_BYTES && this.#large.ms < Number.POSITIVE_INFINITY) {
      msPerByte = Math.min(msPerByte, (this.#large.ms - this.#all.ms) / spread);
    }
    return this.#all.ms + msPerByte * (bytes - this.#all.bytes);
  }

  #turnBuckets(nowMs: number): void {
    if (nowMs - this.#bucketAtMs < BUCKET_MS) return;
    this.#bucketAtMs = nowMs;
    this.#bucket = (this.#bucket + 1) % BUCKETS;
    this.#all.forget(this.#bucket);
    this.#large.forget(this.#bucket);
  }
}
