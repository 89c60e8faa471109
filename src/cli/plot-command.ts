import type { Command } from "commander";
import {
  fileExists,
  readTextFile,
  writeLine,
  writeText,
  writeTextFile,
} from "../runtime-adapters/process.ts";
import { plainOption } from "./command-options.ts";
import { fileName } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";

const examples = `
Examples:
  tickwire bots --seconds 30 --trace trace.jsonl
  tickwire plot trace.jsonl               draws trace.html
  tickwire plot trace.jsonl --html -      writes the page to standard output`;

export function addPlotCommand(program: Command): void {
  program
    .command("plot")
    .description("draw a trace of 'bots --trace' as a page that opens without a network")
    .argument("<trace>", "file that 'bots --trace' wrote")
    .addOption(
      plainOption(
        "--html <file>",
        "where to, - for standard output (default: the trace's name, .html)",
        fileName,
      ),
    )
    .addHelpText("after", examples)
    .action((file: string, { html }: { html?: string }) => plotTrace(file, html ?? pageName(file)));
}

async function plotTrace(file: string, page: string): Promise<void> {
  if (!fileExists(file)) throw new UsageError(`no trace '${file}'`);
  const text = attempt(`the trace '${file}' could not be read`, () => readTextFile(file));
  const { readTraceText, TraceTextError } = await import("../report/trace-text.ts");
  const { traceReport } = await import("../report/trace-report.ts");
  const { reportPage } = await import("../report/report-page.ts");
  const { readChartLibrary } = await import("../report/chart-library.ts");
  let html: string;
  try {
    html = reportPage(traceReport(readTraceText(text)), readChartLibrary());
  } catch (error) {
    if (error instanceof TraceTextError) throw new Error(`the trace '${file}' ${error.message}`);
    throw error;
  }
  if (page === "-") {
    if (!writeText("stdout", html)) throw new Error("the page could not be written to standard output");
    return;
  }
  attempt(`the page '${page}' could not be written`, () => writeTextFile(page, html));
  writeLine("stdout", `drawn: ${page}`);
}

/** A file system's errors in one sentence. */
function attempt<T>(failure: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Error(`${failure} (${code ?? message})`);
  }
}

/** Beside the trace. */
function pageName(file: string): string {
  return `${file.replace(/\.(jsonl|ndjson|json)$/, "")}.html`;
}
