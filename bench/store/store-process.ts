/** One variant in a process of its own: prints microseconds per tick, the median of many short runs. */
import { setImmediate } from "node:timers/promises";
import { SCENARIOS } from "./store-scenario.ts";
import { VARIANTS } from "./store-variants.ts";

/** Engines go on compiling for thousands of ticks, which on a server are the first minute. */
const WARM_UP_MS = 600;
/** At least so many runs: on a busy machine little may happen in that time. */
const WARM_UP_RUNS = 600;
/** So short that on a busy machine most of them are not interrupted. */
const RUN_TICKS = 4;
const RUNS = 200;

const [scenarioName, variantName] = process.argv.slice(2);
const scenario = SCENARIOS.find(({ name }) => name === scenarioName)!;
const tick = VARIANTS.find(({ name }) => name === variantName)!.start(scenario);

function run(): number {
  const startMs = performance.now();
  for (let n = 0; n < RUN_TICKS; n += 1) tick();
  return ((performance.now() - startMs) * 1000) / RUN_TICKS;
}

// Each run comes from the event loop, as ticks do on a server: V8 compiles a loop that never ends otherwise, and the
// loops in it worse.
const beganMs = performance.now();
for (let runs = 0; runs < WARM_UP_RUNS || performance.now() - beganMs < WARM_UP_MS; runs += 1) {
  run();
  await setImmediate();
}
const us: number[] = [];
while (us.length < RUNS) {
  us.push(run());
  await setImmediate();
}
us.sort((a, b) => a - b);
console.log(us[RUNS >> 1]);
