/**
 * Measures from acks when inputs have to leave to be in time.
 *
 * The server sends state S right after it ran tick S − 1, and runs tick S one tick later. So an input of tick T whose
 * packet came D ms before the packet with state S left was there (T − S + 1) ticks + D ms before its tick ran, and
 * might have left so much later. That moment, less T ticks, is its *deadline*: when tick 0 would have had to leave.
 * It hangs on the server's clock and the way up alone, and not on how far ahead we play. So a correction of our clock
 * spoils no measurement, and nothing has to be waited for after one.
 */
import type { InputArrival } from "../src/net/channel/input-arrival.ts";
import { MAX_ACK_DELAY_MS, MAX_INPUT_LEAD_TICKS } from "../src/net/wire/limits.ts";
import { SortedWindow } from "./sorted-window.ts";

/** So many reports in a row that left late, and it is not the path: the server takes longer for a tick than it lasts. */
const SLOW_REPORTS = 8;
/** The usual way is the middle of so many: half of them show that it has changed. */
const USUAL_OF_INPUTS = 9;
/** So long jitter is remembered: some seventeen seconds at 30 Hz. The shares below hang on few of them. */
const JITTER_OF_INPUTS = 512;
const JITTER_SHARE = 0.95;
/** Beside jitter, what so many of all inputs need that are lost and sent again. */
const RESENT_SHARE = 0.985;
/** A hole of so many inputs is an outage, which no lead could bridge. */
const OUTAGE_INPUTS = 10;
/** The wire tells delays in whole milliseconds. */
const DELAY_STEP_MS = 1;
/** Inputs in flight whose moment is remembered; a power of two. */
const REMEMBERED_INPUTS = 256;

export class LeadMeter {
  /** How long the newest input was there before its tick ran, ms; negative: it was late. */
  spareMs = 0;
  /** Its deadline. */
  newestDeadlineMs = 0;
  readonly #tickMs: number;
  readonly #deadlines = new SortedWindow(USUAL_OF_INPUTS);
  /** How much later than usual packets came; 0 for those that came sooner. */
  readonly #packetsLate = new SortedWindow(JITTER_OF_INPUTS);
  /** The same of inputs, which may have come with a later packet than their own. */
  readonly #inputsLate = new SortedWindow(JITTER_OF_INPUTS);
  readonly #dueMs = new Float64Array(REMEMBERED_INPUTS);
  /** When they were played: those of one moment left with one packet. */
  readonly #playedMs = new Float64Array(REMEMBERED_INPUTS);
  #newestTick = -1;
  /** Reports of packets that left later than their tick ran. */
  #lateInRow = 0;
  /** The state that came with the newest ack of an input. */
  #stateTick = 0;
  /** Heard inputs since the last one whose packet was lost. */
  #sinceLoss = Number.POSITIVE_INFINITY;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  /** How many of the last inputs told where the usual deadline is. */
  get count(): number {
    return this.#deadlines.count;
  }

  /** The usual deadline, on the client's clock. */
  get deadlineMs(): number {
    return this.#deadlines.quantile(0.5);
  }

  /** How much later than usual packets come, all but one of twenty. */
  get jitterMs(): number {
    return this.#packetsLate.quantile(JITTER_SHARE);
  }

  /** The same of inputs, those counted in that were lost and sent again, all but three of two hundred. */
  get resentMs(): number {
    return this.#inputsLate.quantile(RESENT_SHARE);
  }

  /** True when a packet with inputs was lost of late. */
  get seesLoss(): boolean {
    return this.#sinceLoss < JITTER_OF_INPUTS;
  }

  /** Input of `tick` was to leave at `dueMs`, and does so now. */
  sent(tick: number, dueMs: number, nowMs: number): void {
    this.#dueMs[tick % REMEMBERED_INPUTS] = dueMs;
    this.#playedMs[tick % REMEMBERED_INPUTS] = nowMs;
  }

  /** The ticks from here on will be played again. */
  forgetInputs(): void {
    this.#newestTick = -1;
  }

  /** The way has changed: only the newest inputs tell of it. */
  keepNewest(count: number): void {
    this.#deadlines.keepNewest(count);
  }

