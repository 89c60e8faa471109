import { PathCell } from "./path-cells.ts";
import { PathPart } from "./path-part.ts";

/** Share of the way to the right window that one loop takes. */
const GAIN = 0.25;
const MOST_CHANGE = 0.5;
/** So short a queue is chance: no reason to end the start. */
const LEAST_QUEUE_MS = 5;
/** A flow that has no more to send than the path takes does not fill its queue: up to here it need not yield. */
const TOLERATED_MS = 40;
/**
 * A queue this much shorter than wanted, for so many loops: the path has become faster. Packets of one turn queue
 * behind each other, so it is never quite empty.
 */
const EMPTY_RATIO = 1 / 2;
const EMPTY_LOOPS = 4;

/** How many bytes may be under way: once per loop it moves a part of the way to where the queue is as wanted. */
export class SendWindow extends PathPart {
  /** Its size is the controller's to say. */
  clear(): void {
    this.cells[PathCell.EmptyLoops] = 0;
    this.startAnew();
  }

  /** Nobody knows how wide the path is. */
  startAnew(): void {
    this.cells[PathCell.IsStarting] = 1;
  }

  get isStarting(): boolean {
    return this.cells[PathCell.IsStarting] === 1;
  }

  /** `isLimited`: something waited for room in it. `lossExcess`: the share lost over what is usual. */
  move(queueMs: number, wantedMs: number, lossExcess: number, isLimited: boolean): void {
    const cells = this.cells;
    if (lossExcess > 0) {
      cells[PathCell.IsStarting] = 0;
      cells[PathCell.WindowBytes]! *= 1 - Math.min(MOST_CHANGE, lossExcess);
    } else if (this.isStarting) {
      this.#start(queueMs, wantedMs, isLimited);
    } else {
      this.#steer(queueMs, wantedMs, isLimited);
    }
  }

  /** Twice as fast with each loop, until a queue shows. */
  #start(queueMs: number, wantedMs: number, isLimited: boolean): void {
    const cells = this.cells;
    const loopMs = cells[PathCell.LoopMs]!;
    if (!isLimited && queueMs < TOLERATED_MS) return;
    if (queueMs > Math.max(LEAST_QUEUE_MS, wantedMs / 2)) {
      cells[PathCell.IsStarting] = 0;
      cells[PathCell.WindowBytes]! *= Math.max(MOST_CHANGE, (loopMs - queueMs) / loopMs);
    } else {
      cells[PathCell.WindowBytes]! *= 2;
    }
  }

  #steer(queueMs: number, wantedMs: number, isLimited: boolean): void {
    const cells = this.cells;
    const emptyLoops = queueMs < wantedMs * EMPTY_RATIO ? cells[PathCell.EmptyLoops]! + 1 : 0;
    cells[PathCell.EmptyLoops] = emptyLoops;
    let change = (GAIN * (wantedMs - queueMs)) / cells[PathCell.LoopMs]!;
    if (emptyLoops > EMPTY_LOOPS) change *= emptyLoops - EMPTY_LOOPS + 1;
    if (!isLimited && (change > 0 || queueMs < Math.max(TOLERATED_MS, wantedMs))) return;
    cells[PathCell.WindowBytes]! *= 1 + Math.max(-MOST_CHANGE, Math.min(MOST_CHANGE, change));
  }
}
