import type { Command } from "commander";
import { DEFAULT_MAX_PLAYERS } from "../game/schema/define-room.ts";
import { createLog, type Log } from "../ops/log.ts";
import { packageVersion } from "../ops/package-version.ts";
import { runtimeName } from "../runtime-adapters/current-runtime.ts";
import {
  exitProcess,
  isTerminal,
  onStopSignals,
  terminalColumns,
  writeLine,
  writeText,
} from "../runtime-adapters/process.ts";
import { type Admission, type AdmissionOptions, opennessOf, readAdmission } from "./admission.ts";
import { addConfigOptions, audienceOption, option, resolveOptions, switchOption } from "./command-options.ts";
import { allLimits, type GivenLimits } from "./connection-limits.ts";
import {
  type DedicatedServer,
  type DedicatedServerOptions,
  type ServeDedicated,
  serveDedicated,
} from "./dedicated-server.ts";
import { LiveLine } from "./live-line.ts";
import { loadRoom } from "./load-room.ts";
import { fileName, ipAddress, oneOf, seconds, wholeNumber } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";
import { checkWritable } from "./writable-file.ts";

export interface ServeCommandOptions extends AdmissionOptions {
  readonly port: number;
  readonly httpPort: number;
  readonly rooms: number;
  readonly bots: number;
  readonly drainSeconds: number;
  readonly maxPlayers?: number;
  readonly seed?: number;
  readonly dumpState?: string;
  readonly log?: "pretty" | "json";
}

const LIVE_LINE_EVERY_MS = 500;
/** How long after its own deadline a drain may still take before the process ends without it. */
const DRAIN_GRACE_MS = 1_000;

const examples = `
Examples:
  tickwire serve                          the arena, on udp://127.0.0.1:7777
  tickwire serve my-room.ts --port 0      your game, on any free port
  tickwire serve --bots 20 --no-http      twenty bots, no HTTP
  tickwire serve --rooms 100 --max-players 10   a hundred matches of ten
  TICKWIRE_LOG=json tickwire serve        every option can be set by environment
  tickwire serve --config production.json --print-config   see what would be set, and by what
  tickwire serve --host 0.0.0.0 --key-file keys.txt        players come with a backend's tokens`;

/** What only a config file can set. */
const fileSettings = { limits: (given: unknown) => allLimits((given ?? {}) as GivenLimits) };

export function addServeCommand(program: Command, run = runServe): void {
  const command = program
    .command("serve")
    .description("run a dedicated server")
    .argument("[game-file]", "file that exports a room or a game (default: the arena)")
    .addOption(option("--port <number>", "UDP port, 0 for any", wholeNumber(0, 65_535)).default(7777))
    .addOption(option("--host <address>", "address to bind", ipAddress).default("127.0.0.1"))
    .addOption(option("--http-port <number>", "HTTP port, 0 for any", wholeNumber(0, 65_535)).default(7780))
    .addOption(option("--http-host <address>", "address to bind for HTTP", ipAddress).default("127.0.0.1"))
    .addOption(switchOption("--no-http", "no health, readiness and metrics over HTTP"))
    .addOption(
      option(
        "--rooms <count>",
        "how many rooms run the game, each for itself",
        wholeNumber(1, 1_000),
      ).default(1),
    )
    .addOption(option("--bots <count>", "bots that play in this process", wholeNumber(0, 10_000)).default(0))
    .addOption(option("--max-players <count>", "how many may play in each room", wholeNumber(1, 100_000)))
    .addOption(option("--seed <number>", "seed of the game's chance", wholeNumber(0, 0xffff_ffff)))
    .addOption(option("--key-file <file>", "take only tokens under the keys in this file", fileName))
    .addOption(audienceOption("server or fleet that tokens must name"))
    .addOption(switchOption("--insecure-dev", "without keys serve other machines too: anyone may join"))
    .addOption(switchOption("--plaintext", "do not seal packets, to measure on loopback"))
    .addOption(
      switchOption("--join", "give tokens at POST /join (default: without keys, to this machine only)"),
    )
    .addOption(switchOption("--no-join", "give none"))
    .addOption(
      option("--dump-state <file>", "write each tick's state to a file, a line of JSON per tick", fileName),
    )
    .addOption(option("--drain-seconds <seconds>", "how long a stop may take", seconds(0, 3_600)).default(3))
    .addOption(
      option("--log <format>", "pretty or json (default: pretty on a terminal)", oneOf("pretty", "json")),
    );
  addConfigOptions(command);
  command
    .addHelpText("after", examples)
    .action(async (file: string | undefined) =>
      run(file, await resolveOptions<ServeCommandOptions>(command, fileSettings)),
    );
}

