import { type BenchReport, type BenchRow, exactRow } from "../bench-row.ts";
import { CELLS, type CellResult, measureCell } from "./bottleneck-cells.ts";

/** Greedy flows through narrow links, in virtual time. */
export function deliveryBench(): BenchReport {
  const results = CELLS.map((cell) => measureCell(cell));
  const rows = results.flatMap((result) => rowsOf(result, lossless(result, results)));
  const lines = [
    "| link | buffer | loss | used | against no loss | queue p95 | states/s | two: used | queue p95 | share | other order |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
    ...results.map((result) => lineOf(result, lossless(result, results))),
  ];
  return { rows, text: lines.join("\n") };
}

function lossless({ kbps, bufferMs }: CellResult, all: readonly CellResult[]): CellResult {
  return all.find((each) => each.kbps === kbps && each.bufferMs === bufferMs && each.lossPercent === 0)!;
}

function lineOf(result: CellResult, quiet: CellResult): string {
  const { kbps, bufferMs, lossPercent, alone, pair, swapped } = result;
  const cells = [
    `${kbps} kbit/s`,
    `${bufferMs} ms`,
    `${lossPercent} %`,
    percent(alone.utilisation),
    result === quiet ? "" : percent(alone.utilisation / quiet.alone.utilisation),
    `${alone.queueP95Ms.toFixed(0)} ms`,
    alone.statesPerSecond[0]!.toFixed(0),
    percent(pair.utilisation),
    `${Math.max(pair.queueP95Ms, swapped.queueP95Ms).toFixed(0)} ms`,
    shareText(pair.shares),
    shareText(swapped.shares),
  ];
  return `| ${cells.join(" | ")} |`;
}

function rowsOf(result: CellResult, quiet: CellResult): BenchRow[] {
  const { kbps, bufferMs, lossPercent, alone, pair, swapped } = result;
  const name = (what: string): string => `delivery/${kbps}kbps/${bufferMs}ms/${lossPercent}loss/${what}`;
  const of = `delivery/${kbps}kbps/${bufferMs}ms/0loss/utilisation`;
  return [
    exactRow(name("utilisation"), alone.utilisation, "ratio", {
      of,
      ratio: alone.utilisation / quiet.alone.utilisation,
    }),
    exactRow(name("queue-p95"), alone.queueP95Ms, "ms"),
    exactRow(name("states"), alone.statesPerSecond[0]!, "1/s"),
    exactRow(name("pair-utilisation"), pair.utilisation, "ratio"),
    exactRow(name("pair-queue-p95"), Math.max(pair.queueP95Ms, swapped.queueP95Ms), "ms"),
    exactRow(name("pair-share"), Math.max(...pair.shares), "ratio"),
    exactRow(name("swapped-share"), Math.max(...swapped.shares), "ratio"),
  ];
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}

function shareText(shares: readonly number[]): string {
  return shares.map((share) => (share * 100).toFixed(0)).join("/");
}
