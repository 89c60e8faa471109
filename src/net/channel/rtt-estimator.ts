/** Smoothed round trip and its variation (RFC 6298 §2), fed with one sample per packet that answers. */
export class RttEstimator {
  /** Milliseconds; undefined before the first sample. */
  smoothedMs: number | undefined = undefined;
  variationMs = 0;
  minMs: number = Number.POSITIVE_INFINITY;

  /** `sampleMs` is from send to the ack's arrival; `ackDelayMs` is how long the peer held the ack. */
  add(sampleMs: number, ackDelayMs: number): void {
    this.minMs = Math.min(this.minMs, sampleMs);
    // A peer that overstates its delay must not make the path look shorter than it ever was (RFC 9002 §5.3).
    const rttMs = sampleMs - ackDelayMs >= this.minMs ? sampleMs - ackDelayMs : sampleMs;
    if (this.smoothedMs === undefined) {
      this.smoothedMs = rttMs;
      this.variationMs = rttMs / 2;
      return;
    }
    this.variationMs += (Math.abs(this.smoothedMs - rttMs) - this.variationMs) / 4;
    this.smoothedMs += (rttMs - this.smoothedMs) / 8;
  }

  /** Silence after which a packet counts as lost: never shorter than the path's own round trip. */
  lostAfterMs(tickMs: number): number {
    if (this.smoothedMs === undefined) return INITIAL_LOST_AFTER_MS;
    return Math.max(1.25 * this.smoothedMs, this.smoothedMs + 4 * this.variationMs, tickMs);
  }
}

/** Before anything is known: about one trip around the world. */
const INITIAL_LOST_AFTER_MS = 333;
