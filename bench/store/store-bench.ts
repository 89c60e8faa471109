import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runtimeName, runtimeVersion } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchReport, BenchRow } from "../bench-row.ts";
import { checkStore } from "./store-check.ts";
import { SCENARIOS, type StoreScenario } from "./store-scenario.ts";
import { type StoreVariant, VARIANTS } from "./store-variants.ts";

/** What the rows stand to: a server for one game that can send deltas, and the least that can be called a capture. */
const HISTORY = "raw-history";
const INTEGERS = "raw-integers";

/**
 * What 10,000 entities of five kinds cost a server each tick, beside the same by hand over typed arrays. Each number is
 * the median over fresh processes, which take turns: one after the other, then the other way around.
 *
 * @throws Error when both sides do not come to the same state, or to another than ever before.
 */
export function storeBench(): BenchReport {
  const lines = [`${runtimeName()} ${runtimeVersion()}, 10,000 entities of five kinds, µs per tick:`];
  const rows: BenchRow[] = [];
  for (const scenario of SCENARIOS) {
    const digest = checkStore(scenario);
    if (digest !== scenario.digest) throw new Error(`${scenario.name}: ${digest}, not ${scenario.digest}.`);
    const variants = VARIANTS.filter(({ isPart }) => scenario.hasParts || !isPart);
    const us = measure(scenario, variants);
    const medianOf = (name: string): number => median(us[variants.findIndex((each) => each.name === name)]!);
    lines.push("", `| ${scenario.says} | µs | ± | to integers | to history |`, "|---|---|---|---|---|");
    for (const [n, { name, says }] of variants.entries()) {
      const value = median(us[n]!);
      const spread = (Math.max(...us[n]!) - Math.min(...us[n]!)) / 2 / value;
      const ratio = value / medianOf(HISTORY);
      const of = rowName(scenario, HISTORY);
      const what = { name: rowName(scenario, name), runtime: runtimeName() };
      rows.push({ ...what, value, unit: "µs", spread, ratioTo: { of, ratio } });
      const ratios = [value / medianOf(INTEGERS), ratio].map((each) => each.toFixed(2));
      lines.push(`| ${[says, value.toFixed(0), `${(spread * 100).toFixed(0)} %`, ...ratios].join(" | ")} |`);
    }
  }
  return { rows, text: lines.join("\n") };
}

function rowName(scenario: StoreScenario, variant: string): string {
  return `store/${scenario.name}/${variant}`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** By variant, by round. */
function measure(scenario: StoreScenario, variants: readonly StoreVariant[]): number[][] {
  const us: number[][] = variants.map(() => []);
  for (let round = 0; round < scenario.rounds; round += 1) {
    const order = [...variants.entries()];
    if (round % 2 === 1) order.reverse();
    for (const [n, { name }] of order) us[n]!.push(runProcess(scenario.name, name));
  }
  return us;
}

function runProcess(scenario: string, variant: string): number {
  const program = fileURLToPath(new URL("store-process.ts", import.meta.url));
  const flags = runtimeName() === "deno" ? ["run", "-A"] : [];
  const child = spawnSync(process.execPath, [...flags, program, scenario, variant], { encoding: "utf8" });
  const us = Number(child.stdout);
  if (child.status !== 0 || !(us > 0)) throw new Error(`${scenario} ${variant}: ${child.stderr}`);
  return us;
}
