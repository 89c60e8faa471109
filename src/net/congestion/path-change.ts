import { PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

const UNCHANGED_MS = 1_000;
/** A queue that stands within these bounds while we send ever less is none. */
const UNCHANGED_RATIO = 0.15;
const UNCHANGED_WITHIN_MS = 3;
const SLOWED_RATIO = 0.5;
/** On a long path a second holds few looks. */
const UNCHANGED_LOOPS = 3;

/**
 * Tells a longer path from a full one. A queue shrinks when less is sent, or overflows. A delay that stays just as
 * it is for a second, while the rate falls to half, or is the least there is, and nothing gets lost, is the path's own:
 * packets go another way.
 */
export class PathChange extends PathPart {
  clear(): void {
    const cells = this.cells;
    cells.fill(0, PathCell.ChangeQueueMs, PathCell.ChangeLoops + 1);
    cells[PathCell.ChangeSinceMs] = Number.POSITIVE_INFINITY;
  }

  /** Once per loop, with the queue as it seems, the rate, and whether anything of late got lost. */
  isLikely(
    queueMs: number,
    bytesPerMs: number,
    isLeastRate: boolean,
    hasLoss: boolean,
    nowMs: number,
  ): boolean {
    const cells = this.cells;
    const { ChangeQueueMs, ChangeRate, ChangeSinceMs, ChangeLoops } = PathCell;
    const band = Math.max(UNCHANGED_WITHIN_MS, UNCHANGED_RATIO * cells[ChangeQueueMs]!);
    if (hasLoss || Math.abs(queueMs - cells[ChangeQueueMs]!) > band) {
      cells[ChangeQueueMs] = queueMs;
      cells[ChangeRate] = bytesPerMs;
      cells[ChangeSinceMs] = nowMs;
      cells[ChangeLoops] = 0;
      return false;
    }
    cells[ChangeLoops]! += 1;
    const hasSlowed =
      bytesPerMs <= cells[ChangeRate]! * SLOWED_RATIO || (isLeastRate && queueMs > UNCHANGED_WITHIN_MS);
    const isSoon = nowMs - cells[ChangeSinceMs]! < UNCHANGED_MS;
    if (!hasSlowed || isSoon || cells[ChangeLoops]! < UNCHANGED_LOOPS) return false;
    cells[ChangeSinceMs] = Number.POSITIVE_INFINITY;
    return true;
  }
}
