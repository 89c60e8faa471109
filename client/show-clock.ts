/**
 * Which moment of the server's game a client shows: a time in server ticks, with fractions, a little behind the newest
 * state, so that the states on both sides of it are there.
 *
 * How far behind is measured, not set: for each tick, how late it was known of. A tick whose packet was lost is known
 * of with the next, so loss counts as lateness. All but the latest few of the last hundred are waited for, and a tick on
 * top, from one state to the next. The rest are bridged: what flies straight goes on by itself, for a while.
 */

/** Ticks whose lateness is remembered. */
const REMEMBERED_TICKS = 128;
/** So many of them in a hundred are waited for. */
const IN_TIME_PERCENT = 95;
/** The quantile is taken anew each time so many ticks came. */
const RECKON_EVERY_TICKS = 8;
/** The shown time runs faster or slower by at most this … */
const MAX_SLEW_RATIO = 0.05;
/** … and by less when there is little to make up: so that it would take this long. */
const SLEW_OVER_MS = 500;
/**
 * Silence of this length, or such a change of latency, is no jitter: what was measured before counts no more. Off by
 * more, the shown time jumps forward, or waits.
 */
const SILENCE_MS = 250;
const LEAST_SILENCE_TICKS = 4;
/** What has waited in a socket comes all at once when a program wakes up: only the last of it tells the time. */
const WAKING_MS = 20;
/** So long the game goes on by itself when no states come; then it stands still. */
const MAX_EXTRAPOLATION_MS = 250;
const LEAST_EXTRAPOLATION_TICKS = 2;
/** Standing still for longer can be seen. */
const FREEZE_MS = 50;

export class ShowClock {
  /** The shown time in server ticks, −1 before the first state. It never goes back. */
  tick = -1;
  /** The newest tick that was heard of, −1 before the first. */
  newestTick = -1;
  /** How much time was shown, in ticks, of which no state had come. */
  extrapolatedTicks = 0;
  /** How often the shown time stood still for more than 50 ms. */
  freezes = 0;
  readonly #tickMs: number;
  readonly #silenceMs: number;
  readonly #maxExtrapolationTicks: number;
  /** When each tick was known of, less its time by count. Relative to the first, so that no precision is lost. */
  readonly #lateness = new Float64Array(REMEMBERED_TICKS);
  readonly #sorted = new Float64Array(REMEMBERED_TICKS);
  #count = 0;
  #unreckoned = 0;
  /** When tick 0 would have been known of at the very least, and in time mostly. */
  #leastMs = 0;
  #mostlyMs = 0;
  #originMs = 0;
  #heardAtMs = 0;
  #anewAtMs = Number.NEGATIVE_INFINITY;
  #shownAtMs = 0;
  /** Not a freeze before it ever moved. */
  #stillMs = Number.POSITIVE_INFINITY;
  /** It stands still until the time to show has come this far: at first, and when it is hopelessly ahead. */
  #isWaiting = true;

  constructor(tickRate: number) {
    this.#tickMs = 1000 / tickRate;
    this.#silenceMs = Math.max(SILENCE_MS, LEAST_SILENCE_TICKS * this.#tickMs);
    this.#maxExtrapolationTicks = Math.max(MAX_EXTRAPOLATION_MS / this.#tickMs, LEAST_EXTRAPOLATION_TICKS);
  }

  /** By how much the shown time is behind what comes fastest, in ms. */
  get delayMs(): number {
    if (this.newestTick < 0) return 0;
    return this.#shownAtMs - this.#originMs - this.#leastMs - this.tick * this.#tickMs;
  }

  /** All there is to know of `tick` is here. What is not newer than what was heard before says nothing. */
  hear(tick: number, nowMs: number): void {
    if (tick <= this.newestTick) return;
    const isFirst = this.newestTick < 0;
    if (isFirst) {
      this.#originMs = nowMs - tick * this.#tickMs;
      this.tick = tick;
      this.#shownAtMs = nowMs;
    }
    const missed = isFirst ? 0 : tick - this.newestTick - 1;
    const ownMs = nowMs - this.#originMs - tick * this.#tickMs;
    const isSilent =
      (missed + 1) * this.#tickMs > this.#silenceMs || nowMs - this.#heardAtMs > this.#silenceMs;
    if (isSilent || Math.abs(ownMs - this.#mostlyMs) > this.#silenceMs) this.#anewAtMs = nowMs;
    this.newestTick = tick;
    this.#heardAtMs = nowMs;
    if (nowMs - this.#anewAtMs < WAKING_MS) this.#count = 0;
    else for (let n = missed; n > 0; n -= 1) this.#remember(ownMs + n * this.#tickMs);
    this.#remember(ownMs);
    if (this.#unreckoned >= RECKON_EVERY_TICKS || this.#count <= RECKON_EVERY_TICKS) this.#reckon();
  }

  /** Moves the shown time on to that of `nowMs`, and answers it. */
  show(nowMs: number): number {
    const elapsedMs = nowMs - this.#shownAtMs;
    if (this.newestTick < 0 || !(elapsedMs > 0)) return this.tick;
    const before = this.tick;
    this.#shownAtMs = nowMs;
    this.tick = Math.max(before, this.#next(elapsedMs));
    this.extrapolatedTicks += Math.max(0, this.tick - Math.max(before, this.newestTick));
    this.#watch(this.tick > before, elapsedMs);
    return this.tick;
  }

  #next(elapsedMs: number): number {
    const tickMs = this.#tickMs;
    // A tick later than it is known of, mostly: then the next one is known of too.
    const target = (this.#shownAtMs - this.#originMs - this.#mostlyMs) / tickMs - 1;
    const limit = this.newestTick + this.#maxExtrapolationTicks;
    const steady = this.tick + elapsedMs / tickMs;
    const aheadMs = (steady - target) * tickMs;
    if (aheadMs < -this.#silenceMs) return Math.min(target, limit);
    if (aheadMs > this.#silenceMs) this.#isWaiting = true;
    if (this.#isWaiting) {
      if (target < this.tick) return this.tick;
      this.#isWaiting = false;
      return Math.min(target, limit);
    }
    const ratio = Math.max(-MAX_SLEW_RATIO, Math.min(MAX_SLEW_RATIO, aheadMs / SLEW_OVER_MS));
    return Math.min(steady - (ratio * elapsedMs) / tickMs, limit);
  }

  #watch(hasMoved: boolean, elapsedMs: number): void {
    const stillMs = hasMoved ? 0 : this.#stillMs + elapsedMs;
    if (stillMs > FREEZE_MS && this.#stillMs <= FREEZE_MS) this.freezes += 1;
    this.#stillMs = stillMs;
  }

  #remember(latenessMs: number): void {
    this.#lateness[this.#count % REMEMBERED_TICKS] = latenessMs;
    this.#count += 1;
    this.#unreckoned += 1;
  }

  #reckon(): void {
    this.#unreckoned = 0;
    const size = Math.min(this.#count, REMEMBERED_TICKS);
    const sorted = this.#sorted;
    // Behind those there are, so that they are the first.
    sorted.fill(Number.POSITIVE_INFINITY, size);
    for (let i = 0; i < size; i += 1) sorted[i] = this.#lateness[i]!;
    sorted.sort();
    this.#leastMs = sorted[0]!;
    this.#mostlyMs = sorted[Math.ceil((size * IN_TIME_PERCENT) / 100) - 1]!;
  }
}
