import type { NamedReport } from "../../client/load/load-page.ts";
import type { LoadReport } from "../../client/load/load-report.ts";
import {
  exitProcess,
  fileExists,
  readTextFile,
  writeLine,
  writeText,
  writeTextFile,
} from "../runtime-adapters/process.ts";
import { isObject } from "./config-file.ts";
import { UsageError } from "./usage-error.ts";
import { checkWritable } from "./writable-file.ts";

export interface ReportFiles {
  readonly json?: string;
  readonly html?: string;
}

export async function writeReport(report: LoadReport, files: ReportFiles): Promise<void> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (files.json === "-") {
    if (!writeText("stdout", text)) throw new Error("the report could not be written to standard output");
  } else {
    const { loadSummary } = await import("../../client/load/load-summary.ts");
    writeLine("stdout", loadSummary(report));
    if (files.json !== undefined) writeTextFile(files.json, text);
  }
  await writePage([{ name: "", report }], files.html);
}

/** Who got in and who did not, and what was asked of the figures, decides how the process ends. */
export function endLoad(report: LoadReport): never {
  const { connected, failed, disconnected, url, thresholds, isInterrupted } = report;
  if (connected === 0 && !isInterrupted) {
    throw new Error(`no player could connect to ${url}${commonest(report)}`);
  }
  if (thresholds.some(({ isMet }) => !isMet)) exitProcess(3);
  const isJudged = report.knee !== null || thresholds.some(({ name }) => name === "minPlayers");
  if (failed + disconnected > 0 && !isJudged) {
    const lost = [
      ...(failed > 0 ? [`${failed} did not get in`] : []),
      ...(disconnected > 0 ? [`${disconnected} were lost`] : []),
    ].join(" and ");
    throw new Error(`of the players ${lost}${commonest(report)}`);
  }
  exitProcess(0);
}

/** Lays reports over each other: a table, and with `html` a page. Throws a UsageError with one sentence. */
export async function compareReports(files: readonly string[], html: string | undefined): Promise<void> {
  if (files.length < 2) throw new UsageError("--compare takes two reports or more, as --json wrote them");
  const reports = files.map((file) => ({
    name: file.replace(/^.*\//, "").replace(/\.json$/, ""),
    report: readReport(file),
  }));
  checkWritable(html);
  const { comparedRows } = await import("../../client/load/load-page.ts");
  const rows = [["", ...reports.map(({ name }) => name), "change"], ...comparedRows(reports)];
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  for (const row of rows) {
    const cells = row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)));
    writeLine("stdout", cells.join("  ").trimEnd());
  }
  await writePage(reports, html);
}

async function writePage(reports: readonly NamedReport[], html: string | undefined): Promise<void> {
  if (html === undefined) return;
  const [{ loadPage }, { readChartLibrary }] = await Promise.all([
    import("../../client/load/load-page.ts"),
    import("../report/chart-library.ts"),
  ]);
  writeTextFile(html, loadPage(reports, readChartLibrary()));
}

function readReport(file: string): LoadReport {
  if (!fileExists(file)) throw new UsageError(`no report '${file}'`);
  let report: unknown;
  try {
    report = JSON.parse(readTextFile(file));
  } catch {
    throw new UsageError(`'${file}' is no report: it is not JSON`);
  }
  const isReport =
    isObject(report) && isObject(report.latency) && isObject(report.traffic) && Array.isArray(report.series);
  if (!isReport) throw new UsageError(`'${file}' is no report of 'tickwire load --json'`);
  return report as unknown as LoadReport;
}

function commonest({ errors, details }: LoadReport): string {
  const [first] = Object.entries(errors).sort(([, a], [, b]) => b - a);
  if (first === undefined) return "";
  const detail = details[first[0]];
  return `: ${detail === undefined ? first[0] : `${detail} (${first[0]})`}`;
}
