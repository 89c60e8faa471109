import { MAX_ACK_DELAY_MS } from "../wire/limits.ts";

/** Smoothed round trip and its variation (RFC 6298 §2), fed with one sample per packet that answers. */
export class RttEstimator {
  /** Milliseconds; undefined before the first sample. */
  smoothedMs: number | undefined = undefined;
  variationMs = 0;
  minMs: number = Number.POSITIVE_INFINITY;
  /** The longest the peer has held an ack of late: it answers when its tick comes round, not at once. */
  peerAckDelayMs = 0;

  /** Knows nothing again. */
  reset(): void {
    this.smoothedMs = undefined;
    this.variationMs = 0;
    this.minMs = Number.POSITIVE_INFINITY;
    this.peerAckDelayMs = 0;
  }

  /** `sampleMs` is from send to the ack's arrival; `ackDelayMs` is how long the peer held the ack. */
  add(sampleMs: number, ackDelayMs: number): void {
    // Longer than the wire can say, of a peer that used to answer at once: an outage lay between, not a longer path.
    const isOutage = ackDelayMs >= MAX_ACK_DELAY_MS && this.peerAckDelayMs < 64;
    this.minMs = Math.min(this.minMs, sampleMs);
    this.peerAckDelayMs = Math.max(ackDelayMs, this.peerAckDelayMs * ACK_DELAY_FADE);
    if (isOutage && this.smoothedMs !== undefined) return;
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

  /**
   * Silence after which a packet counts as lost: never shorter than the path's own round trip, the time the peer
   * takes to answer, and the tick in which we would notice.
   */
  lostAfterMs(tickMs: number): number {
    if (this.smoothedMs === undefined) return INITIAL_LOST_AFTER_MS;
    const pathMs = Math.max(1.25 * this.smoothedMs, this.smoothedMs + 4 * this.variationMs);
    return pathMs + this.peerAckDelayMs + tickMs;
  }

  /** Time in which an answer comes unless something was lost (RFC 9002 §6.2.1), and `tickMs` in which we would notice. */
  answerWithinMs(tickMs: number): number {
    if (this.smoothedMs === undefined) return INITIAL_LOST_AFTER_MS;
    return this.smoothedMs + Math.max(4 * this.variationMs, tickMs) + this.peerAckDelayMs;
  }
}

/** A hundred answers without the like make a long delay a thing of the past. */
const ACK_DELAY_FADE = 0.99;
/** Before anything is known: about one trip around the world. */
const INITIAL_LOST_AFTER_MS = 333;
