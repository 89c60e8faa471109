import type { Command } from "commander";
import type { LoadReport, Thresholds } from "../../client/load/load-report.ts";
import type { LoadProgress } from "../../client/load/load-run.ts";
import { createLog, type Log } from "../ops/log.ts";
import { packageVersion } from "../ops/package-version.ts";
import { runtimeName } from "../runtime-adapters/current-runtime.ts";
import {
  appendTextFile,
  exitProcess,
  isTerminal,
  onStopSignals,
  terminalColumns,
  writeLine,
  writeText,
  writeTextFile,
} from "../runtime-adapters/process.ts";
import { addConfigOptions, audienceOption, option, resolveOptions, switchOption } from "./command-options.ts";
import { LiveLine } from "./live-line.ts";
import { LoadLine } from "./load-line.ts";
import { loadRoom } from "./load-room.ts";
import { readScenario } from "./load-scenario.ts";
import { type RunLoadSession, runLoadSession } from "./load-session.ts";
import { checkLoadTarget, type LoadTargetOptions } from "./load-target.ts";
import { fileName, milliseconds, seconds, shortText, urlOf, wholeNumber } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";

export interface LoadCommandOptions extends LoadTargetOptions {
  readonly keyFile?: string;
  readonly audience?: string;
  readonly plaintext?: boolean;
  readonly game?: string;
  readonly scenario: string;
  readonly clients: number;
  readonly rampSeconds: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly processes: number;
  readonly probes: number;
  readonly seed: number;
  readonly json?: string;
  readonly html?: string;
  readonly maxInputToStateP99Ms?: number;
  readonly maxTickP99Ms?: number;
  readonly minPlayers?: number;
}

const examples = `
Examples:
  tickwire load                           500 players on a server of its own, for half a minute
  tickwire load --game my-room.ts --clients 200 --html report.html --json report.json
  tickwire load --url udp://127.0.0.1:7777 --http-url http://127.0.0.1:7780 --clients 50
  tickwire load --scenario knee --clients 4000 --seconds 5    how many it holds
  tickwire load --scenario evening.ts     stages of your own, made with defineScenario
  tickwire load --max-input-to-state-p99-ms 100 --min-players 500   for CI: 3 is the exit code of a broken one`;

export function addLoadCommand(program: Command, run: RunLoadSession = runLoadSession): void {
  const command = program
    .command("load")
    .description("load-test a server: many players, honest figures, a report")
    .addOption(option("--url <url>", "the game server (default: one is started)", urlOf("udp")))
    .addOption(option("--http-url <url>", "its HTTP, for its own figures", urlOf("http", "https")))
    .addOption(
      option("--key-file <file>", "issue the players' tokens under the first key in this file", fileName),
    )
    .addOption(audienceOption("server or fleet that their tokens name"))
    .addOption(switchOption("--plaintext", "do not seal packets, to measure what that costs"))
    .addOption(
      option("--game <file>", "file that exports the room or the game (default: the arena)", fileName),
    )
    .addOption(
      option("--scenario <name>", "steady, knee, spike, churn, soak, or a file", fileName).default("steady"),
    )
    .addOption(option("--clients <count>", "how many players", wholeNumber(1, 100_000)).default(500))
    .addOption(option("--ramp-seconds <seconds>", "how long they take to come", seconds(0, 3_600)).default(5))
    .addOption(
      option("--warm-up-seconds <seconds>", "then left out of all figures", seconds(0, 3_600)).default(3),
    )
    .addOption(option("--seconds <seconds>", "then measured", seconds(0.5, 1e6)).default(30))
    .addOption(option("--processes <count>", "that play the players", wholeNumber(1, 64)).default(1))
    .addOption(
      option("--probes <count>", "of the players: read everything, measure", wholeNumber(1, 1_000)).default(
        8,
      ),
    )
    .addOption(
      option("--seed <number>", "seed of the players' chance", wholeNumber(0, 0xffff_ffff)).default(1),
    )
    .addOption(option("--json <file>", "write the report as JSON, - for standard output", fileName))
    .addOption(option("--html <file>", "write it as a page with plots that needs no network", fileName))
    .addOption(
      option("--max-input-to-state-p99-ms <ms>", "fail with 3 above it", milliseconds(0.001, 600_000)),
    )
    .addOption(
      option("--max-tick-p99-ms <ms>", "the same of the server's ticks", milliseconds(0.001, 600_000)),
    )
    .addOption(option("--min-players <count>", "fail with 3 if fewer play", wholeNumber(1, 100_000)))
    .addOption(
      option("--i-own-this-server <host>", "the host of --url, if it is not this machine", shortText(253)),
    );
  addConfigOptions(command);
  command
    .addHelpText("after", examples)
    .action(async () => runLoad(await resolveOptions<LoadCommandOptions>(command), run));
}

