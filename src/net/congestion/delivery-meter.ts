import { PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

/** What arrives per time, smoothed over about a second. */
export class DeliveryMeter extends PathPart {
  clear(): void {
    this.cells[PathCell.DeliveredPerMs] = 0;
    this.cells[PathCell.DeliveredBytes] = 0;
    this.cells[PathCell.MeasuredAtMs] = 0;
  }

  get bytesPerMs(): number {
    return this.cells[PathCell.DeliveredPerMs]!;
  }

  acked(bytes: number): void {
    this.cells[PathCell.DeliveredBytes]! += bytes;
  }

  /** Once per loop. */
  measure(nowMs: number): void {
    const cells = this.cells;
    const elapsedMs = nowMs - cells[PathCell.MeasuredAtMs]!;
    if (elapsedMs <= 0) return;
    const weight = Math.min(1, elapsedMs / 1000);
    const { DeliveredPerMs, DeliveredBytes } = PathCell;
    cells[DeliveredPerMs]! += (cells[DeliveredBytes]! / elapsedMs - cells[DeliveredPerMs]!) * weight;
    cells[DeliveredBytes] = 0;
    cells[PathCell.MeasuredAtMs] = nowMs;
  }
}
