import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchOptions, BenchReport, BenchRow } from "../bench-row.ts";
import { median, spreadOf } from "../repetitions.ts";
import { CROWDS, type CrowdShape } from "./crowd-game.ts";
import { VirtualCrowd } from "./virtual-crowd.ts";

const TICKS_PER_SECOND = 30;
const DEFAULT_SECONDS = 10;
/** The same work for each player, and less memory between one tick of it and the next. */
const SMALLER: readonly CrowdShape[] = [30, 100, 300].map((players) => ({
  name: `1 room of ${players}, as many in sight`,
  ...{ rooms: 1, players, near: 27 },
}));
const SETTLE_TICKS = 90;
const REPETITIONS = 3;

interface Turns {
  readonly receiveUs: number;
  readonly turnUs: number;
  readonly updateBytes: number;
}

/** What our own code costs the server for one update of one client, with no kernel: microseconds of its thread. */
export function turnsBench({ seconds = DEFAULT_SECONDS }: BenchOptions): BenchReport {
  const rows: BenchRow[] = [];
  const lines = [
    "| shape | to receive | in a turn | both | bytes per update | runtime |",
    "|---|---|---|---|---|---|",
  ];
  for (const shape of [...SMALLER, ...CROWDS]) {
    const crowd = new VirtualCrowd(shape);
    crowd.fill(SETTLE_TICKS);
    const results = Array.from({ length: REPETITIONS }, () => measure(crowd, seconds * TICKS_PER_SECOND));
    const row = (what: string, unit: string, of: (turns: Turns) => number): number => {
      const values = results.map(of);
      const name = `turns/${shape.rooms}x${shape.players}/${what}`;
      rows.push({ name, runtime: runtimeName(), value: median(values), unit, spread: spreadOf(values) });
      return median(values);
    };
    const receiveUs = row("receive", "us", (turns) => turns.receiveUs);
    const turnUs = row("turn", "us", (turns) => turns.turnUs);
    const bothUs = row("both", "us", (turns) => turns.receiveUs + turns.turnUs);
    const bytes = row("bytes", "B", (turns) => turns.updateBytes);
    const us = [receiveUs, turnUs, bothUs].map((value) => `${value.toFixed(1)} µs`);
    lines.push(`| ${[shape.name, ...us, `${bytes.toFixed(0)} B`, runtimeName()].join(" | ")} |`);
  }
  return { rows, text: lines.join("\n") };
}

function measure(crowd: VirtualCrowd, ticks: number): Turns {
  crowd.begin();
  for (let i = 0; i < ticks; i += 1) crowd.tick();
  const { receiveUs, turnUs, updates, bytesDown } = crowd;
  return { receiveUs: receiveUs / updates, turnUs: turnUs / updates, updateBytes: bytesDown / updates };
}
