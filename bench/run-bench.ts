// npm run bench -- [NAME] [--json FILE] [--seconds N]: so long where real time is measured that has no end of its own
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { BenchReport } from "./bench-row.ts";
import { bytesBench } from "./bytes/bytes-bench.ts";
import { deltaBytesBench } from "./bytes/delta-bytes-bench.ts";
import { deliveryBench } from "./delivery/delivery-bench.ts";
import { fairnessBench } from "./delivery/fairness-bench.ts";
import { encodeBench } from "./encode/encode-bench.ts";
import { feelBench } from "./feel/feel-bench.ts";
import { latencyBench } from "./feel/latency-bench.ts";
import { interestBench } from "./interest/interest-bench.ts";
import { joinBench } from "./join/join-bench.ts";
import { predictionBench } from "./prediction/prediction-bench.ts";
import { botsBench } from "./rooms/bots-bench.ts";
import { lossyRoomBench, roomsBench } from "./rooms/rooms-bench.ts";
import { turnsBench } from "./rooms/turns-bench.ts";
import { storeBench } from "./store/store-bench.ts";

const DEFAULT_SECONDS = 3;

interface BenchOptions {
  readonly seconds: number;
  /** False where nobody said how long. */
  readonly isGiven: boolean;
}
type Bench = (options: BenchOptions) => BenchReport | Promise<BenchReport>;

const benches: Readonly<Record<string, Bench>> = {
  delivery: deliveryBench,
  fairness: fairnessBench,
  bytes: bytesBench,
  encode: encodeBench,
  "delta-bytes": deltaBytesBench,
  interest: interestBench,
  join: joinBench,
  prediction: predictionBench,
  bots: ({ isGiven, seconds }) => botsBench(isGiven ? { seconds } : {}),
  rooms: ({ isGiven, seconds }) => roomsBench(isGiven ? { seconds } : {}),
  "lossy-room": ({ isGiven, seconds }) => lossyRoomBench(isGiven ? { seconds } : {}),
  feel: feelBench,
  latency: latencyBench,
  store: storeBench,
  turns: ({ isGiven, seconds }) => turnsBench(isGiven ? { seconds } : {}),
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
const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
if (!(seconds > 0)) {
  console.error("--seconds takes a number above 0");
  process.exit(2);
}
const rows = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const report = await benches[name]!({ seconds, isGiven: values.seconds !== undefined });
  rows.push(...report.rows);
  if (values.json !== "-") console.log(`## ${name}\n\n${report.text}\n`);
}
const json = `${JSON.stringify(rows, undefined, 2)}\n`;
if (values.json === "-") process.stdout.write(json);
else if (values.json !== undefined) writeFileSync(values.json, json);
