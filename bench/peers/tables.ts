import type { Case } from "./options.ts";
import { type Cell, cellOf, doubtsOf, type PeerFacts, type Results } from "./results.ts";
import type { Figure, LatencySummary, Summary } from "./summary.ts";

/** A table of Markdown. @throws RangeError when a row has another number of cells than the head. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const wrong = rows.find((row) => row.length !== head.length);
  if (wrong !== undefined)
    throw new RangeError(`A row of ${wrong.length} cells below a head of ${head.length}.`);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

/** `31.4 ± 0.8`; without a spread where there was one run. */
export function figureText({ median, halfRange }: Figure, digits: number): string {
  const text = median.toFixed(digits);
  const spread = halfRange.toFixed(digits);
  return Number(spread) === 0 ? text : `${text} ± ${spread}`;
}

/** Everything of a case without a link: one row for each peer. */
export function loopbackTable(results: Results, loopback: Case): string {
  const head = [
    ...[
      "peer",
      "server CPU per client-update, µs",
      "of it kernel",
      "bytes per entity",
      "server's memory, MB",
    ],
    ...["input → state p50 / p99, ms", "ticks/s", "players' core, %"],
  ];
  const rows = results.peers.map(({ name }) => {
    const { summary, failures } = cellOf(results, name, loopback);
    if (summary === undefined) return failedRow(name, failures, head.length);
    const { cpuUs, systemUs, bytesPerEntity, residentMb, inTick, ticksPerSecond, playersCorePercent } =
      summary;
    return [
      ...[name, figureText(cpuUs, 1), figureText(systemUs, 1), figureText(bytesPerEntity, 2)],
      ...[figureText(residentMb, 0), `${inTick.p50Ms.median.toFixed(0)} / ${figureText(inTick.p99Ms, 0)}`],
      ...[ticksPerSecond.median.toFixed(1), playersCorePercent.median.toFixed(0)],
    ];
  });
  return markdownTable(head, rows);
}

/** One figure of each peer for each loss. */
export function lossTable(
  results: Results,
  cases: readonly Case[],
  textOf: (summary: Summary) => string,
): string {
  const rows = results.peers.map(({ name }) => [
    name,
    ...cases.map((each) => cellText(cellOf(results, name, each), textOf)),
  ]);
  return markdownTable(["peer", ...cases.map(({ name }) => `${name} lost`)], rows);
}

export function latencyText({ p50Ms, p95Ms, p99Ms }: LatencySummary): string {
  return `${p50Ms.median.toFixed(0)} / ${p95Ms.median.toFixed(0)} / ${figureText(p99Ms, 0)}`;
}

export function peersTable(peers: readonly PeerFacts[]): string {
  const rows = peers.map(({ name, versions, transport, does, settings }) => [
    name,
    Object.entries(versions)
      .map(([of, version]) => `${of} ${version}`)
      .join(", "),
    ...[transport, does, settings],
  ]);
  return markdownTable(["peer", "versions", "transport", "what it does", "used with"], rows);
}

/** What is to be known beside the figures: a line for each peer and case in doubt. */
export function doubtLines(results: Results): string[] {
  return results.peers.flatMap(({ name }) =>
    results.cases.flatMap((each) => {
      const { summary, failures } = cellOf(results, name, each);
      const doubts = [
        ...(summary === undefined ? [] : doubtsOf(summary, each.clients)),
        ...(summary === undefined ? [] : failures.map((failure) => `one run failed: ${failure}`)),
      ];
      return doubts.length === 0 ? [] : [`- ${name}, ${each.name}: ${doubts.join("; ")}.`];
    }),
  );
}

function cellText({ summary, failures }: Cell, textOf: (summary: Summary) => string): string {
  return summary === undefined ? `did not run: ${failures.join("; ") || "not asked for"}` : textOf(summary);
}

function failedRow(name: string, failures: readonly string[], cells: number): string[] {
  const why = `did not run: ${failures.join("; ") || "not asked for"}`;
  return [name, why, ...new Array<string>(cells - 2).fill("")];
}
