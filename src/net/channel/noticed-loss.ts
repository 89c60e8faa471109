/** Smoothed over about so many packets: four seconds at 30 Hz. */
const SMOOTHING_PACKETS = 128;
/** From so much on, loss is worth doing something about … */
const NOTICED_RATIO = 0.01;
/** … until it is less than this. One packet of 128 alone is chance. */
const FORGOTTEN_RATIO = 0.004;

/** Whether a direction loses packets, as its sender hears: not by one loss, and not changing its mind with each. */
export class NoticedLoss {
  isNoticed = false;
  #ratio = 0;

  /** One more packet is settled: 1 lost, 0 arrived. */
  note(lost: 0 | 1): void {
    this.#ratio += (lost - this.#ratio) / SMOOTHING_PACKETS;
    if (this.#ratio >= NOTICED_RATIO) this.isNoticed = true;
    else if (this.#ratio < FORGOTTEN_RATIO) this.isNoticed = false;
  }

  /** Another path: nothing is known of it. */
  reset(): void {
    this.#ratio = 0;
    this.isNoticed = false;
  }
}
