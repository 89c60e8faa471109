import type { Command } from "commander";
import type { BotsOptions, BotsReport } from "../../client/bot-runner.ts";
import type { Bot } from "../game/schema/define-bot.ts";
import type { Game } from "../game/schema/define-game.ts";
import type { Shape } from "../game/schema/shape.ts";
import { createLog } from "../ops/log.ts";
import { LineFile } from "../runtime-adapters/line-file.ts";
import {
  exitProcess,
  isProduction,
  isTerminal,
  onStopSignals,
  writeLine,
  writeText,
  writeTextFile,
} from "../runtime-adapters/process.ts";
import { addConfigOptions, audienceOption, option, resolveOptions, switchOption } from "./command-options.ts";
import { loadRoom } from "./load-room.ts";
import { fileName, seconds, urlOf, wholeNumber } from "./option-values.ts";
import { checkWritable } from "./writable-file.ts";

export type RunBots = (
  game: Game<Shape>,
  bot: Bot<Shape> | undefined,
  options: BotsOptions,
) => Promise<BotsReport>;

export interface BotsCommandOptions {
  readonly url: string;
  readonly httpUrl: string;
  readonly count: number;
  readonly seed: number;
  readonly keyFile?: string;
  readonly audience?: string;
  readonly plaintext?: boolean;
  readonly game?: string;
  readonly seconds?: number;
  readonly json?: string;
  readonly trace?: string;
}

const SILENT_MS = 1_000;

const examples = `
Examples:
  tickwire bots                           fifty bots play on udp://127.0.0.1:7777 until stopped
  tickwire bots --count 200 --seconds 30 --json report.json
  tickwire bots --game my-room.ts --count 5 --json -
  tickwire bots --count 10 --seconds 30 --trace trace.jsonl     then: tickwire plot trace.jsonl`;

export function addBotsCommand(program: Command, run = runBotsCommand): void {
  const command = program
    .command("bots")
    .description("connect headless clients that play")
    .addOption(option("--url <url>", "the game server", urlOf("udp")).default("udp://127.0.0.1:7777"))
    .addOption(
      option("--http-url <url>", "its HTTP, for server numbers", urlOf("http", "https")).default(
        "http://127.0.0.1:7780",
      ),
    )
    .addOption(
      option("--key-file <file>", "issue the bots' tokens under the first key in this file", fileName),
    )
    .addOption(audienceOption("server or fleet that their tokens name"))
    .addOption(switchOption("--plaintext", "play on a server that does not seal"))
    .addOption(
      option("--game <file>", "file that exports the room or the game (default: the arena)", fileName),
    )
    .addOption(option("--count <count>", "how many bots", wholeNumber(1, 10_000)).default(50))
    .addOption(
      option("--seconds <seconds>", "how long they play (default: until stopped)", seconds(0.1, 1e6)),
    )
    .addOption(option("--seed <number>", "seed of the bots' chance", wholeNumber(0, 0xffff_ffff)).default(1))
    .addOption(option("--json <file>", "write the report as JSON, - for standard output", fileName))
    .addOption(option("--trace <file>", "write what the first bot predicts, shows and is told", fileName));
  addConfigOptions(command);
  command
    .addHelpText("after", examples)
    .action(async () => run(await resolveOptions<BotsCommandOptions>(command)));
}

/** Plays until the time is over or told to stop, reports, and ends the process. */
export async function runBotsCommand(options: BotsCommandOptions, runBots?: RunBots): Promise<void> {
  const { keyFile, audience } = options;
  const keys = keyFile === undefined ? undefined : (await import("./key-file.ts")).readKeyFile(keyFile);
  const { room, bot } = await loadRoom(options.game);
  // Standard output belongs to the report.
  const log = createLog({
    format: isTerminal("stderr") ? "pretty" : "json",
    writeLine: (line) => writeLine("stderr", line),
  });
  // Before any bot connects: what cannot be written should not be played.
  if (options.json !== "-") checkWritable(options.json);
  const trace = options.trace === undefined ? undefined : openTrace(options.trace);
  const stop = new AbortController();
  onStopSignals({
    onDrain: () => stop.abort(),
    onForce() {
      trace?.close();
      log.flush();
    },
  });

  // Who knocks at a silent door is told so before the knocking is over.
  const patience = setTimeout(() => log.info("connecting", { url: options.url }), SILENT_MS);
  const play = runBots ?? (await import("../../client/bot-runner.ts")).runBots;
  const report = await play(room.game, bot, {
    url: options.url,
    httpUrl: options.httpUrl,
    count: options.count,
    seed: options.seed,
    signal: stop.signal,
    onReady(connected, failed) {
      clearTimeout(patience);
      if (connected > 0) log.info("playing", { connected, failed });
    },
    ...(!isProduction() && { onValueWarning: (warning) => log.warn("value-warning", { ...warning }) }),
    onLost: (name, reason, detail) => log.warn("bot-lost", { name, reason, detail }),
    ...(trace !== undefined && { trace: (line: string) => trace.write(line) }),
    ...(keys !== undefined && { backendKey: keys[0] }),
    ...(audience !== undefined && { audience }),
    ...(options.plaintext === true && { plaintext: true }),
    ...(options.seconds !== undefined && { seconds: options.seconds }),
  });
  clearTimeout(patience);
  trace?.close();
  log.flush();
  writeReport(report, options.json);
  if (trace?.failure !== undefined) throw new Error(traceSentence(options.trace!, trace.failure));
  if (report.connected === 0) throw new Error(`no bot could connect to ${options.url}${commonest(report)}`);
  exitProcess(0);
}

function openTrace(path: string): LineFile {
  try {
    return new LineFile(path);
  } catch (error) {
    throw new Error(traceSentence(path, error));
  }
}

function traceSentence(path: string, error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return `the trace '${path}' could not be written (${code ?? message})`;
}

function writeReport(report: BotsReport, json: string | undefined): void {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (json === "-") {
    if (!writeText("stdout", text)) throw new Error("the report could not be written to standard output");
    return;
  }
  const tick = report.server?.tickMs;
  const parts = [
    `${report.connected} connected`,
    `${report.failed} failed`,
    `${report.disconnected} disconnected`,
    `${report.snapshotsPerSecondPerBot.toFixed(1)} snapshots/s per bot`,
  ];
  if (tick !== undefined)
    parts.push(`server tick p99 ${tick.p99.toFixed(2)} ms, max ${tick.max.toFixed(2)} ms`);
  writeLine("stdout", parts.join(" · "));
  // Last: a file that cannot be written must not cost the numbers of a long run.
  if (json !== undefined) writeTextFile(json, text);
}

function commonest(report: BotsReport): string {
  const [first] = Object.entries(report.errors).sort(([, a], [, b]) => b - a);
  return first === undefined ? "" : `: ${first[0]}`;
}
