import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchOptions, BenchReport, BenchRow } from "../bench-row.ts";
import { runInFreshProcess } from "../fresh-process.ts";
import { median, spreadOf } from "../repetitions.ts";
import { BenchProgram } from "./bench-program.ts";

const TICK_RATE = 30;
const DEFAULT_SECONDS = 8;
const WARM_UP_SECONDS = 4;
const REPETITIONS = 3;
/** Rooms of ten in which all see all. Fewer players than fill them, so that neither core is short of time. */
const SHAPE = 1;
const PLAYERS = 500;
/** When less of the ticks were told, the machine was too busy: that repetition says nothing of what a player costs. */
const LEAST_TOLD = 0.98;

/** Of players: ticks they were told of, and CPU time of all it took. */
interface Cost {
  readonly updates: number;
  readonly cpuUs: number;
}

/**
 * What a light player of a load test costs its process in a tick: one packet in, one out. Beside it the same traffic on
 * sockets with nothing above them, which no player can undercut, and what our own code needs with no socket below.
 */
export async function botsBench({ seconds = DEFAULT_SECONDS }: BenchOptions): Promise<BenchReport> {
  const ticks = Math.round(seconds * TICK_RATE);
  const rows: BenchRow[] = [];
  const lines = [
    "| what | µs per bot and tick | bots on one core | good repetitions | runtime |",
    "|---|---|---|---|---|",
  ];
  const variants = {
    "light players": () => play(seconds),
    "their sockets alone": () => sendAndReceive(seconds),
    "their code alone": () => Promise.resolve(own(ticks)),
  };
  const costs = new Map(Object.keys(variants).map((name) => [name, [] as Cost[]]));
  // In turns, so that what else the machine does meets all of them.
  for (let i = 0; i < REPETITIONS; i += 1) {
    for (const [name, measure] of Object.entries(variants)) costs.get(name)!.push(await measure());
  }
  for (const [name, all] of costs) {
    const told = all.map(({ updates }) => updates / (PLAYERS * ticks));
    const us = all.filter((_, i) => told[i]! >= LEAST_TOLD).map(({ updates, cpuUs }) => cpuUs / updates);
    const good = `${us.length} of ${all.length}`;
    if (us.length === 0) {
      lines.push(`| ${name} | the machine was too busy | | ${good} | ${runtimeName()} |`);
      continue;
    }
    rows.push({
      ...{ name: `bots/${name.replaceAll(" ", "-")}/cost`, runtime: runtimeName() },
      ...{ value: median(us), unit: "us", spread: spreadOf(us) },
    });
    const cells = [
      name,
      `${median(us).toFixed(1)} ± ${(spreadOf(us) * 100).toFixed(0)} %`,
      `${Math.round(1_000_000 / TICK_RATE / median(us) / 10) * 10}`,
      good,
      runtimeName(),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  return { rows, text: lines.join("\n") };
}

async function play(seconds: number): Promise<Cost> {
  const server = new BenchProgram("crowd-server.ts", [SHAPE]);
  const { url } = await server.answer<{ url: string }>();
  const bots = new BenchProgram("crowd-players.ts", ["light-bot", url, PLAYERS, 0, 1, 0]);
  return measured(server, bots, seconds);
}

async function sendAndReceive(seconds: number): Promise<Cost> {
  const echo = new BenchProgram("echo.ts", []);
  const { port } = await echo.answer<{ port: number }>();
  return measured(echo, new BenchProgram("socket-players.ts", [port, PLAYERS]), seconds);
}

async function measured(server: BenchProgram, players: BenchProgram, seconds: number): Promise<Cost> {
  server.keepTo("first");
  players.keepTo("last");
  try {
    await players.answer();
    await pause(WARM_UP_SECONDS);
    players.say("begin");
    await pause(seconds);
    players.say("end");
    return await players.answer<Cost>();
  } finally {
    await players.end();
    await server.end();
  }
}

/** In virtual time the crowd comes out the same each time: each player is told of each tick. */
function own(ticks: number): Cost {
  const file = new URL("programs/light-cost.ts", import.meta.url);
  const cost: Cost = JSON.parse(runInFreshProcess(file, `${PLAYERS / 10}`, `${ticks}`));
  if (cost.updates !== PLAYERS * ticks) {
    throw new Error(`${PLAYERS} players were told of ${cost.updates} ticks in ${ticks}.`);
  }
  return cost;
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
