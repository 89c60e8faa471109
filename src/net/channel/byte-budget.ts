/** What a channel may send: so many bytes a second on average. One packet may overdraw it; then it waits. */

/** What was not used may be used at once later, up to so much of a second… */
const BURST_SECONDS = 0.25;
/** …and never less than two packets. */
const LEAST_BURST_BYTES = 2_400;

export class ByteBudget {
  readonly #perMs: number;
  readonly #burst: number;
  #level = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(bytesPerSecond: number) {
    this.#perMs = bytesPerSecond / 1000;
    this.#burst = Math.max(LEAST_BURST_BYTES, bytesPerSecond * BURST_SECONDS);
    this.#level = this.#burst;
  }

  allows(nowMs: number): boolean {
    if (this.#perMs === Number.POSITIVE_INFINITY) return true;
    if (nowMs > this.#atMs) {
      this.#level = Math.min(this.#burst, this.#level + (nowMs - this.#atMs) * this.#perMs);
      this.#atMs = nowMs;
    }
    return this.#level > 0;
  }

  spend(bytes: number): void {
    this.#level -= bytes;
  }
}
