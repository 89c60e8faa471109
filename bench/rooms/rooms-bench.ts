import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchOptions, BenchReport, BenchRow } from "../bench-row.ts";
import { BenchProgram } from "./bench-program.ts";
import { CROWDS, type CrowdShape } from "./crowd-game.ts";
import type { PlayersReport, ServerReport } from "./reports.ts";

const DEFAULT_SECONDS = 60;
/** Until sights, paths and compilers have settled. */
const WARM_UP_SECONDS = 10;
/** So many of the players read the state, and so say what they see. */
const READERS = 20;

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
  for (const [i, shape] of CROWDS.entries()) results.push(await measure(i, shape, seconds));
  const lines = [
    "| shape | tick p50 | p99 | longest | overruns | server CPU per update | of it kernel | server's core | bytes per entity | datagram | seen | inputs missing | players' core | runtime |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ...results.map(lineOf),
    "",
    "Tick: from waking to the last datagram handed to the kernel, on the wall. Overruns: ticks longer than a tick may",
    "take + times that ticks were dropped. An update: one player told of one tick, with the inputs that came for it;",
    "its cost is that of the server's whole process, receiving included. Players are a process of their own, on Node:",
    `all do on the wire what clients do, and ${READERS} of them read the state. The server's main thread has a core for`,
    "itself; all other threads share the rest.",
  ];
  return { rows: results.flatMap(rowsOf), text: lines.join("\n") };
}

async function measure(index: number, shape: CrowdShape, seconds: number): Promise<CrowdResult> {
  const server = new BenchProgram("crowd-server.ts", [index]);
  const { url } = await server.answer<{ url: string }>();
  const count = shape.rooms * shape.players;
  // On the same runtime whatever the server's: else the weaker one would be told of fewer ticks.
  const players = new BenchProgram("crowd-players.ts", ["light-client", url, count, READERS, 1], "node");
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

function summary({ shape, server, players }: CrowdResult) {
  const turns = [...server.turns].sort((a, b) => a - b);
  const at = (share: number): number => turns[Math.min(turns.length - 1, Math.floor(turns.length * share))]!;
  const wallUs = server.seconds * 1_000_000;
  const seen = players.seen / players.looks;
  const told = turns.length * shape.rooms * shape.players;
  return {
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    long: turns.filter((ms) => ms > 1000 / 30).length,
    lateP99: [...server.latenesses].sort((a, b) => a - b)[Math.floor(turns.length * 0.99)]!,
    updateUs: server.cpuUs / players.updates,
    kernelUs: server.systemUs / players.updates,
    load: server.cpuUs / wallUs,
    // Whoever sees others sees itself too.
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
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`;
  const cells = [
    result.shape.name,
    ...[ms(s.p50), ms(s.p99), ms(s.max), `${s.long} + ${result.server.dropped}`],
    ...[`${s.updateUs.toFixed(1)} µs`, `${s.kernelUs.toFixed(1)} µs`, percent(s.load)],
    ...[`${s.entityBytes.toFixed(2)} B`, `${s.datagramBytes.toFixed(0)} B`, s.seen.toFixed(1)],
    ...[percent(s.missing), percent(s.playersLoad), runtimeName()],
  ];
  return `| ${cells.join(" | ")} |`;
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
