import type { Clock } from "../../src/net/ports/clock.ts";
import { TimeHistogram } from "./time-histogram.ts";

const EVERY_MS = 20;

/** Watches how late this process's own event loop is: a harness that is late measures itself. */
export class LoopWatch {
  readonly #clock: Clock;
  #late = new TimeHistogram();
  #dueMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    this.#arm(this.#clock.nowMs());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** What was recorded since the last call. */
  take(): TimeHistogram {
    const taken = this.#late;
    this.#late = new TimeHistogram();
    return taken;
  }

  #arm(nowMs: number): void {
    this.#dueMs = nowMs + EVERY_MS;
    this.#timer = setTimeout(this.#onTimer, EVERY_MS);
  }

  readonly #onTimer = (): void => {
    const nowMs = this.#clock.nowMs();
    // Open too: while the loop stood still, more of these were due.
    for (let dueMs = this.#dueMs; dueMs <= nowMs; dueMs += EVERY_MS) this.#late.record(nowMs - dueMs);
    if (nowMs < this.#dueMs) this.#late.record(0);
    this.#arm(nowMs);
  };
}
