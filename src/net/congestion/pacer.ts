/** Credit of so much time gathers while nothing is sent: what a turn is late may be made up for. */
const MAX_CREDIT_MS = 8;
/** And at least so much, which is a small packet. */
const LEAST_CREDIT_BYTES = 300;

/**
 * Spreads bytes over time. A packet may leave while there is credit, and may overdraw it; the debt is waited for.
 * So packets of any size leave whole, and the rate holds over all of them.
 */
export class Pacer {
  #creditBytes = LEAST_CREDIT_BYTES;
  #atMs = 0;

  /** Bytes that may still leave now; below 0 is debt. */
  creditBytes(bytesPerMs: number, nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    this.#creditBytes = Math.min(mostCredit(bytesPerMs), this.#creditBytes + elapsedMs * bytesPerMs);
    this.#atMs = nowMs;
    return this.#creditBytes;
  }

  /** What may leave now so that in `restMs` credit is full all the same. */
  spareBytes(bytesPerMs: number, restMs: number, nowMs: number): number {
    return this.creditBytes(bytesPerMs, nowMs) + restMs * bytesPerMs - mostCredit(bytesPerMs);
  }

  spend(bytes: number): void {
    this.#creditBytes -= bytes;
  }

  /** When the debt will be paid. */
  freeAtMs(bytesPerMs: number): number {
    return this.#creditBytes > 0 ? this.#atMs : this.#atMs + -this.#creditBytes / bytesPerMs;
  }
}

function mostCredit(bytesPerMs: number): number {
  return Math.max(LEAST_CREDIT_BYTES, bytesPerMs * MAX_CREDIT_MS);
}
