// npm run bench -- [NAME] [--seconds S] [--json FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { BenchOptions, BenchReport } from "./bench-row.ts";
import { deliveryBench } from "./delivery/delivery-bench.ts";
import { fairnessBench } from "./delivery/fairness-bench.ts";
import { roomsBench } from "./rooms/rooms-bench.ts";

const benches: Readonly<Record<string, (options: BenchOptions) => BenchReport | Promise<BenchReport>>> = {
  delivery: deliveryBench,
  fairness: fairnessBench,
  rooms: roomsBench,
};

const { values, positionals } = parseArgs({
  options: { json: { type: "string" }, seconds: { type: "string" } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => benches[name] === undefined);
if (unknown !== undefined) {
  console.error(`no bench '${unknown}'; there are: ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
const seconds = Number(values.seconds ?? Number.NaN);
const rows = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const report = await benches[name]!(seconds > 0 ? { seconds } : {});
  rows.push(...report.rows);
  if (values.json !== "-") console.log(`## ${name}\n\n${report.text}\n`);
}
const json = `${JSON.stringify(rows, undefined, 2)}\n`;
if (values.json === "-") process.stdout.write(json);
else if (values.json !== undefined) writeFileSync(values.json, json);