/** Serves until told to stop, and ends the process. */
export async function runServe(
  file: string | undefined,
  options: ServeCommandOptions,
  serve: ServeDedicated = serveDedicated,
): Promise<void> {
  const admission = await readAdmission(options);
  const { room, bot } = await loadRoom(file);
  const places = options.rooms * (options.maxPlayers ?? room.hooks.maxPlayers ?? DEFAULT_MAX_PLAYERS);
  if (options.bots > places) {
    const flags = options.rooms > 1 ? "--rooms and --max-players" : "--max-players";
    throw new UsageError(`${options.bots} bots do not fit: ${places} may play (see ${flags})`);
  }
  checkWritable(options.dumpState);
  const onTerminal = isTerminal("stdout");
  const format = options.log ?? (onTerminal ? "pretty" : "json");
  const liveLine =
    onTerminal && format === "pretty"
      ? new LiveLine({
          write: (text) => writeText("stdout", text),
          columns: () => terminalColumns("stdout"),
        })
      : undefined;
  const log = createLog({
    format,
    writeLine: (line) => (liveLine === undefined ? writeLine("stdout", line) : liveLine.print(line)),
  });

  let server: DedicatedServer | undefined;
  let stopSignal: string | undefined;
  const endOutput = (): void => {
    liveLine?.clear();
    log.flush();
  };
  // Before anything listens: a supervisor may stop us at once.
  onStopSignals({
    onDrain(signal) {
      stopSignal = signal;
      log.info("draining", { signal, seconds: options.drainSeconds });
      setTimeout(
        () => {
          log.error("drain-overdue", { seconds: options.drainSeconds });
          endOutput();
          exitProcess(1);
        },
        options.drainSeconds * 1_000 + DRAIN_GRACE_MS,
      );
      drain(server);
    },
    onForce(signal) {
      log.warn("stopped", { reason: `second ${signal}` });
      endOutput();
    },
  });

  try {
    const serveOptions = doorOptions(options, admission, log);
    server = await serve(room, bot === undefined ? serveOptions : { ...serveOptions, bot });
    if (stopSignal === undefined) {
      log.info("listening", {
        udp: server.url,
        http: server.httpUrl,
        game: room.game.name,
        runtime: runtimeName(),
        tickRate: room.game.tickRate,
        rooms: options.rooms,
        bots: options.bots,
        maxPlayers: options.maxPlayers,
        sealed: options.plaintext !== true,
        keys: admission.net.backendKeys?.length ?? 0,
        seed: server.seed,
        version: packageVersion,
      });
      const openness = opennessOf(admission, options);
      if (openness !== undefined) log.warn("open-to-anyone", openness);
      if (liveLine !== undefined) keepDrawing(liveLine, server);
    } else drain(server);
    await server.closed;
    log.info("stopped", { reason: stopSignal ?? "closed" });
  } finally {
    endOutput();
  }
  exitProcess(0);
}

function doorOptions(options: ServeCommandOptions, admission: Admission, log: Log): DedicatedServerOptions {
  const { host, port, rooms, bots, drainSeconds, maxPlayers, seed, dumpState } = options;
  return {
    host,
    port,
    rooms,
    bots,
    drainSeconds,
    ...admission,
    http: options.http ? { host: options.httpHost, port: options.httpPort } : false,
    log,
    ...(maxPlayers !== undefined && { maxPlayers }),
    ...(seed !== undefined && { seed }),
    ...(dumpState !== undefined && { dumpState }),
  };
}

/** A failure of it shows in `closed`, which is awaited. */
function drain(server: DedicatedServer | undefined): void {
  server?.close("the server is shutting down").catch(() => {});
}

function keepDrawing(liveLine: LiveLine, server: DedicatedServer): void {
  const timer = setInterval(() => {
    const { rooms, players, bots, recentTickP99Ms: tickP99Ms, bytesDown } = server.stats;
    liveLine.draw({ rooms, players, bots, tickP99Ms, bytesDown }, performance.now());
  }, LIVE_LINE_EVERY_MS);
  const stop = (): void => clearInterval(timer);
  server.closed.then(stop, stop);
}
