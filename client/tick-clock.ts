/**
 * A client's idea of the tick it plays: far enough ahead of the server that its inputs are there before their
 * tick runs, and no further.
 *
 * The server says with every packet how many ticks early the inputs arrive; the clock drifts towards the target
 * a little each tick, and jumps only when it is hopelessly off.
 */

/** Early by this much: one tick for the way through the server's loop, one for jitter. */
const TARGET_LEAD_TICKS = 2;
/** Off by more than this, the clock jumps: slewing would take seconds. */
export const SNAP_TICKS = 10;
/** Share of real time by which the clock may run fast or slow. Starved, it hurries. */
const SLEW_RATIO = 0.02;
const STARVED_SLEW_RATIO = 0.05;

export class TickClock {
  readonly #tickMs: number;
  /** When tick 0 would have been. */
  #originMs = 0;
  /** Words about the time before a jump are not worth listening to. */
  #deafUntilMs = 0;
  #adjustedAtMs = 0;

  constructor(tickRate: number) {
    this.#tickMs = 1000 / tickRate;
  }

  /** Sets the clock so far ahead of the server's tick that an input sent now is there, a round trip later, in time. */
  start(serverTick: number, rttMs: number, nowMs: number): void {
    this.#originMs = nowMs - rttMs - (serverTick + TARGET_LEAD_TICKS + 1) * this.#tickMs;
    this.#adjustedAtMs = nowMs;
    this.#deafUntilMs = nowMs + rttMs + 4 * this.#tickMs;
  }

  /** When tick `tick` is to be played. */
  dueMs(tick: number): number {
    return this.#originMs + tick * this.#tickMs;
  }

  /** The tick to play at `nowMs`, with fractions. */
  tickAt(nowMs: number): number {
    return (nowMs - this.#originMs) / this.#tickMs;
  }

  /** Takes the server's word about how early our inputs arrive; `rttMs` old. */
  hear(inputLeadTicks: number, rttMs: number, nowMs: number): void {
    const elapsedMs = Math.min(nowMs - this.#adjustedAtMs, 1000);
    this.#adjustedAtMs = nowMs;
    if (nowMs < this.#deafUntilMs) return;
    const lateTicks = TARGET_LEAD_TICKS - inputLeadTicks;
    if (Math.abs(lateTicks) > SNAP_TICKS) {
      this.#originMs -= lateTicks * this.#tickMs;
      this.#deafUntilMs = nowMs + rttMs + 4 * this.#tickMs;
      return;
    }
    const ratio = inputLeadTicks < 1 ? STARVED_SLEW_RATIO : SLEW_RATIO;
    const mostMs = elapsedMs * ratio;
    const wantedMs = lateTicks * this.#tickMs;
    this.#originMs -= Math.max(-mostMs, Math.min(mostMs, wantedMs));
  }
}
