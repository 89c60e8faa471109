// npm run bench -- [NAME] [--json FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { BenchReport } from "./bench-row.ts";
import { deliveryBench } from "./delivery/delivery-bench.ts";
import { fairnessBench } from "./delivery/fairness-bench.ts";
import { joinBench } from "./join/join-bench.ts";

const benches: Readonly<Record<string, () => BenchReport | Promise<BenchReport>>> = {
  delivery: deliveryBench,
  fairness: fairnessBench,
  join: joinBench,
};

const { values, positionals } = parseArgs({
  options: { json: { type: "string" } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => benches[name] === undefined);
if (unknown !== undefined) {
  console.error(`no bench '${unknown}'; there are: ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
const rows = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const report = await benches[name]!();
  rows.push(...report.rows);
  if (values.json !== "-") console.log(`## ${name}\n\n${report.text}\n`);
}
const json = `${JSON.stringify(rows, undefined, 2)}\n`;
if (values.json === "-") process.stdout.write(json);
else if (values.json !== undefined) writeFileSync(values.json, json);
