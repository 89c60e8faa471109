import { PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

const DRAIN_EVERY_MS = 5_000;
const DRAIN_RATIO = 0.5;
const DRAIN_LOOPS = 2;

/**
 * Every so often all flows send at half rate for a moment, so that they see the path empty. By the clock, so that all
 * connections of an endpoint do it together.
 */
export class Drains extends PathPart {
  clear(): void {
    this.cells[PathCell.DrainSinceMs] = 0;
    this.cells[PathCell.DrainPeriod] = -1;
    this.reset();
  }

  /** Of the rate, now. */
  ratio(nowMs: number): number {
    return nowMs < this.cells[PathCell.DrainUntilMs]! ? DRAIN_RATIO : 1;
  }

  /** Whether the last drain was on at that time. */
  wasOn(atMs: number): boolean {
    return atMs >= this.cells[PathCell.DrainSinceMs]! && atMs < this.cells[PathCell.DrainUntilMs]!;
  }

  isHeld(nowMs: number): boolean {
    return nowMs < this.cells[PathCell.HeldUntilMs]!;
  }

  /** When the drain that begins now will end, or undefined if none does. `isNeeded`: once it is time, else the next. */
  begin(loopMs: number, isNeeded: boolean, nowMs: number): number | undefined {
    const cells = this.cells;
    const period = Math.floor(nowMs / DRAIN_EVERY_MS);
    if (period === cells[PathCell.DrainPeriod]) return undefined;
    const isFirst = cells[PathCell.DrainPeriod]! < 0;
    cells[PathCell.DrainPeriod] = period;
    if (isFirst || !isNeeded || this.isHeld(nowMs)) return undefined;
    const untilMs = nowMs + DRAIN_LOOPS * loopMs;
    cells[PathCell.DrainSinceMs] = nowMs;
    cells[PathCell.DrainUntilMs] = untilMs;
    // Until then the rate is lower, and a loop longer nothing is to be concluded from what comes back.
    cells[PathCell.HeldUntilMs] = untilMs + loopMs;
    return untilMs;
  }

  /** Another path: what was begun is over. */
  reset(): void {
    this.cells[PathCell.DrainUntilMs] = 0;
    this.cells[PathCell.HeldUntilMs] = 0;
  }
}
