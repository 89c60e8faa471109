import { newPathCells, PathCell, type PathCells } from "./path-cells.ts";

/** What arrives per time, smoothed over about a second. */
export class DeliveryMeter {
  #cells: PathCells;

  constructor(cells = newPathCells()) {
    this.#cells = cells;
    this.clear();
  }

  of(cells: PathCells): this {
    this.#cells = cells;
    return this;
  }

  clear(): void {
    this.#cells[PathCell.DeliveredPerMs] = 0;
    this.#cells[PathCell.DeliveredBytes] = 0;
    this.#cells[PathCell.MeasuredAtMs] = 0;
  }

  get bytesPerMs(): number {
    return this.#cells[PathCell.DeliveredPerMs]!;
  }

  acked(bytes: number): void {
    this.#cells[PathCell.DeliveredBytes]! += bytes;
  }

  /** Once per loop. */
  measure(nowMs: number): void {
    const cells = this.#cells;
    const elapsedMs = nowMs - cells[PathCell.MeasuredAtMs]!;
    if (elapsedMs <= 0) return;
    const weight = Math.min(1, elapsedMs / 1000);
    const { DeliveredPerMs, DeliveredBytes } = PathCell;
    cells[DeliveredPerMs]! += (cells[DeliveredBytes]! / elapsedMs - cells[DeliveredPerMs]!) * weight;
    cells[DeliveredBytes] = 0;
    cells[PathCell.MeasuredAtMs] = nowMs;
  }
}
