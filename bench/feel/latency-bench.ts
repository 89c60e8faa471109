import { type BenchReport, type BenchRow, exactRow } from "../bench-row.ts";
import { type LatencyRun, runLatency } from "./latency-scenario.ts";

const LOSSES_PERCENT = [0, 2, 5, 10];
const SEEDS = [5, 6, 7];
const SECONDS = 30;

/** From input to state where packets get lost, in virtual time: `docs/decisions/early-repeats.md` quotes it. */
export function latencyBench(): BenchReport {
  const rows: BenchRow[] = [];
  const lines = [
    "| loss each way | p50 | p99, worst of three seeds | inputs never used | down, bytes/s a player | up |",
    "|---|---|---|---|---|---|",
  ];
  for (const loss of LOSSES_PERCENT) {
    const runs = SEEDS.map((seed) => runLatency(loss, seed, SECONDS));
    const mean = (of: (run: LatencyRun) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    const p99 = Math.max(...runs.map((run) => run.p99));
    const unused = mean((run) => run.unusedPercent);
    lines.push(
      `| ${loss} % | ${mean((run) => run.p50).toFixed(0)} ms | ${p99.toFixed(0)} ms | ${unused.toFixed(2)} % | ` +
        `${mean((run) => run.downBytes).toFixed(0)} | ${mean((run) => run.upBytes).toFixed(0)} |`,
    );
    rows.push(exactRow(`latency/${loss}-percent/p99`, p99, "ms"));
    rows.push(exactRow(`latency/${loss}-percent/unused`, unused, "%"));
  }
  return { rows, text: lines.join("\n") };
}
