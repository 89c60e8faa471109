import type { Connection } from "../src/net/connection/connection.ts";
import { SNAP_TICKS, TickClock } from "./tick-clock.ts";

/** After a pause of the process, ticks are skipped rather than played in one breath. */
const MAX_CATCH_UP_TICKS = 4;

/** Which ticks a client plays, and when: by a clock that follows what the server says of its inputs. */
export class TickPlayer {
  /** The tick that is played next. */
  nextTick = 0;
  readonly #connection: Connection;
  #clock: TickClock | undefined;
  /** The newest input whose lead was looked at. */
  #heardInputTick = -1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** When the next tick is due; undefined before the first round trip. */
  get dueMs(): number | undefined {
    return this.#clock?.dueMs(this.nextTick);
  }

  /** Nobody knows how long the server stood still, or we did: begins anew where the server is then. */
  restart(): void {
    this.#clock = undefined;
  }

  /** Calls `onTick` for each tick that is due. True when there was one. */
  play(nowMs: number, tickRate: number, onTick: (tick: number) => void): boolean {
    const connection = this.#connection;
    const rttMs = connection.acks.rtt.smoothedMs;
    if (this.#clock === undefined) {
      // The first round trip tells how far ahead to play.
      if (rttMs === undefined) return false;
      this.#clock = new TickClock(tickRate);
      const serverTick = connection.tick + ((nowMs - connection.tickAtMs) * tickRate) / 1000;
      this.#clock.start(serverTick, rttMs, nowMs);
      this.#playFrom(Math.floor(this.#clock.tickAt(nowMs)));
    } else if (this.#hasFreshLead(this.#clock, nowMs)) {
      this.#clock.hear(connection.inputLead, rttMs ?? 0, nowMs);
    }
    const behind = Math.floor(this.#clock.tickAt(nowMs)) - this.nextTick;
    if (-behind > SNAP_TICKS) this.#playFrom(this.nextTick + behind + 1);
    if (behind >= MAX_CATCH_UP_TICKS) this.nextTick += behind - MAX_CATCH_UP_TICKS + 1;
    let played = false;
    // The due times decide, as they do for `dueMs`: a quotient may round to just below the tick that is due.
    for (; this.#clock.dueMs(this.nextTick) <= nowMs; this.nextTick += 1) {
      onTick(this.nextTick);
      played = true;
    }
    return played;
  }

  /**
   * Plays on from `tick`, which may have been played before: the server stood still meanwhile, and what came then for
   * its ticks was too early. What was acked of those says nothing of these.
   */
  #playFrom(tick: number): void {
    if (tick < this.nextTick) {
      this.#connection.acks.forgetInputs();
      this.#heardInputTick = -1;
    }
    this.nextTick = tick;
  }

  /**
   * True when the server has just confirmed an input of a moment ago. Any other lead tells of a network that lost
   * inputs, not of a clock that is late: following it through an outage of the way up, the clock would run ahead
   * until all inputs are too early for good.
   */
  #hasFreshLead(clock: TickClock, nowMs: number): boolean {
    const { acks } = this.#connection;
    if (acks.ackedInputTick <= this.#heardInputTick) return false;
    this.#heardInputTick = acks.ackedInputTick;
    return nowMs - clock.dueMs(acks.ackedInputTick) <= acks.lostAfterMs();
  }
}
