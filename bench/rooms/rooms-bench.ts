import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchOptions, BenchReport, BenchRow } from "../bench-row.ts";
import { BenchProgram } from "./bench-program.ts";
import { CROWDS, type CrowdShape } from "./crowd-game.ts";
import type { PlayersReport, ServerReport } from "./reports.ts";

const DEFAULT_SECONDS = 60;
const TICK_MS = 1000 / 30;
/** Until sights, paths and compilers have settled. */
const WARM_UP_SECONDS = 10;
/** Of a tick, how much the players' core is busy with in the control. */
const PLAYERS_SHARE = 0.85;
/** So many of the players read the state, and so say what they see. */
const READERS = 20;
/** On the way down to all but those who read, in the lossy room. */
const LOSS_PERCENT = 3;
const HEAD = [
  "| shape | tick p50 | p99 | longest | overruns | server CPU per update | of it kernel | server's core | packets per tick and player | bytes per entity | datagram | seen | inputs missing | players' core | runtime |",
  "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
];

interface CrowdResult {
  readonly shape: CrowdShape;
  readonly server: ServerReport;
  readonly players: PlayersReport;
}

/**
 * One server on a real socket, and its players in another process: how long its turns take, and what one update of one
 * client costs its process, whatever for.
 */
export async function roomsBench({ seconds = DEFAULT_SECONDS }: BenchOptions): Promise<BenchReport> {
  const results: CrowdResult[] = [];
  for (const i of CROWDS.keys()) results.push(await measure(i, seconds));
  const control = await controlTurns(summary(results[0]!).p50, seconds);
  const lines = [
    ...HEAD,
    ...results.map(lineOf),
    controlLine(control),
    "",
    "Tick: from waking to the last datagram handed to the kernel, on the wall. Overruns: ticks longer than a tick may",
    "take + times that ticks were dropped. An update: one player told of one tick, with the inputs that came for it;",
    "its cost is that of the server's whole process, receiving included. Players are a process of their own, on Node:",
    `all do on the wire what clients do, and ${READERS} of them read the state. The server's main thread has a core for`,
    "itself; all other threads share the rest. Control: no server, only reading 32 MB of memory in no order, for as long as",
    "the large room's median tick takes, beside a core as busy as the players': what the machine itself does to a tick.",
  ];
  return { rows: [...results.flatMap(rowsOf), ...controlRows(control)], text: lines.join("\n") };
}

/** What it costs the server of the large room that packets get lost, and whether it still reads its socket in time. */
export async function lossyRoomBench({ seconds = DEFAULT_SECONDS }: BenchOptions): Promise<BenchReport> {
  const result = await measure(0, seconds, LOSS_PERCENT);
  const name = `${result.shape.name}, ${LOSS_PERCENT} % lost`;
  const shape = { ...result.shape, name };
  return {
    rows: rowsOf(result).map((row) => ({ ...row, name: `lossy-${row.name}` })),
    text: [
      ...HEAD,
      lineOf({ ...result, shape }),
      "",
      `All but ${READERS} players lose that. See \`rooms\`.`,
    ].join("\n"),
  };
}

async function measure(index: number, seconds: number, lossPercent = 0): Promise<CrowdResult> {
  const shape = CROWDS[index]!;
  const server = new BenchProgram("crowd-server.ts", [index]);
  const { url } = await server.answer<{ url: string }>();
  const count = shape.rooms * shape.players;
  // On the same runtime whatever the server's: else the weaker one would be told of fewer ticks.
  const players = new BenchProgram(
    "crowd-players.ts",
    ["light-client", url, count, READERS, 1, lossPercent],
    "node",
  );
  const keepApart = (): void => {
    server.keepTo("first");
    players.keepTo("last");
  };
  keepApart();
  try {
    await players.answer();
    await pause(WARM_UP_SECONDS);
    keepApart();
    for (const program of [server, players]) program.say("begin");
    await pause(seconds);
    for (const program of [server, players]) program.say("end");
    return { shape, server: await server.answer(), players: await players.answer() };
  } finally {
    await players.end();
    await server.end();
  }
}

/** How long ticks of that much memory took. */
async function controlTurns(tickMs: number, seconds: number): Promise<readonly number[]> {
  const programs = [tickMs, PLAYERS_SHARE * TICK_MS].map((ms) => new BenchProgram("memory-ticks.ts", [ms]));
  const [server, players] = programs;
  server!.keepTo("first");
  players!.keepTo("last");
  try {
    for (const program of programs) await program.answer();
    await pause(1);
    server!.say("begin");
    await pause(seconds);
    server!.say("end");
    return (await server!.answer<{ turns: readonly number[] }>()).turns;
  } finally {
    for (const program of programs) await program.end();
  }
}

