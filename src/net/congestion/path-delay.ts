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
import { BUCKETS, PathCell, type PathCells, RECENT } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

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
const BUCKET_MS = 2_000;
/** Large is what has at least this share of the largest packet that is sent. */
const LARGE_RATIO = 0.75;
/** Closer together, two sizes say nothing of the slope between them. */
const LEAST_SPREAD_BYTES = 100;
/** Noise is the mean step from answer to answer, over about so many. */
const NOISE_ANSWERS = 16;
/** Packets of others come between ours in whole packets: such steps are no noise. */
const STEP_RATIO = 0.25;

/**
 * The least round trip of some time, and the size of the packet that had it: of all that time, then of the bucket at
 * hand, which is all that most answers are compared with. Former buckets lie elsewhere, each with both numbers.
 */
const FastestCell = { Ms: 0, Bytes: 1, NowMs: 2, NowBytes: 3, Cells: 4 } as const;

function addFastest(cells: PathCells, at: number, ms: number, bytes: number): void {
  if (ms >= cells[at + FastestCell.NowMs]!) return;
  cells[at + FastestCell.NowMs] = ms;
  cells[at + FastestCell.NowBytes] = bytes;
  if (ms >= cells[at + FastestCell.Ms]!) return;
  cells[at + FastestCell.Ms] = ms;
  cells[at + FastestCell.Bytes] = bytes;
}

/** Bucket `from` is over, and what was in bucket `to` is forgotten. */
function turnFastest(cells: PathCells, at: number, former: number, from: number, to: number): void {
  cells[former + 2 * from] = cells[at + FastestCell.NowMs]!;
  cells[former + 2 * from + 1] = cells[at + FastestCell.NowBytes]!;
  cells[former + 2 * to] = Number.POSITIVE_INFINITY;
  cells[at + FastestCell.NowMs] = Number.POSITIVE_INFINITY;
  cells[at + FastestCell.Ms] = Number.POSITIVE_INFINITY;
  for (let i = 0; i < BUCKETS; i += 1) {
    if (cells[former + 2 * i]! >= cells[at + FastestCell.Ms]!) continue;
    cells[at + FastestCell.Ms] = cells[former + 2 * i]!;
    cells[at + FastestCell.Bytes] = cells[former + 2 * i + 1]!;
  }
}

export class PathDelay extends PathPart {
  clear(): void {
    const cells = this.cells;
    cells.fill(0, PathCell.ExcessMs, PathCell.Recent);
    cells[PathCell.Bucket] = 0;
    cells[PathCell.BucketAtMs] = Number.NEGATIVE_INFINITY;
    for (const at of [PathCell.Fastest, PathCell.FastestLarge]) {
      cells.fill(0, at, at + FastestCell.Cells);
      cells[at + FastestCell.Ms] = Number.POSITIVE_INFINITY;
      cells[at + FastestCell.NowMs] = Number.POSITIVE_INFINITY;
    }
    cells.fill(Number.POSITIVE_INFINITY, PathCell.Buckets, PathCell.LargeBuckets + 2 * BUCKETS);
    cells.fill(Number.NEGATIVE_INFINITY, PathCell.Recent, PathCell.Recent + 2 * RECENT);
  }

  /** How much longer than an empty path the last packet took. */
  get excessMs(): number {
    return this.cells[PathCell.ExcessMs]!;
  }

