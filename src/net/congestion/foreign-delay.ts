import { PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

/** Long enough for a queue of ours to go away once we send next to nothing. */
const FOREIGN_AFTER_MS = 2_000;
const FOREIGN_AFTER_LOOPS = 10;
/** A queue of ours would by then be shorter than so much of what it was; one that grows is watched on. */
const UNMOVED_RATIO = 0.6;
/** Delay is smoothed over about so many loops: on an unquiet path one says little. */
const FOREIGN_SMOOTHING_LOOPS = 8;
/** A tolerated delay shrinks with what is seen, and is forgotten below this. */
const LEAST_FOREIGN_MS = 3;

/**
 * Tells delay that is not ours from a queue that is. A queue of ours goes away when we send as little as we may. A
 * delay that stays has other reasons: a radio is unquiet, the path has become longer, or others fill the queue and do
 * not yield. To stay slow for it would help nobody.
 */
export class ForeignDelay extends PathPart {
  clear(): void {
    const cells = this.cells;
    cells.fill(0, PathCell.ToleratedMs, PathCell.ForeignLoops + 1);
    cells[PathCell.ForeignSinceMs] = Number.POSITIVE_INFINITY;
  }

  /** What of the delay is to be put up with. */
  get toleratedMs(): number {
    return this.cells[PathCell.ToleratedMs]!;
  }

  /** Once per loop: the delay beyond an empty path. True when it has just turned out not to be ours. */
  note(delayMs: number, isLeastRate: boolean, nowMs: number): boolean {
    const cells = this.cells;
    const { ToleratedMs, ForeignSmoothMs, ForeignFromMs, ForeignSinceMs, ForeignLoops } = PathCell;
    const smoothMs = cells[ForeignSmoothMs]! + (delayMs - cells[ForeignSmoothMs]!) / FOREIGN_SMOOTHING_LOOPS;
    cells[ForeignSmoothMs] = smoothMs;
    if (smoothMs < cells[ToleratedMs]!) cells[ToleratedMs] = smoothMs < LEAST_FOREIGN_MS ? 0 : smoothMs;
    const ownMs = smoothMs - cells[ToleratedMs]!;
    if (!isLeastRate || ownMs < LEAST_FOREIGN_MS) {
      cells[ForeignSinceMs] = Number.POSITIVE_INFINITY;
      return false;
    }
    const fromMs = cells[ForeignFromMs]!;
    const hasMoved = ownMs < UNMOVED_RATIO * fromMs || ownMs * UNMOVED_RATIO > fromMs;
    if (cells[ForeignSinceMs] === Number.POSITIVE_INFINITY || hasMoved) {
      cells[ForeignFromMs] = ownMs;
      cells[ForeignSinceMs] = nowMs;
      cells[ForeignLoops] = 0;
    }
    cells[ForeignLoops]! += 1;
    const isSoon = nowMs - cells[ForeignSinceMs]! < FOREIGN_AFTER_MS;
    if (isSoon || cells[ForeignLoops]! <= FOREIGN_AFTER_LOOPS) return false;
    cells[ToleratedMs] = smoothMs;
    cells[ForeignSinceMs] = Number.POSITIVE_INFINITY;
    return true;
  }
}
