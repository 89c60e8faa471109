import type { Clock } from "../net/ports/clock.ts";
import type { Ticker } from "../net/ports/ticker.ts";

/** Timers take a longer delay for 1 ms. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/**
 * Wakes by a plain timer, a millisecond or so late. For clients, which play ahead of the server anyway: the
 * precise ticker's price, an event loop that stands still for a moment, is not worth paying a hundred times.
 */
export class TimerTicker implements Ticker {
  readonly #clock: Clock;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wakeAt(dueMs: number, onWake: () => void): void {
    clearTimeout(this.#timer);
    const delayMs = Math.ceil(dueMs - this.#clock.nowMs());
    this.#timer = setTimeout(onWake, Math.max(0, Math.min(delayMs, LONGEST_TIMER_MS)));
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
