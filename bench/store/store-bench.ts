import { runtimeName, runtimeVersion } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchReport, BenchRow } from "../bench-row.ts";
import { runInFreshProcess } from "../fresh-process.ts";
import { median, spreadOf } from "../repetitions.ts";
import { checkStore } from "./store-check.ts";
import { SCENARIOS, type StoreScenario } from "./store-scenario.ts";
import { type StoreVariant, VARIANTS } from "./store-variants.ts";

/** What all stand to: the least that can be called a capture, and what a server needs that sends deltas. */
const LEAST = "raw-integers";
const LIKE_OURS = "raw-history";
const BOUND_OF_RAW = 2.5;
const PROCESS_FILE = new URL("store-process.ts", import.meta.url);

/** What each round measured of one scenario, by variant. */
class Measured {
  readonly variants: readonly StoreVariant[];
  readonly #scenario: StoreScenario;
  readonly #rounds: Map<string, number>[] = [];

  constructor(scenario: StoreScenario) {
    this.#scenario = scenario;
    this.variants = VARIANTS.filter(({ isPart }) => scenario.hasParts || !isPart);
    for (let round = 0; round < scenario.rounds; round += 1) this.#addRound(round % 2 === 1);
  }

  us(variant: string): number[] {
    return this.#rounds.map((round) => round.get(variant)!);
  }

  /** Of two measured in the same round, so that what slows the machine slows both. */
  ratio(variant: string, of: string): number {
    return median(this.#rounds.map((round) => round.get(variant)! / round.get(of)!));
  }

  rowName(variant: string): string {
    return `store/${this.#scenario.name}/${variant}`;
  }

  #addRound(isReversed: boolean): void {
    const round = new Map<string, number>();
    for (const { name } of isReversed ? this.variants.toReversed() : this.variants) {
      round.set(name, Number(runInFreshProcess(PROCESS_FILE, this.#scenario.name, name)));
    }
    this.#rounds.push(round);
  }
}

/**
 * What 10,000 entities of five kinds cost a server each tick, beside the same by hand over typed arrays.
 *
 * @throws Error when both sides do not come to the same state, or to another than ever before.
 */
export function storeBench(): BenchReport {
  const lines = [
    `${runtimeName()} ${runtimeVersion()}, µs per tick, medians of processes ± half their range.`,
    "Last columns: how many times what is done by hand, with the least of captures and with one like ours.",
  ];
  const rows: BenchRow[] = [];
  for (const scenario of SCENARIOS) {
    const digest = checkStore(scenario);
    if (digest !== scenario.digest) throw new Error(`${scenario.name}: ${digest}, not ${scenario.digest}.`);
    const measured = new Measured(scenario);
    lines.push("", `| ${scenario.says} | µs | ± | ÷ least | ÷ like ours |`, "|---|---|---|---|---|");
    lines.push(...measured.variants.map((variant) => lineOf(measured, variant)));
    rows.push(...measured.variants.map(({ name }) => rowOf(measured, name)));
    const ratio = measured.ratio("capture", LIKE_OURS);
    const verdict = ratio <= BOUND_OF_RAW ? "met" : "NOT met";
    lines.push("", `At most ${BOUND_OF_RAW} × by hand: ${verdict}, ${ratio.toFixed(2)}.`);
  }
  return { rows, text: lines.join("\n") };
}

function lineOf(measured: Measured, { name, says }: StoreVariant): string {
  const us = measured.us(name);
  const ratios = [LEAST, LIKE_OURS].map((of) => measured.ratio(name, of).toFixed(2));
  return `| ${[says, median(us).toFixed(0), `${(spreadOf(us) * 100).toFixed(0)} %`, ...ratios].join(" | ")} |`;
}

function rowOf(measured: Measured, variant: string): BenchRow {
  const us = measured.us(variant);
  return {
    name: measured.rowName(variant),
    runtime: runtimeName(),
    value: median(us),
    unit: "µs",
    spread: spreadOf(us),
    ratioTo: { of: measured.rowName(LIKE_OURS), ratio: measured.ratio(variant, LIKE_OURS) },
  };
}
