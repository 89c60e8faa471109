/** A share of fewer packets is chance. */
const LEAST_LOSS_PACKETS = 32;
const LOSS_EPOCH_PACKETS = 64;
const LOSS_EPOCH_MS = 1_000;
/** Of drains; older ones count half. */
const MOST_DRAIN_PACKETS = 128;
const LOSS_EPOCHS = 12;
/** This much more than usual is no radio: someone drops what is too much. */
const HEAVY_LOSS_RATIO = 0.1;

/**
 * Tells loss that we cause from loss that is just there. A radio loses what it loses at any rate; a policer, or a
 * buffer too short to show as delay, loses what is too much. So only loss far above the least of late counts.
 */
export class LossExcess {
  /** The share lost in each of the last epochs. */
  readonly #epochs: number[] = [];
  #usual = 0;
  #packets = 0;
  #lost = 0;
  #sinceMs = 0;
  #recentPackets = 0;
  #recentLost = 0;
  #drainPackets = 0;
  #drainLost = 0;

  /** `inDrain`: sent while the rate was halved. What is lost then is not too much, so it tells what is usual best. */
  note(isLost: boolean, inDrain: boolean, nowMs: number): void {
    const lost = isLost ? 1 : 0;
    if (inDrain) {
      this.#drainPackets += 1;
      this.#drainLost += lost;
      if (this.#drainPackets >= MOST_DRAIN_PACKETS) {
        this.#drainPackets /= 2;
        this.#drainLost /= 2;
      }
      return;
    }
    this.#recentPackets += 1;
    this.#recentLost += lost;
    this.#packets += 1;
    this.#lost += lost;
    if (this.#packets < LOSS_EPOCH_PACKETS || nowMs - this.#sinceMs < LOSS_EPOCH_MS) return;
    this.#epochs.push(this.#lost / this.#packets);
    if (this.#epochs.length > LOSS_EPOCHS) this.#epochs.shift();
    this.#usual = Math.min(...this.#epochs);
    this.#packets = 0;
    this.#lost = 0;
    this.#sinceMs = nowMs;
  }

  get #usualRatio(): number {
    if (this.#drainPackets < LEAST_LOSS_PACKETS) return this.#usual;
    return Math.min(this.#usual, this.#drainLost / this.#drainPackets);
  }

  /** The share lost since it was last asked with enough packets to tell, over what is usual; 0 unless heavy. */
  take(): number {
    if (this.#recentPackets < LEAST_LOSS_PACKETS) return 0;
    const excess = this.#recentLost / this.#recentPackets - this.#usualRatio;
    const heavy = HEAVY_LOSS_RATIO + 1 / Math.sqrt(this.#recentPackets); // two standard deviations of chance at most
    this.#recentPackets = 0;
    this.#recentLost = 0;
    return excess > heavy ? excess : 0;
  }
}
