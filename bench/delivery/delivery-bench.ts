import { type BenchReport, type BenchRow, exactRow } from "../bench-row.ts";
import { CELLS, type CellResult, measureCell } from "./bottleneck-cells.ts";
import { type BulkLink, type BulkResult, runBulk } from "./bulk-scenario.ts";

const BULK_LINKS = [0, 2].map((lossPercent) => ({ kbps: 2_000, rttMs: 80, lossPercent, seed: 1 }));

/** Greedy flows through narrow links, in virtual time. */
export function deliveryBench(): BenchReport {
  const results = CELLS.map((cell) => measureCell(cell));
  const rows = results.flatMap((result) => rowsOf(result, lossless(result, results)));
  const bulk = BULK_LINKS.map((link) => ({ link, result: runBulk(link) }));
  const lines = [
    "| link | buffer | loss | used | against no loss | queue p95 | states/s | two: used | queue p95 | share | other order |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
    ...results.map((result) => lineOf(result, lossless(result, results))),
    "",
    "| 4 MB in bulk | loss | seconds | used | of it the blob | state interval p99, quiet | meanwhile |",
    "|---|---|---|---|---|---|---|",
    ...bulk.map(({ link, result }) => bulkLine(link, result)),
  ];
  for (const { link, result } of bulk) {
    const name = `delivery/bulk/${link.kbps}kbps/${link.lossPercent}loss/`;
    rows.push(exactRow(`${name}utilisation`, result.utilisation, "ratio"));
    rows.push(exactRow(`${name}goodput`, result.goodput, "ratio"));
    rows.push(exactRow(`${name}interval-p99`, result.busyIntervalP99, "ticks"));
    rows.push(exactRow(`${name}quiet-interval-p99`, result.quietIntervalP99, "ticks"));
  }
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

function bulkLine(link: BulkLink, result: BulkResult): string {
  const cells = [
    `${link.kbps / 1000} Mbit/s, ${link.rttMs} ms`,
    `${link.lossPercent} %`,
    result.seconds.toFixed(1),
    percent(result.utilisation),
    percent(result.goodput),
    `${result.quietIntervalP99.toFixed(1)} ticks`,
    `${result.busyIntervalP99.toFixed(1)} ticks`,
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
