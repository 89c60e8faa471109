import type { Clock } from "../net/ports/clock.ts";

/** Time that passes only when told to: for simulations, where an hour takes seconds and repeats exactly. */
export class VirtualClock implements Clock {
  #nowMs: number;

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Goes to `nowMs`, never back: what a Clock promises. */
  advanceTo(nowMs: number): void {
    if (!(nowMs >= this.#nowMs)) throw new RangeError(`Time cannot go from ${this.#nowMs} to ${nowMs} ms`);
    this.#nowMs = nowMs;
  }
}
