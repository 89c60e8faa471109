/** What arrives per time, smoothed over about a second. */
export class DeliveryMeter {
  bytesPerMs = 0;
  #bytes = 0;
  #sinceMs = 0;

  acked(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Once per loop. */
  measure(nowMs: number): void {
    const elapsedMs = nowMs - this.#sinceMs;
    if (elapsedMs <= 0) return;
    const weight = Math.min(1, elapsedMs / 1000);
    this.bytesPerMs += (this.#bytes / elapsedMs - this.bytesPerMs) * weight;
    this.#bytes = 0;
    this.#sinceMs = nowMs;
  }
}