/** Runs a load test, reports, and ends the process. */
export async function runLoad(options: LoadCommandOptions, session: RunLoadSession): Promise<void> {
  checkLoadTarget(options);
  if ((options.minPlayers ?? 0) > options.clients && options.scenario !== "knee") {
    throw new UsageError(`--min-players ${options.minPlayers} cannot be met by --clients ${options.clients}`);
  }
  const scenario = await readScenario(options);
  const loaded = await loadRoom(options.game);
  for (const file of [options.json, options.html]) checkWritable(file);

  const screen = new Screen();
  const stop = new AbortController();
  onStopSignals({ onDrain: () => stop.abort(), onForce: () => screen.clear() });
  const startedAt = new Date().toISOString();
  const { outcome, url } = await session(loaded, {
    ...(options.url !== undefined && { url: options.url }),
    ...(options.httpUrl !== undefined && { httpUrl: options.httpUrl }),
    ...(options.keyFile !== undefined && { keyFile: options.keyFile }),
    ...(options.audience !== undefined && { audience: options.audience }),
    ...(options.game !== undefined && { game: options.game }),
    plaintext: options.plaintext === true,
    ...{ scenario, processes: options.processes, probes: options.probes, seed: options.seed },
    signal: stop.signal,
    onProgress: (progress) => screen.show(progress),
  }).finally(() => screen.clear());

  const { loadReport } = await import("../../client/load/load-report.ts");
  const report = loadReport(
    {
      ...{ runtime: runtimeName(), clients: options.clients, link: null, scenario: scenario.name, url },
      ...{ game: loaded.room.game.name, tickRate: loaded.room.game.tickRate },
      ...{ processes: options.processes, version: packageVersion, startedAt },
      thresholds: "knee" in scenario ? {} : thresholdsOf(options),
    },
    outcome,
  );
  await writeReport(report, options);
  screen.flush();
  end(report);
}

async function writeReport(report: LoadReport, { json, html }: LoadCommandOptions): Promise<void> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (json === "-") {
    if (!writeText("stdout", text)) throw new Error("the report could not be written to standard output");
  } else {
    const { loadSummary } = await import("../../client/load/load-summary.ts");
    writeLine("stdout", loadSummary(report));
    if (json !== undefined) writeTextFile(json, text);
  }
  if (html !== undefined) {
    throw new UsageError("--html is not here yet");
  }
}

/** Whoever got in or not, and what was asked of the figures, decides how the process ends. */
function end(report: LoadReport): never {
  const { connected, failed, disconnected, clients, url, thresholds, isInterrupted } = report;
  if (connected === 0 && !isInterrupted) {
    throw new Error(`no player could connect to ${url}${commonest(report)}`);
  }
  const broken = thresholds.filter(({ isMet }) => !isMet);
  if (broken.length > 0) exitProcess(3);
  const asked = thresholds.some(({ name }) => name === "minPlayers");
  if (failed + disconnected > 0 && !asked && report.knee === null) {
    const lost =
      disconnected > 0
        ? `${failed} did not get in and ${disconnected} were lost`
        : `${failed} did not get in`;
    throw new Error(`of ${clients} players ${lost}${commonest(report)}`);
  }
  exitProcess(0);
}

function commonest({ errors, details }: LoadReport): string {
  const [first] = Object.entries(errors).sort(([, a], [, b]) => b - a);
  if (first === undefined) return "";
  const detail = details[first[0]];
  return `: ${detail === undefined ? first[0] : `${detail} (${first[0]})`}`;
}

function thresholdsOf({ maxInputToStateP99Ms, maxTickP99Ms, minPlayers }: LoadCommandOptions): Thresholds {
  return {
    ...(maxInputToStateP99Ms !== undefined && { maxInputToStateP99Ms }),
    ...(maxTickP99Ms !== undefined && { maxTickP99Ms }),
    ...(minPlayers !== undefined && { minPlayers }),
  };
}

/** A file that cannot be written must not cost the numbers of a long run. */
function checkWritable(file: string | undefined): void {
  if (file === undefined || file === "-") return;
  try {
    appendTextFile(file, "");
  } catch (error) {
    const { code } = error as { code?: string };
    throw new UsageError(`'${file}' cannot be written${code === undefined ? "" : ` (${code})`}`);
  }
}

/** What is shown meanwhile: a line that is redrawn on a terminal, else an event for each phase. */
class Screen {
  readonly #line = new LoadLine();
  readonly #live: LiveLine | undefined;
  readonly #log: Log;
  #phase: LoadProgress["phase"] | undefined;

  constructor() {
    // Standard output belongs to the report.
    const onTerminal = isTerminal("stderr");
    this.#log = createLog({
      format: onTerminal ? "pretty" : "json",
      writeLine: (line) => writeLine("stderr", line),
    });
    if (!onTerminal) return;
    const write = (text: string): void => void writeText("stderr", text);
    this.#live = new LiveLine({ write, columns: () => terminalColumns("stderr") });
  }

  show(progress: LoadProgress): void {
    const text = this.#line.text(progress);
    if (this.#live !== undefined) this.#live.show(text);
    else if (progress.phase !== this.#phase) {
      const { phase, wanted, connected } = progress;
      this.#log.info(phase.replace(" ", "-"), { wanted, connected });
    }
    this.#phase = progress.phase;
  }

  clear(): void {
    this.#live?.clear();
    this.#log.flush();
  }

  flush(): void {
    this.#log.flush();
  }
}
