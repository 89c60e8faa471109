import { LOSS_EPOCHS, PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

/** A share of fewer packets is chance. */
const LEAST_LOSS_PACKETS = 32;
const LOSS_EPOCH_PACKETS = 64;
const LOSS_EPOCH_MS = 1_000;
/** Of drains; older ones count half. */
const MOST_DRAIN_PACKETS = 128;
/** This much more than usual is no radio: someone drops what is too much. */
const HEAVY_LOSS_RATIO = 0.1;

/**
 * Tells loss that we cause from loss that is just there. A radio loses what it loses at any rate; a policer, or a
 * buffer too short to show as delay, loses what is too much. So only loss far above the least of late counts.
 */
export class LossExcess extends PathPart {
  clear(): void {
    const cells = this.cells;
    cells.fill(0, PathCell.RecentPackets, PathCell.EpochLost + 1);
    cells.fill(0, PathCell.UsualLoss, PathCell.NextEpoch + 1);
  }

  /** `inDrain`: sent while the rate was halved. What is lost then is not too much, so it tells what is usual best. */
  note(isLost: boolean, inDrain: boolean, nowMs: number): void {
    const cells = this.cells;
    const lost = isLost ? 1 : 0;
    if (inDrain) {
      cells[PathCell.DrainPackets]! += 1;
      cells[PathCell.DrainLost]! += lost;
      if (cells[PathCell.DrainPackets]! >= MOST_DRAIN_PACKETS) {
        cells[PathCell.DrainPackets]! /= 2;
        cells[PathCell.DrainLost]! /= 2;
      }
      return;
    }
    cells[PathCell.RecentPackets]! += 1;
    cells[PathCell.RecentLost]! += lost;
    cells[PathCell.EpochPackets]! += 1;
    cells[PathCell.EpochLost]! += lost;
    if (cells[PathCell.EpochPackets]! < LOSS_EPOCH_PACKETS) return;
    if (nowMs - cells[PathCell.EpochSinceMs]! >= LOSS_EPOCH_MS) this.#endEpoch(nowMs);
  }

  #endEpoch(nowMs: number): void {
    const cells = this.cells;
    const next = cells[PathCell.NextEpoch]!;
    const epochs = Math.min(LOSS_EPOCHS, cells[PathCell.Epochs]! + 1);
    cells[PathCell.EpochLosses + next] = cells[PathCell.EpochLost]! / cells[PathCell.EpochPackets]!;
    cells[PathCell.NextEpoch] = (next + 1) % LOSS_EPOCHS;
    cells[PathCell.Epochs] = epochs;
    let usual = 1;
    for (let i = 0; i < epochs; i += 1) usual = Math.min(usual, cells[PathCell.EpochLosses + i]!);
    cells[PathCell.UsualLoss] = usual;
    cells[PathCell.EpochPackets] = 0;
    cells[PathCell.EpochLost] = 0;
    cells[PathCell.EpochSinceMs] = nowMs;
  }

  get #usualRatio(): number {
    const cells = this.cells;
    const usual = cells[PathCell.UsualLoss]!;
    const packets = cells[PathCell.DrainPackets]!;
    return packets < LEAST_LOSS_PACKETS ? usual : Math.min(usual, cells[PathCell.DrainLost]! / packets);
  }

  /** The share lost since it was last asked with enough packets to tell, over what is usual; 0 unless heavy. */
  take(): number {
    const cells = this.cells;
    const packets = cells[PathCell.RecentPackets]!;
    if (packets < LEAST_LOSS_PACKETS) return 0;
    const excess = cells[PathCell.RecentLost]! / packets - this.#usualRatio;
    const heavy = HEAVY_LOSS_RATIO + 1 / Math.sqrt(packets); // two standard deviations of chance at most
    cells[PathCell.RecentPackets] = 0;
    cells[PathCell.RecentLost] = 0;
    return excess > heavy ? excess : 0;
  }
}
