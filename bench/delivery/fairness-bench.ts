import { type BenchReport, exactRow } from "../bench-row.ts";
import { BOUNDS, CELLS } from "./bottleneck-cells.ts";
import { runBottleneck } from "./bottleneck-scenario.ts";

const SEEDS = Array.from({ length: 12 }, (_, i) => 7 * (i + 1));
const ORDERS = [
  [0, 10],
  [10, 0],
];

/** How two greedy flows share a narrow link, over many seeds: what the table of one seed cannot tell. */
export function fairnessBench(): BenchReport {
  // At 64 kbit/s both buffers are the least there is: one of them is enough.
  const cells = CELLS.filter(({ kbps, bufferMs }) => kbps > 64 || bufferMs === 50);
  const shares: number[] = [];
  const queueMs = new Map<number, number>();
  for (const cell of cells) {
    for (const seed of SEEDS) {
      for (const startsS of ORDERS) {
        const result = runBottleneck({ ...cell, startsS, seed });
        shares.push(Math.max(...result.shares));
        queueMs.set(cell.kbps, Math.max(queueMs.get(cell.kbps) ?? 0, result.queueP95Ms));
      }
    }
  }
  shares.sort((a, b) => a - b);
  const at = (ratio: number): number => shares[Math.floor(shares.length * ratio)]!;
  const unfair = shares.filter((share) => share > BOUNDS.mostShare).length;
  const queues = [...queueMs].map(([kbps, ms]) => `${ms.toFixed(0)} ms at ${kbps} kbit/s`);
  return {
    rows: [
      exactRow("fairness/share-median", at(0.5), "ratio"),
      exactRow("fairness/share-p95", at(0.95), "ratio"),
      exactRow("fairness/share-worst", shares.at(-1)!, "ratio"),
      exactRow("fairness/pairs", shares.length, "pairs"),
      exactRow("fairness/pairs-over-bound", unfair, "pairs"),
      ...[...queueMs].map(([kbps, ms]) => exactRow(`fairness/${kbps}kbps/queue-p95-worst`, ms, "ms")),
    ],
    text:
      `${shares.length} pairs: the larger share is ${percent(at(0.5))} in the median, ${percent(at(0.95))} at 95 %, ` +
      `${percent(shares.at(-1)!)} at worst; ${unfair} above ${percent(BOUNDS.mostShare)}.\n` +
      `Queue p95 at most ${queues.join(", ")}.`,
  };
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
