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
import { IP_UDP_HEADER_BYTES, MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";

/** On a slow path a packet is no longer than what it carries in so much time: small things wait for it. */
const PACKET_MS = 25;
const LEAST_PACKET_BYTES = 300;

/** At a rate, headers included: the longest packet that is sent. */
export function largestPacketBytes(bytesPerMs: number): number {
  const payload = Math.floor(bytesPerMs * PACKET_MS);
  return Math.min(MAX_DATAGRAM_BYTES, Math.max(LEAST_PACKET_BYTES, payload)) + IP_UDP_HEADER_BYTES;
}

/** A queue that goes away within this time by itself is a burst or a busy computer. */
const STANDING_MS = 100;
const RECENT = 4;
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
  readonly #recentMs = new Float64Array(RECENT);
  readonly #recentAtMs = new Float64Array(RECENT).fill(Number.NEGATIVE_INFINITY);
  #recent = 0;

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
    this.#recentMs[this.#recent] = excessMs;
    this.#recentAtMs[this.#recent] = nowMs;
    this.#recent = (this.#recent + 1) % RECENT;
  }

  /** The least excess of the last moments: what goes away by itself is no standing queue. */
  #standingMs(packetMs: number, nowMs: number): number {
    // Where packets follow slowly, fewer of them must do, or we would look too far back.
    const sinceMs = nowMs - (STANDING_MS - 3 * packetMs);
    let least = this.excessMs;
    for (let i = 0; i < RECENT; i += 1) {
      if (this.#recentAtMs[i]! >= sinceMs) least = Math.min(least, this.#recentMs[i]!);
    }
    return least;
  }

  /**
   * The standing queue: what remains of the excess once noise is taken out, and what is only the others' packets
   * being longer than ours. Were that counted, whoever is slower would have the shorter packets, so see the longer
   * waits, and become slower still.
   */
  queueMs(largestBytes: number, bytesPerMs: number, nowMs: number): number {
    const unrestMs = Math.max(0, this.noiseMs - (STEP_RATIO * largestBytes) / bytesPerMs);
    const msPerByte = this.#msPerByte(bytesPerMs);
    const longest = largestPacketBytes(1 / msPerByte);
    const othersMs = msPerByte * Math.max(0, longest - largestBytes);
    return Math.max(0, this.#standingMs(msPerByte * longest, nowMs) - unrestMs - othersMs);
  }

  /** The shortest round trip of late. */
  get leastMs(): number {
    return this.#all.ms;
  }

  #emptyMs(bytes: number, bytesPerMs: number): number {
    const longer = bytes - this.#all.bytes;
    // Of one size alone nobody knows what a shorter packet would take: no longer.
    if (longer < 0 && !this.#isSlopeKnown) return this.#all.ms;
    return this.#all.ms + this.#msPerByte(bytesPerMs) * longer;
  }

  get #isSlopeKnown(): boolean {
    const isWide = this.#large.bytes - this.#all.bytes > LEAST_SPREAD_BYTES;
    return isWide && this.#large.ms < Number.POSITIVE_INFINITY;
  }

  /** What a byte more takes. Never more than at our own rate, and so much while the slope is not known. */
  #msPerByte(bytesPerMs: number): number {
    if (!this.#isSlopeKnown) return 1 / bytesPerMs;
    const slope = (this.#large.ms - this.#all.ms) / (this.#large.bytes - this.#all.bytes);
    return Math.min(1 / bytesPerMs, slope);
  }

  #turnBuckets(nowMs: number): void {
    if (nowMs - this.#bucketAtMs < BUCKET_MS) return;
    this.#bucketAtMs = nowMs;
    this.#bucket = (this.#bucket + 1) % BUCKETS;
    this.#all.forget(this.#bucket);
    this.#large.forget(this.#bucket);
  }
}
