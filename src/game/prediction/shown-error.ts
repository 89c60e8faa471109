import { differenceOf, type PredictedKind } from "./predicted-kind.ts";

/** After so long half of a correction is shown. */
const HALF_MS = 60;
/** After so long all of it. */
export const GONE_MS = 250;
/** Corrections that are being shown at a time; of more, the two oldest become one. */
const MAX_SLIPS = 16;

/** The share of a slip that is still shown after `ms`: halves every 60 ms, and comes to exactly 0 at 250. */
export function shareLeft(ms: number): number {
  if (ms <= 0) return 1;
  if (ms >= GONE_MS) return 0;
  return 2 ** (-ms / HALF_MS) * (1 - (ms / GONE_MS) ** 4);
}

/** One correction: by how much what is shown was off, by place in `PredictedKind.smoothed`. */
interface Slip {
  atMs: number;
  readonly off: Float64Array;
}

/**
 * What is shown of an entity beside where it is predicted. Each correction fades by itself: so however many follow
 * each other, nothing of one is left 250 ms after it.
 */
export class ShownError {
  readonly #kind: PredictedKind;
  /** From old to new. */
  readonly #slips: Slip[] = [];

  constructor(kind: PredictedKind) {
    this.#kind = kind;
  }

  /** The prediction went from `before` to `after` (number columns, at these offsets). True if that is a teleport. */
  add(before: Float64Array, after: Float64Array, at: number, nowMs: number): boolean {
    const { smoothed } = this.#kind;
    let isOff = false;
    for (const { column, snapBeyond, turn } of smoothed) {
      const off = Math.abs(differenceOf(after[at + column]!, before[column]!, turn));
      if (off > snapBeyond) {
        this.#slips.length = 0;
        return true;
      }
      if (off > 0) isOff = true;
    }
    if (!isOff) return false;
    const slip = this.#freeSlip(nowMs);
    for (const [n, { column, turn }] of smoothed.entries()) {
      slip.off[n]! += differenceOf(after[at + column]!, before[column]!, turn);
    }
    return false;
  }

  /** What to add to the smoothed number `n` to get what is shown. */
  at(n: number, nowMs: number): number {
    const newest = this.#slips[this.#slips.length - 1];
    if (newest === undefined || nowMs - newest.atMs >= GONE_MS) return 0;
    let sum = 0;
    for (const { atMs, off } of this.#slips) sum += off[n]! * shareLeft(nowMs - atMs);
    return sum;
  }

  get isNone(): boolean {
    return this.#slips.length === 0;
  }

  #freeSlip(nowMs: number): Slip {
    const slips = this.#slips;
    while (slips.length > 0 && nowMs - slips[0]!.atMs >= GONE_MS) slips.shift();
    if (slips.length === MAX_SLIPS) {
      const [oldest, next] = [slips.shift()!, slips[0]!];
      const left = shareLeft(nowMs - oldest.atMs) / (shareLeft(nowMs - next.atMs) || 1);
      for (let n = 0; n < next.off.length; n += 1) next.off[n]! += oldest.off[n]! * left;
    }
    const slip = { atMs: nowMs, off: new Float64Array(this.#kind.smoothed.length) };
    slips.push(slip);
    return slip;
  }
}