  /** Takes what came with state `stateTick` and the lead at its tick. False if it says nothing new. */
  hear({ newestTick, delayMs, cameBits }: InputArrival, stateTick: number, leadTicks: number): boolean {
    if (newestTick <= this.#newestTick) return false;
    const hole = this.#newestTick < 0 ? 0 : newestTick - this.#newestTick - 1;
    this.#newestTick = newestTick;
    // A packet that a narrow path held back left after its tick: then the delay does not tell when its input came.
    const cameLater = leadTicks < MAX_INPUT_LEAD_TICKS && newestTick - stateTick > leadTicks;
    const leftLate = delayMs > this.#tickMs + DELAY_STEP_MS || delayMs >= MAX_ACK_DELAY_MS;
    this.#lateInRow = leftLate ? this.#lateInRow + 1 : 0;
    const isSlow = this.#lateInRow >= SLOW_REPORTS;
    if (cameLater || (leftLate && !isSlow)) return false;
    // Of a slow server only this is known: its input came before the tick ran.
    const waitedMs = isSlow ? 0 : Math.min(delayMs, this.#tickMs);
    const arrivedMs = waitedMs - (stateTick - 1) * this.#tickMs;
    const deadlineMs = this.#dueOf(newestTick) + arrivedMs;
    this.spareMs = deadlineMs + newestTick * this.#tickMs - this.#dueOf(newestTick);
    this.newestDeadlineMs = deadlineMs;
    this.#deadlines.add(deadlineMs);
    const usualMs = this.deadlineMs;
    const lateMs = Math.max(0, usualMs - deadlineMs);
    this.#packetsLate.add(lateMs);
    this.#inputsLate.add(lateMs);
    this.#sinceLoss += 1;
    const sinceMs = (stateTick - this.#stateTick) * this.#tickMs - waitedMs;
    this.#stateTick = stateTick;
    this.#hearHole(newestTick, Math.min(hole, 32), cameBits, usualMs - arrivedMs, sinceMs);
    return true;
  }

  /**
   * The `hole` ticks before `newestTick` that no ack told of before. Those whose packets were lost came with its own;
   * the others came at most `sinceMs` sooner.
   */
  #hearHole(newestTick: number, hole: number, cameBits: number, usualDueMs: number, sinceMs: number): void {
    let lost = 0;
    for (let i = 0; i < hole; i += 1) if (this.#isLost(newestTick - 1 - i, cameBits & (1 << i))) lost += 1;
    if (lost >= OUTAGE_INPUTS) return;
    if (lost > 0) this.#sinceLoss = 0;
    // What is lost comes with the next packet that is not: that of the newest one, unless another of these came before.
    let carrierDueMs = Number.NaN;
    let carrierLateMs = 0;
    for (let i = 0; i < hole; i += 1) {
      const tick = newestTick - 1 - i;
      const isLost = this.#isLost(tick, cameBits & (1 << i));
      const dueMs = this.#dueOf(tick);
      const isCarried = isLost && !Number.isNaN(carrierDueMs);
      const lateMs = isCarried
        ? carrierLateMs + carrierDueMs - dueMs
        : usualDueMs - dueMs - (isLost ? 0 : sinceMs);
      if (!isLost) {
        carrierDueMs = dueMs;
        carrierLateMs = Math.max(0, lateMs);
      }
      // When exactly a packet came that was not the last one is not known. It tells of jitter if it was late for sure.
      if (!isLost && lateMs <= 0) continue;
      this.#inputsLate.add(Math.max(0, lateMs));
      if (!isLost) this.#packetsLate.add(lateMs);
    }
  }

  /** An input that left with the packet of the next one had none of its own to lose. */
  #isLost(tick: number, came: number): boolean {
    const at = tick % REMEMBERED_INPUTS;
    return came === 0 && this.#playedMs[at] !== this.#playedMs[(at + 1) % REMEMBERED_INPUTS];
  }

  #dueOf(tick: number): number {
    return this.#dueMs[tick % REMEMBERED_INPUTS]!;
  }
}