  /**
   * An answer to a packet of `bytes` after `rttMs`, the peer's own delay taken out. `largestBytes` is the largest
   * packet that is sent nowadays, and `bytesPerMs` the rate: the path is at least as fast.
   */
  add(rttMs: number, bytes: number, largestBytes: number, bytesPerMs: number, nowMs: number): void {
    const cells = this.cells;
    const { ExcessMs, NoiseMs, HasAnswers, NextRecent, Recent } = PathCell;
    if (nowMs - cells[PathCell.BucketAtMs]! >= BUCKET_MS) this.#turnBuckets(nowMs);
    addFastest(cells, PathCell.Fastest, rttMs, bytes);
    if (bytes >= LARGE_RATIO * largestBytes) addFastest(cells, PathCell.FastestLarge, rttMs, bytes);
    const excessMs = Math.max(0, rttMs - this.#emptyMs(bytes, bytesPerMs));
    if (cells[HasAnswers] === 1) {
      cells[NoiseMs]! += (Math.abs(excessMs - cells[ExcessMs]!) - cells[NoiseMs]!) / NOISE_ANSWERS;
    }
    cells[HasAnswers] = 1;
    cells[ExcessMs] = excessMs;
    const next = cells[NextRecent]!;
    cells[Recent + 2 * next] = excessMs;
    cells[Recent + 2 * next + 1] = nowMs;
    cells[NextRecent] = (next + 1) % RECENT;
  }

  /** The least excess of the last moments: what goes away by itself is no standing queue. */
  #standingMs(packetMs: number, nowMs: number): number {
    const cells = this.cells;
    // Where packets follow slowly, fewer of them must do, or we would look too far back.
    const sinceMs = nowMs - (STANDING_MS - 3 * packetMs);
    let least = cells[PathCell.ExcessMs]!;
    for (let at = PathCell.Recent; at < PathCell.Recent + 2 * RECENT; at += 2) {
      if (cells[at + 1]! >= sinceMs) least = Math.min(least, cells[at]!);
    }
    return least;
  }

  /**
   * The standing queue: what remains of the excess once noise is taken out, and what is only the others' packets
   * being longer than ours. Were that counted, whoever is slower would have the shorter packets, so see the longer
   * waits, and become slower still.
   */
  queueMs(largestBytes: number, bytesPerMs: number, nowMs: number): number {
    // Noise is what of the excess is the path's own unrest.
    const noiseMs = this.cells[PathCell.NoiseMs]!;
    const unrestMs = Math.max(0, noiseMs - (STEP_RATIO * largestBytes) / bytesPerMs);
    const msPerByte = this.#msPerByte(bytesPerMs);
    const longest = largestPacketBytes(1 / msPerByte);
    const othersMs = msPerByte * Math.max(0, longest - largestBytes);
    return Math.max(0, this.#standingMs(msPerByte * longest, nowMs) - unrestMs - othersMs);
  }

  /** The shortest round trip of late. */
  get leastMs(): number {
    return this.cells[PathCell.Fastest + FastestCell.Ms]!;
  }

  #emptyMs(bytes: number, bytesPerMs: number): number {
    const longer = bytes - this.cells[PathCell.Fastest + FastestCell.Bytes]!;
    // Of one size alone nobody knows what a shorter packet would take: no longer.
    if (longer < 0 && !this.#isSlopeKnown) return this.leastMs;
    return this.leastMs + this.#msPerByte(bytesPerMs) * longer;
  }

  get #spreadBytes(): number {
    return (
      this.cells[PathCell.FastestLarge + FastestCell.Bytes]! -
      this.cells[PathCell.Fastest + FastestCell.Bytes]!
    );
  }

  get #isSlopeKnown(): boolean {
    const isWide = this.#spreadBytes > LEAST_SPREAD_BYTES;
    return isWide && this.cells[PathCell.FastestLarge + FastestCell.Ms]! < Number.POSITIVE_INFINITY;
  }

  /** What a byte more takes. Never more than at our own rate, and so much while the slope is not known. */
  #msPerByte(bytesPerMs: number): number {
    if (!this.#isSlopeKnown) return 1 / bytesPerMs;
    const slope = (this.cells[PathCell.FastestLarge + FastestCell.Ms]! - this.leastMs) / this.#spreadBytes;
    return Math.min(1 / bytesPerMs, slope);
  }

  #turnBuckets(nowMs: number): void {
    const cells = this.cells;
    const from = cells[PathCell.Bucket]!;
    const to = (from + 1) % BUCKETS;
    cells[PathCell.BucketAtMs] = nowMs;
    cells[PathCell.Bucket] = to;
    turnFastest(cells, PathCell.Fastest, PathCell.Buckets, from, to);
    turnFastest(cells, PathCell.FastestLarge, PathCell.LargeBuckets, from, to);
  }
}