/** How long ticks took, and how many of them too long. */
function ticksOf(all: readonly number[]) {
  const turns = [...all].sort((a, b) => a - b);
  const at = (share: number): number => turns[Math.min(turns.length - 1, Math.floor(turns.length * share))]!;
  return { p50: at(0.5), p99: at(0.99), max: at(1), long: turns.filter((ms) => ms > TICK_MS).length };
}

function summary({ shape, server, players }: CrowdResult) {
  const { turns } = server;
  const wallUs = server.seconds * 1_000_000;
  const seen = players.seen / players.looks;
  const told = turns.length * shape.rooms * shape.players;
  return {
    ...ticksOf(turns),
    lateP99: [...server.latenesses].sort((a, b) => a - b)[Math.floor(turns.length * 0.99)]!,
    updateUs: server.cpuUs / players.updates,
    kernelUs: server.systemUs / players.updates,
    load: server.cpuUs / wallUs,
    // Whoever sees others sees itself too.
    packets: server.datagramsSent / told,
    entityBytes: server.bytesSent / players.updates / (seen + 1),
    datagramBytes: server.bytesSent / server.datagramsSent,
    seen,
    missing: server.inputsMissing / told,
    delivered: players.updates / told,
    playersLoad: players.cpuUs / wallUs,
  };
}

function lineOf(result: CrowdResult): string {
  const s = summary(result);
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`;
  const cells = [
    result.shape.name,
    ...[...tickCells(s), `${s.long} + ${result.server.dropped}`],
    ...[`${s.updateUs.toFixed(1)} µs`, `${s.kernelUs.toFixed(1)} µs`, percent(s.load)],
    s.packets.toFixed(2),
    ...[`${s.entityBytes.toFixed(2)} B`, `${s.datagramBytes.toFixed(0)} B`, s.seen.toFixed(1)],
    ...[percent(s.missing), percent(s.playersLoad), runtimeName()],
  ];
  return `| ${cells.join(" | ")} |`;
}

function tickCells({ p50, p99, max }: ReturnType<typeof ticksOf>): string[] {
  return [p50, p99, max].map((ms) => `${ms.toFixed(1)} ms`);
}

function controlLine(turns: readonly number[]): string {
  const s = ticksOf(turns);
  return `| control: memory alone | ${[...tickCells(s), s.long].join(" | ")} | | | | | | | | | | ${runtimeName()} |`;
}

function controlRows(turns: readonly number[]): BenchRow[] {
  const { p50, p99, max, long } = ticksOf(turns);
  const row = (what: string, value: number, unit: string): BenchRow => ({
    ...{ name: `rooms/control/${what}`, runtime: runtimeName(), value, unit, spread: 0 },
  });
  return [
    row("tick-p50", p50, "ms"),
    row("tick-p99", p99, "ms"),
    row("tick-max", max, "ms"),
    row("overruns", long, "ticks"),
  ];
}

function rowsOf(result: CrowdResult): BenchRow[] {
  const { shape, server, players } = result;
  const s = summary(result);
  const row = (what: string, value: number, unit: string): BenchRow => ({
    ...{ name: `rooms/${shape.rooms}x${shape.players}/${what}`, runtime: runtimeName() },
    ...{ value, unit, spread: 0 },
  });
  return [
    row("tick-p50", s.p50, "ms"),
    row("tick-p99", s.p99, "ms"),
    row("tick-max", s.max, "ms"),
    row("tick-lateness-p99", s.lateP99, "ms"),
    row("overruns", s.long, "ticks"),
    row("dropped", server.dropped, "times"),
    row("cpu-per-update", s.updateUs, "us"),
    row("kernel-per-update", s.kernelUs, "us"),
    row("server-load", s.load, "ratio"),
    row("packets", s.packets, "packets"),
    row("bytes-per-entity", s.entityBytes, "B"),
    row("datagram", s.datagramBytes, "B"),
    row("seen", s.seen, "entities"),
    row("inputs-missing", s.missing, "ratio"),
    row("delivered", s.delivered, "ratio"),
    row("players-load", s.playersLoad, "ratio"),
    row("players-rtt", players.rttMs, "ms"),
    row("packets-lost", server.packetsLost, "packets"),
    row("blocks-refused", players.refused, "blocks"),
    row("memory", server.residentBytes / 2 ** 20, "MiB"),
  ];
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
