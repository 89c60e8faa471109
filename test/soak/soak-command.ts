/**
 * `npm run soak -- [--minutes 60] [--clients 10] [--seed N]`: so many virtual minutes of reliable messages over a very
 * bad network. A broken promise, or memory that is not flat, gives exit code 3. The same seed plays the same again.
 */
import { argv, exit, memoryUsage } from "node:process";
import { judgeMemory } from "./soak-memory.ts";
import { readSoakOptions } from "./soak-options.ts";
import { describeSoak } from "./soak-report.ts";
import { soak } from "./soak-run.ts";

function main(): number {
  const options = readSoakOptions(argv.slice(2), Math.floor(Math.random() * 1e9));
  if (typeof options === "string") {
    console.error(options);
    return 2;
  }
  const { minutes, clients, seed } = options;
  console.log(`seed ${seed}: ${clients} clients, ${minutes} virtual minutes`);
  const { gc } = globalThis as { readonly gc?: () => void };
  const heapBytes = (): number => {
    // The first finds what is needed no more, the second waits for the first to have freed buffers.
    gc!();
    gc!();
    const { heapUsed, arrayBuffers } = memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const startMs = performance.now();
  const outcome = soak({ ...options, ...(gc !== undefined && { heapBytes }) });
  const memory = judgeMemory(outcome.heapBytes);
  console.log(describeSoak(outcome, memory));
  console.log(`took ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return outcome.violations === 0 && memory?.isFlat !== false ? 0 : 3;
}

exit(main());
