import type { Connection } from "../src/net/connection/connection.ts";
import { SNAP_TICKS, TickClock } from "./tick-clock.ts";

/** After a pause of the process, ticks are skipped rather than played in one breath. */
const MAX_CATCH_UP_TICKS = 4;

/**
 * Further ahead of where the server must be by now than any lead takes one, it is the server that got slower, or stood
 * still; half of what it keeps of inputs to come, for what is beyond that it takes none, and says nothing of them.
 */
const RUNAWAY_TICKS = 32;

/** Which ticks a client plays, and when: by a clock that follows what the server says of its inputs. */
export class TickPlayer {
  /** The tick that is played next. */
  nextTick = 0;
  readonly #connection: Connection;
  readonly #inputDelayTicks: number;
  #clock: TickClock | undefined;

  /** What is put in while a tick is played is the input of the one `inputDelayTicks` later. */
  constructor(connection: Connection, inputDelayTicks = 0) {
    this.#connection = connection;
    this.#inputDelayTicks = inputDelayTicks;
  }

  /** When the next tick is due; undefined before the first round trip. */
  get dueMs(): number | undefined {
    return this.#clock?.dueMs(this.nextTick);
  }

  /** What there is of it once the first tick was played; see `TickClock`. */
  get clock(): Pick<TickClock, "leadMs" | "wantedLeadMs" | "jitterMs" | "tickMs"> | undefined {
    return this.#clock;
  }

  /** Nobody knows how long the server stood still, or we did: begins anew where the server is then. */
  restart(): void {
    this.#clock = undefined;
  }

  /** After each packet: takes what it says of our inputs, while its tick is the connection's. */
  hear(): void {
    const { acks, tick, inputLead } = this.#connection;
    this.#clock?.hear(acks.inputArrival, tick, inputLead);
  }

  /** Calls `onTick` for each tick that is due, with when it was. True when there was one. */
  play(nowMs: number, tickRate: number, onTick: (tick: number, dueMs: number) => void): boolean {
    const connection = this.#connection;
    const rttMs = connection.acks.rtt.smoothedMs;
    if (this.#hasRunAway(nowMs)) this.restart();
    if (this.#clock === undefined) {
      // The first round trip tells how far ahead to play.
      if (rttMs === undefined) return false;
      this.#clock = new TickClock(tickRate, this.#inputDelayTicks);
      this.#clock.start(connection.tick, connection.tickAtMs, rttMs, nowMs);
      this.#playFrom(Math.floor(this.#clock.tickAt(nowMs)));
    } else {
      this.#clock.pass(nowMs);
    }
    const clock = this.#clock;
    const behind = Math.floor(clock.tickAt(nowMs)) - this.nextTick;
    if (-behind > SNAP_TICKS) this.#playFrom(this.nextTick + behind + 1);
    if (behind >= MAX_CATCH_UP_TICKS) this.nextTick += behind - MAX_CATCH_UP_TICKS + 1;
    let played = false;
    // The due times decide, as they do for `dueMs`: a quotient may round to just below the tick that is due.
    for (; clock.dueMs(this.nextTick) <= nowMs; this.nextTick += 1) {
      clock.sent(this.nextTick + this.#inputDelayTicks, this.nextTick, nowMs);
      onTick(this.nextTick, clock.dueMs(this.nextTick));
      played = true;
    }
    return played;
  }

  #hasRunAway(nowMs: number): boolean {
    if (this.#clock === undefined) return false;
    const { acks, tick, tickAtMs } = this.#connection;
    const sinceMs = nowMs - tickAtMs + (acks.rtt.smoothedMs ?? 0);
    return this.#clock.tickAt(nowMs) - tick - sinceMs / this.#clock.tickMs > RUNAWAY_TICKS;
  }

  /**
   * Plays on from `tick`, which may have been played before: the server stood still meanwhile, and what came then for
   * its ticks was too early. What was acked of those says nothing of these.
   */
  #playFrom(tick: number): void {
    if (tick < this.nextTick) {
      this.#connection.acks.forgetInputs();
      this.#clock?.forgetInputs();
    }
    this.nextTick = tick;
  }
}
