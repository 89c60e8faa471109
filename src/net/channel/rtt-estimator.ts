import { PathCell } from "../congestion/path-cells.ts";
import { PathPart } from "../congestion/path-part.ts";
import { MAX_ACK_DELAY_MS } from "../wire/limits.ts";

/** Smoothed round trip and its variation (RFC 6298 §2), fed with one sample per packet that answers. */
export class RttEstimator extends PathPart {
  /** Knows nothing again. */
  clear(): void {
    this.cells[PathCell.SmoothedRttMs] = UNKNOWN_MS;
    this.cells[PathCell.RttVariationMs] = 0;
    this.cells[PathCell.LeastRttMs] = Number.POSITIVE_INFINITY;
    this.cells[PathCell.PeerAckDelayMs] = 0;
  }

  /** Milliseconds; undefined before the first sample. */
  get smoothedMs(): number | undefined {
    const ms = this.cells[PathCell.SmoothedRttMs]!;
    return ms === UNKNOWN_MS ? undefined : ms;
  }

  get variationMs(): number {
    return this.cells[PathCell.RttVariationMs]!;
  }

  get minMs(): number {
    return this.cells[PathCell.LeastRttMs]!;
  }

  set minMs(ms: number) {
    this.cells[PathCell.LeastRttMs] = ms;
  }

  /** The longest the peer has held an ack of late: it answers when its tick comes round, not at once. */
  get peerAckDelayMs(): number {
    return this.cells[PathCell.PeerAckDelayMs]!;
  }

  /** `sampleMs` is from send to the ack's arrival; `ackDelayMs` is how long the peer held the ack. */
  add(sampleMs: number, ackDelayMs: number): void {
    const cells = this.cells;
    const { SmoothedRttMs, RttVariationMs, LeastRttMs, PeerAckDelayMs } = PathCell;
    const isKnown = cells[SmoothedRttMs] !== UNKNOWN_MS;
    // Longer than the wire can say, of a peer that used to answer at once: an outage lay between, not a longer path.
    const isOutage = ackDelayMs >= MAX_ACK_DELAY_MS && cells[PeerAckDelayMs]! < 64;
    const minMs = Math.min(cells[LeastRttMs]!, sampleMs);
    cells[LeastRttMs] = minMs;
    cells[PeerAckDelayMs] = Math.max(ackDelayMs, cells[PeerAckDelayMs]! * ACK_DELAY_FADE);
    if (isOutage && isKnown) return;
    // A peer that overstates its delay must not make the path look shorter than it ever was (RFC 9002 §5.3).
    const rttMs = sampleMs - ackDelayMs >= minMs ? sampleMs - ackDelayMs : sampleMs;
    if (!isKnown) {
      cells[SmoothedRttMs] = rttMs;
      cells[RttVariationMs] = rttMs / 2;
      return;
    }
    const smoothedMs = cells[SmoothedRttMs]!;
    cells[RttVariationMs]! += (Math.abs(smoothedMs - rttMs) - cells[RttVariationMs]!) / 4;
    cells[SmoothedRttMs] = smoothedMs + (rttMs - smoothedMs) / 8;
  }

  /**
   * Silence after which a packet counts as lost: never shorter than the path's own round trip, the time the peer
   * takes to answer, and the tick in which we would notice.
   */
  lostAfterMs(tickMs: number): number {
    const { smoothedMs } = this;
    if (smoothedMs === undefined) return INITIAL_LOST_AFTER_MS;
    const pathMs = Math.max(1.25 * smoothedMs, smoothedMs + 4 * this.variationMs);
    return pathMs + this.peerAckDelayMs + tickMs;
  }

  /** Time in which an answer comes unless something was lost (RFC 9002 §6.2.1), and `tickMs` in which we would notice. */
  answerWithinMs(tickMs: number): number {
    const { smoothedMs } = this;
    if (smoothedMs === undefined) return INITIAL_LOST_AFTER_MS;
    return smoothedMs + Math.max(4 * this.variationMs, tickMs) + this.peerAckDelayMs;
  }
}

const UNKNOWN_MS = Number.POSITIVE_INFINITY;
/** A hundred answers without the like make a long delay a thing of the past. */
const ACK_DELAY_FADE = 0.99;
/** Before anything is known: about one trip around the world. */
const INITIAL_LOST_AFTER_MS = 333;
