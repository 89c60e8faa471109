/** So much per second on average, and so much at once. Starts full. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  /** Begins as a number, so that engines change it in place. */
  #level = 0;
  #atMs = 0;

  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#level = burst;
  }

  /** True, and paid for, when `amount` is there. */
  take(amount: number, nowMs: number): boolean {
    this.#level = Math.min(this.#burst, this.#level + Math.max(0, nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
    if (this.#level < amount) return false;
    this.#level -= amount;
    return true;
  }
}
