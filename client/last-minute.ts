const SECONDS = 60;

/** How often something happened within the last minute: by whole seconds, the present one included. */
export class LastMinute {
  readonly #counts = new Float64Array(SECONDS);
  #second = 0;

  add(count: number, nowMs: number): void {
    this.#passTo(nowMs);
    this.#counts[this.#second % SECONDS]! += count;
  }

  sum(nowMs: number): number {
    this.#passTo(nowMs);
    let sum = 0;
    for (const count of this.#counts) sum += count;
    return sum;
  }

  #passTo(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    for (let passed = Math.max(this.#second, second - SECONDS) + 1; passed <= second; passed += 1) {
      this.#counts[passed % SECONDS] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
