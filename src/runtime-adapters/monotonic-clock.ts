import type { Clock } from "../net/ports/clock.ts";

/** The process's own clock: never goes back, and knows fractions of a millisecond on all three runtimes. */
export class MonotonicClock implements Clock {
  nowMs(): number {
    return performance.now();
  }
}
