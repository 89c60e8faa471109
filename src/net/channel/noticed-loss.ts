import { PathCell } from "../congestion/path-cells.ts";
import { PathPart } from "../congestion/path-part.ts";

/** Smoothed over about so many packets: four seconds at 30 Hz. */
const SMOOTHING_PACKETS = 128;
/** From so much on, loss is worth doing something about … */
const NOTICED_RATIO = 0.01;
/** … until it is less than this. One packet of 128 alone is chance. */
const FORGOTTEN_RATIO = 0.004;

/** Whether a direction loses packets, as its sender hears: not by one loss, and not changing its mind with each. */
export class NoticedLoss extends PathPart {
  get isNoticed(): boolean {
    return this.cells[PathCell.IsLossNoticed] === 1;
  }

  /** One more packet is settled: 1 lost, 0 arrived. */
  note(lost: 0 | 1): void {
    const cells = this.cells;
    const ratio = cells[PathCell.NoticedRatio]! + (lost - cells[PathCell.NoticedRatio]!) / SMOOTHING_PACKETS;
    cells[PathCell.NoticedRatio] = ratio;
    if (ratio >= NOTICED_RATIO) cells[PathCell.IsLossNoticed] = 1;
    else if (ratio < FORGOTTEN_RATIO) cells[PathCell.IsLossNoticed] = 0;
  }

  /** Another path: nothing is known of it. */
  clear(): void {
    this.cells[PathCell.NoticedRatio] = 0;
    this.cells[PathCell.IsLossNoticed] = 0;
  }
}
