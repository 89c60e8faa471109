/**
 * `npm run fuzz -- --seconds N [--target NAME] [--seed N] [--keep N]`: every target for so long, from a fresh seed.
 * An input that breaks a promise is shrunk and kept in the corpus, where `npm test` replays it; then the exit code
 * is 3.
 */
import { argv, exit, memoryUsage } from "node:process";
import { keepInput, readCorpus } from "./corpus.ts";
import { readFuzzOptions } from "./fuzz-options.ts";
import { fuzz } from "./fuzz-run.ts";
import { targets } from "./targets.ts";

const BATCH = 50;
const MIB = 1024 * 1024;

function main(): number {
  const names = targets.map(({ name }) => name);
  const options = readFuzzOptions(argv.slice(2), names, Math.floor(Math.random() * 1e9));
  if (typeof options === "string") {
    console.error(options);
    return 2;
  }
  console.log(`seed ${options.seed}`);
  let failures = 0;
  for (const target of targets) {
    if (!options.targets.includes(target.name)) continue;
    const heapBefore = heapUsed();
    const startMs = performance.now();
    const endMs = startMs + options.seconds * 1000;
    const { executions, behaviours, examples, failure } = fuzz(
      target,
      options.seed,
      BATCH,
      () => performance.now() < endMs,
    );
    for (const input of examples.slice(0, options.keep)) keepInput(target.name, input);
    const seconds = (performance.now() - startMs) / 1000;
    const heapGrowth = (heapUsed() - heapBefore) / MIB;
    console.log(
      `${target.name}: ${executions} executions in ${seconds.toFixed(0)} s, ` +
        `${(executions / seconds).toFixed(0)} per second, ${behaviours} behaviours, ` +
        `corpus ${readCorpus(target.name).length}, heap ${heapGrowth < 0 ? "" : "+"}${heapGrowth.toFixed(1)} MiB`,
    );
    if (failure === undefined) continue;
    failures += 1;
    const path = keepInput(target.name, failure.input);
    console.error(`${target.name}: ${String(failure.error)}\n${target.name}: kept as ${path}`);
  }
  return failures === 0 ? 0 : 3;
}

/** What is still needed, where the runtime lets us ask for a collection first. */
function heapUsed(): number {
  (globalThis as { readonly gc?: () => void }).gc?.();
  return memoryUsage().heapUsed;
}

exit(main());
