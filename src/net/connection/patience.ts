/** How long something may wait that no packet has room for. Past that it leaves with one that cannot wait. */
export class Patience {
  readonly #mostMs: number;
  #sinceMs = 0;

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** It can leave, or there is nothing. */
  renew(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  isOver(nowMs: number): boolean {
    return nowMs - this.#sinceMs > this.#mostMs;
  }
}
