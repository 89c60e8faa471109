import { PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

/** Before the first answer. */
export const START_LOOP_MS = 100;
/** Longer than this above the round trip an ack says nothing of the path. */
const MAX_HOLD_MS = 150;

/** How long it takes from sending to hearing back, that is until the oldest packet is acked that an answer acks. */
export class LoopTime extends PathPart {
  clear(): void {
    this.cells[PathCell.OldestAckedMs] = Number.POSITIVE_INFINITY;
    this.reset();
  }

  get ms(): number {
    return this.cells[PathCell.LoopMs]!;
  }

  /** A packet was acked that left at `sentAtMs`. */
  acked(sentAtMs: number): void {
    const cells = this.cells;
    cells[PathCell.OldestAckedMs] = Math.min(cells[PathCell.OldestAckedMs]!, sentAtMs);
  }

  /** The newest of those that were acked took `rttMs`. True for the first answer. */
  follow(rttMs: number, sentAtMs: number, nowMs: number): boolean {
    const cells = this.cells;
    const oldestMs = Math.min(cells[PathCell.OldestAckedMs]!, sentAtMs);
    const loopMs = Math.max(1, Math.min(nowMs - oldestMs, rttMs + MAX_HOLD_MS));
    cells[PathCell.OldestAckedMs] = Number.POSITIVE_INFINITY;
    if (cells[PathCell.HasLoop] === 1) {
      cells[PathCell.LoopMs]! += (loopMs - cells[PathCell.LoopMs]!) / 4;
      return false;
    }
    cells[PathCell.HasLoop] = 1;
    cells[PathCell.LoopMs] = loopMs;
    return true;
  }

  /** Another path: nothing is known of it. */
  reset(): void {
    this.cells[PathCell.HasLoop] = 0;
    this.cells[PathCell.LoopMs] = START_LOOP_MS;
  }
}
