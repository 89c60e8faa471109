/**
 * A client's idea of the tick it plays: far enough ahead of the server that its inputs are there before their
 * tick runs, and no further.
 *
 * Inputs are to arrive one tick before theirs runs, sooner by what the way's jitter takes. The clock drifts to where
 * that is so, a little each moment; it jumps only when it is hopelessly off, or when all that it sends comes too late.
 */
import type { InputArrival } from "../src/net/channel/input-arrival.ts";
import { LeadMeter } from "./lead-meter.ts";

/** For the way through the server's loop, and for one resend. */
const LEAD_TICKS = 1;
/** Beside it, so often the jitter. */
const LEAD_JITTERS = 2;
/** Where packets get lost, a resend still has so much to spare. */
const RESENT_SPARE_TICKS = 0.25;
/** Before much is known. */
const FIRST_LEAD_TICKS = 2;
const FIRST_INPUTS = 8;
/** More would have to be predicted than is worth it. */
const MAX_LEAD_TICKS = 8;
/** Off by more than this, the clock jumps: slewing would take seconds. */
export const SNAP_TICKS = 10;
/** So many late inputs in a row, and the clock jumps as far as it has to: they are lost anyway. */
const STARVED_INPUTS = 3;
/** So many reports after a late input the clock still hurries. */
const STARVED_REPORTS = 30;
/** Share of real time by which the clock may run fast or slow. */
const SLEW_RATIO = 0.02;
/** The same while inputs come late. */
const STARVED_SLEW_RATIO = 0.05;
/** The same when more than a tick too much is predicted. */
const AHEAD_SLEW_RATIO = 0.08;
/** What is left to correct takes so long, so that the clock comes to rest. */
const SETTLE_MS = 250;

export class TickClock {
  readonly tickMs: number;
  readonly #inputDelayMs: number;
  readonly #meter: LeadMeter;
  /** When tick 0 would have been. */
  #originMs = 0;
  #adjustedAtMs = 0;
  /** Newest inputs in a row that this clock would have sent too late. */
  #lateInputs = 0;
  #reportsSinceLate = STARVED_REPORTS;

  /** Inputs are for the tick `inputDelayTicks` later than the one that is played when they leave. */
  constructor(tickRate: number, inputDelayTicks = 0) {
    this.tickMs = 1000 / tickRate;
    this.#inputDelayMs = inputDelayTicks * this.tickMs;
    this.#meter = new LeadMeter(this.tickMs);
  }

  /** Begins where an input that leaves now is in time: state `serverTick` came at `atMs`. */
  start(serverTick: number, atMs: number, rttMs: number, nowMs: number): void {
    this.#originMs = this.#originFor(atMs - rttMs - (serverTick - 1) * this.tickMs);
    this.#adjustedAtMs = nowMs;
  }

  /** When tick `tick` is to be played. */
  dueMs(tick: number): number {
    return this.#originMs + tick * this.tickMs;
  }

  /** The tick to play at `nowMs`, with fractions. */
  tickAt(nowMs: number): number {
    return (nowMs - this.#originMs) / this.tickMs;
  }

  /** How long before its tick an input is to arrive. */
  get wantedLeadMs(): number {
    const { jitterMs, resentMs, seesLoss, count } = this.#meter;
    if (count < FIRST_INPUTS) return FIRST_LEAD_TICKS * this.tickMs;
    const lossMs = seesLoss ? Math.max(resentMs, RESENT_SPARE_TICKS * this.tickMs) : 0;
    const wantedMs = LEAD_TICKS * this.tickMs + Math.max(LEAD_JITTERS * jitterMs, lossMs);
    return Math.min(wantedMs, MAX_LEAD_TICKS * this.tickMs);
  }

  /** How long before their tick inputs arrive, as was heard last. */
  get leadMs(): number {
    return this.#meter.spareMs;
  }

  /** How much later than usual inputs arrive. */
  get jitterMs(): number {
    return this.#meter.jitterMs;
  }

  /** Tick `playedTick` is played now, and the input of `tick` leaves. */
  sent(tick: number, playedTick: number, nowMs: number): void {
    this.#meter.sent(tick, this.dueMs(playedTick), nowMs);
  }

  /** The ticks from here on are played again. */
  forgetInputs(): void {
    this.#meter.forgetInputs();
  }

  /** Takes what an ack says of inputs; it came with state `stateTick` and the lead at its tick. */
  hear(arrival: InputArrival, stateTick: number, leadTicks: number): void {
    const meter = this.#meter;
    if (!meter.hear(arrival, stateTick, leadTicks)) return;
    const isLate = meter.newestDeadlineMs < this.#originMs - this.#inputDelayMs;
    this.#lateInputs = isLate ? this.#lateInputs + 1 : 0;
    this.#reportsSinceLate = isLate || meter.spareMs < 0 ? 0 : this.#reportsSinceLate + 1;
    const isStarved = this.#lateInputs >= STARVED_INPUTS;
    if (isStarved) meter.keepNewest(STARVED_INPUTS);
    const wantedMs = this.#originFor(meter.deadlineMs);
    const offMs = wantedMs - this.#originMs;
    if ((isStarved && offMs < 0) || Math.abs(offMs) > SNAP_TICKS * this.tickMs) {
      this.#originMs = wantedMs;
      this.#lateInputs = 0;
    }
  }

  /** Drifts on until now. */
  pass(nowMs: number): void {
    const elapsedMs = Math.min(nowMs - this.#adjustedAtMs, 1000);
    this.#adjustedAtMs = nowMs;
    if (this.#meter.count === 0) return;
    const offMs = this.#originFor(this.#meter.deadlineMs) - this.#originMs;
    const mostMs = elapsedMs * this.#slewRatio(offMs);
    const shiftMs = offMs * Math.min(1, elapsedMs / SETTLE_MS);
    this.#originMs += Math.max(-mostMs, Math.min(mostMs, shiftMs));
  }

  #slewRatio(offMs: number): number {
    if (offMs > this.tickMs) return AHEAD_SLEW_RATIO;
    return offMs < 0 && this.#reportsSinceLate < STARVED_REPORTS ? STARVED_SLEW_RATIO : SLEW_RATIO;
  }

  #originFor(deadlineMs: number): number {
    return deadlineMs + this.#inputDelayMs - this.wantedLeadMs;
  }
}
