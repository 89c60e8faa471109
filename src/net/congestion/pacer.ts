import { PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

/** Credit of so much time gathers while nothing is sent: what a turn is late may be made up for. */
const MAX_CREDIT_MS = 8;
/** And at least so much, which is a small packet. */
const LEAST_CREDIT_BYTES = 300;

/**
 * Spreads bytes over time. A packet may leave while there is credit, and may overdraw it; the debt is waited for.
 * So packets of any size leave whole, and the rate holds over all of them.
 */
export class Pacer extends PathPart {
  clear(): void {
    this.cells[PathCell.CreditBytes] = LEAST_CREDIT_BYTES;
    this.cells[PathCell.CreditAtMs] = 0;
  }

  /** Bytes that may still leave now; below 0 is debt. */
  creditBytes(bytesPerMs: number, nowMs: number): number {
    const cells = this.cells;
    const elapsedMs = Math.max(0, nowMs - cells[PathCell.CreditAtMs]!);
    const bytes = Math.min(mostCredit(bytesPerMs), cells[PathCell.CreditBytes]! + elapsedMs * bytesPerMs);
    cells[PathCell.CreditBytes] = bytes;
    cells[PathCell.CreditAtMs] = nowMs;
    return bytes;
  }

  /** What may leave now so that in `restMs` credit is full all the same. */
  spareBytes(bytesPerMs: number, restMs: number, nowMs: number): number {
    return this.creditBytes(bytesPerMs, nowMs) + restMs * bytesPerMs - mostCredit(bytesPerMs);
  }

  spend(bytes: number): void {
    this.cells[PathCell.CreditBytes]! -= bytes;
  }

  /** When the debt will be paid. */
  freeAtMs(bytesPerMs: number): number {
    const bytes = this.cells[PathCell.CreditBytes]!;
    const atMs = this.cells[PathCell.CreditAtMs]!;
    return bytes > 0 ? atMs : atMs + -bytes / bytesPerMs;
  }
}

function mostCredit(bytesPerMs: number): number {
  return Math.max(LEAST_CREDIT_BYTES, bytesPerMs * MAX_CREDIT_MS);
}
