import type { Command } from "commander";
import type { Thresholds } from "../../client/load/load-report.ts";
import { mostClients } from "../../client/load/scenario.ts";
import { packageVersion } from "../ops/package-version.ts";
import { runtimeName } from "../runtime-adapters/current-runtime.ts";
import { exitProcess, onStopSignals, openFileLimit } from "../runtime-adapters/process.ts";
import {
  addConfigOptions,
  audienceOption,
  option,
  plainOption,
  resolveOptions,
  switchOption,
} from "./command-options.ts";
import { compareReports, endLoad, writeReport } from "./load-ending.ts";
import { addLinkOptions, type LinkFlags, linkOf } from "./load-link.ts";
import { loadRoom } from "./load-room.ts";
import { readScenario } from "./load-scenario.ts";
import { LoadScreen } from "./load-screen.ts";
import { type RunLoadSession, runLoadSession } from "./load-session.ts";
import { checkLoadTarget, checkSockets, type LoadTargetOptions } from "./load-target.ts";
import { fileName, fraction, seconds, shortText, urlOf, wholeNumber } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";
import { checkWritable } from "./writable-file.ts";

export interface LoadCommandOptions extends LoadTargetOptions, LinkFlags {
  readonly keyFile?: string;
  readonly audience?: string;
  readonly plaintext?: boolean;
  readonly game?: string;
  readonly scenario: string;
  readonly clients: number;
  readonly rampSeconds: number;
  readonly warmUpSeconds: number;
  readonly seconds?: number;
  readonly playersPerRoom?: number;
  readonly processes: number;
  readonly probes: number;
  readonly seed: number;
  readonly json?: string;
  readonly html?: string;
  readonly maxInputToStateP99Ms?: number;
  readonly maxTickP99Ms?: number;
  readonly minPlayers?: number;
  readonly compare?: readonly string[];
}

const examples = `
Examples:
  tickwire load                           500 players on a server of its own, for half a minute
  tickwire load --game my-room.ts --clients 200 --html report.html --json report.json
  tickwire load --players-per-room 50     the same players in ten rooms
  tickwire load --url udp://127.0.0.1:7777 --http-url http://127.0.0.1:7780 --clients 50
  tickwire load --scenario knee --clients 4000 --seconds 5    how many it holds
  tickwire load --scenario evening.ts     stages of your own, made with defineScenario
  tickwire load --link bad-lte --loss-percent 8 --burst 200    a bad way between players and server
  tickwire load --link lte --loss-percent up=5,down=0    lost on the way to the server alone
  tickwire load --compare before.json after.json --html difference.html
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
    .addOption(option("--seconds <seconds>", "then measured (default: 30; soak: 600)", seconds(0.5, 1e6)))
    .addOption(
      option(
        "--players-per-room <count>",
        "in as many rooms as that takes (default: all in one)",
        wholeNumber(1, 100_000),
      ),
    )
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
      option(
        "--max-input-to-state-p99-ms <ms>",
        "most input → state p99; above it the exit code is 3",
        fraction(0.001, 600_000),
      ),
    )
    .addOption(option("--max-tick-p99-ms <ms>", "most tick p99, likewise", fraction(0.001, 600_000)))
    .addOption(option("--min-players <count>", "least players, likewise", wholeNumber(1, 100_000)))
    .addOption(
      plainOption(
        "--i-own-this-server <host>",
        "the host of --url, if it is not this machine",
        shortText(253),
      ),
    );
  addLinkOptions(command);
  command.addOption(
    plainOption(
      "--compare <report...>",
      "lay reports over each other that --json wrote; no test",
      fileName,
    ).argParser((file, before: readonly string[] = []) => [...before, file]),
  );
  addConfigOptions(command);
  command
    .addHelpText("after", examples)
    .action(async () => runLoad(await resolveOptions<LoadCommandOptions>(command), run));
}

/** Runs a load test, reports, and ends the process. */
export async function runLoad(options: LoadCommandOptions, session: RunLoadSession): Promise<void> {
  if (options.compare !== undefined) {
    await compareReports(options.compare, options.html);
    exitProcess(0);
  }
  checkLoadTarget(options);
  if ((options.minPlayers ?? 0) > options.clients && options.scenario !== "knee") {
    throw new UsageError(`--min-players ${options.minPlayers} cannot be met by --clients ${options.clients}`);
  }
  const scenario = await readScenario(options);
  const link = linkOf(options, scenario.link);
  checkSockets(mostClients(scenario), options.processes, openFileLimit());
  const loaded = await loadRoom(options.game);
  if (options.json !== "-") checkWritable(options.json);
  checkWritable(options.html);

  const screen = new LoadScreen();
  const stop = new AbortController();
  onStopSignals({ onDrain: () => stop.abort(), onForce: () => screen.end() });
  const startedAt = new Date().toISOString();
  const { outcome, url } = await session(loaded, {
    ...(options.url !== undefined && { url: options.url }),
    ...(options.httpUrl !== undefined && { httpUrl: options.httpUrl }),
    ...(options.keyFile !== undefined && { keyFile: options.keyFile }),
    ...(options.audience !== undefined && { audience: options.audience }),
    ...(options.game !== undefined && { game: options.game }),
    ...(link !== undefined && { link }),
    ...(options.playersPerRoom !== undefined && { playersPerRoom: options.playersPerRoom }),
    plaintext: options.plaintext === true,
    ...{ scenario, processes: options.processes, probes: options.probes, seed: options.seed },
    signal: stop.signal,
    onProgress: (progress) => screen.show(progress),
  }).finally(() => screen.end());

  const { loadReport } = await import("../../client/load/load-report.ts");
  const report = loadReport(
    {
      ...{ runtime: runtimeName(), clients: mostClients(scenario), link: link ?? null, url },
      ...{ scenario: scenario.name, game: loaded.room.game.name, tickRate: loaded.room.game.tickRate },
      ...{ processes: options.processes, version: packageVersion, startedAt },
      thresholds: "knee" in scenario ? {} : thresholdsOf(options),
    },
    outcome,
  );
  await writeReport(report, options);
  endLoad(report);
}

function thresholdsOf({ maxInputToStateP99Ms, maxTickP99Ms, minPlayers }: LoadCommandOptions): Thresholds {
  return {
    ...(maxInputToStateP99Ms !== undefined && { maxInputToStateP99Ms }),
    ...(maxTickP99Ms !== undefined && { maxTickP99Ms }),
    ...(minPlayers !== undefined && { minPlayers }),
  };
}
