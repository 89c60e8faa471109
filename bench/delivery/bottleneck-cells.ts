import { type BottleneckResult, runBottleneck } from "./bottleneck-scenario.ts";

/** A link, and what came of one and of two greedy flows through it. */
export interface CellResult {
  readonly kbps: number;
  readonly bufferMs: number;
  readonly lossPercent: number;
  readonly alone: BottleneckResult;
  /** The second starts 10 s after the first. */
  readonly pair: BottleneckResult;
  /** The same with the flows' parts changed: the one that came second is the first. */
  readonly swapped: BottleneckResult;
}

export const CELLS = [64, 128, 512].flatMap((kbps) =>
  [50, 300].flatMap((bufferMs) => [0, 3].map((lossPercent) => ({ kbps, bufferMs, lossPercent }))),
);

export function measureCell(cell: (typeof CELLS)[number], seed = 1): CellResult {
  return {
    ...cell,
    alone: runBottleneck({ ...cell, startsS: [0], seed }),
    pair: runBottleneck({ ...cell, startsS: [0, 10], seed }),
    swapped: runBottleneck({ ...cell, startsS: [10, 0], seed: seed + 1 }),
  };
}

/** What was promised of each cell. */
export const BOUNDS = {
  leastUtilisation: 0.8,
  mostQueueMs: (kbps: number): number => (kbps === 64 ? 100 : 60),
  mostShare: 0.6,
  /** Of the same cell without loss. */
  leastThroughputUnderLoss: 0.9,
};
