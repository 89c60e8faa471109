import { type BenchReport, type BenchRow, exactRow } from "../bench-row.ts";
import { HOUSES, JOIN_LINKS, type JoinLink, type JoinResult, runBulkJoin, runJoin } from "./join-scenario.ts";

const SEEDS = [1, 2, 3, 4, 5];
const CHANGES_PER_SECOND = [0, 1_000];

/** How long a newcomer waits for the world, in virtual time: the mean of five joins. */
export function joinBench(): BenchReport {
  const rows: BenchRow[] = [];
  const lines = [
    `| ${HOUSES} entities | changes/s | its ship | nearest 100 | half | all | worst of 5 | state | link used | in bulk |`,
    "|---|---|---|---|---|---|---|---|---|---|",
  ];
  for (const link of JOIN_LINKS) {
    for (const changes of CHANGES_PER_SECOND) {
      const results = SEEDS.map((seed) => runJoin(link, changes, seed));
      const bytes = Math.round(mean(results, ({ stateBytes }) => stateBytes));
      const bulkSeconds = mean(SEEDS, (seed) => runBulkJoin(link, bytes, seed));
      lines.push(lineOf(link, changes, results, bulkSeconds));
      rows.push(...rowsOf(link, changes, results, bulkSeconds));
    }
  }
  return { rows, text: lines.join("\n") };
}

function lineOf(
  { name, kbps }: JoinLink,
  changes: number,
  results: readonly JoinResult[],
  bulkSeconds: number,
): string {
  const seconds = (of: (result: JoinResult) => number): string => `${mean(results, of).toFixed(2)} s`;
  const cells = [
    name,
    changes,
    seconds(({ shipSeconds }) => shipSeconds),
    seconds(({ nearestSeconds }) => nearestSeconds),
    seconds(({ halfSeconds }) => halfSeconds),
    seconds(({ allSeconds }) => allSeconds),
    `${Math.max(...results.map(({ allSeconds }) => allSeconds)).toFixed(2)} s`,
    (mean(results, ({ stateBytes }) => stateBytes) / 1000).toFixed(0).concat(" kB"),
    kbps === Number.POSITIVE_INFINITY
      ? ""
      : `${(mean(results, ({ utilisation }) => utilisation) * 100).toFixed(0)} %`,
    `${bulkSeconds.toFixed(2)} s`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function rowsOf(
  { kbps }: JoinLink,
  changes: number,
  results: readonly JoinResult[],
  bulkSeconds: number,
): BenchRow[] {
  const where = kbps === Number.POSITIVE_INFINITY ? "loopback" : `${kbps}kbps`;
  const name = (what: string): string => `join/${where}/${changes}changes/${what}`;
  const rows = [
    exactRow(
      name("nearest"),
      mean(results, ({ nearestSeconds }) => nearestSeconds),
      "s",
    ),
    exactRow(
      name("all"),
      mean(results, ({ allSeconds }) => allSeconds),
      "s",
    ),
    exactRow(name("in-bulk"), bulkSeconds, "s"),
  ];
  if (kbps < Number.POSITIVE_INFINITY) {
    rows.push(
      exactRow(
        name("utilisation"),
        mean(results, ({ utilisation }) => utilisation),
        "ratio",
      ),
    );
  }
  return rows;
}

function mean<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0) / items.length;
}
