// memory-ticks.ts MS: at 30 ticks a second spends about MS milliseconds each on going from place to place in memory, and
// tells how long each tick took, from a line "begin" to a line "end" on standard input.
import { createInterface } from "node:readline";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { median } from "../../repetitions.ts";

/** 32 MB: as much as a server of a thousand players has, and no core's caches hold. */
const PLACES = 8 << 20;
const TICK_MS = 1000 / 30;
const CALIBRATIONS = 100;
const STEPS = 10_000;

/** One way through all places, in no order. */
function wayThrough(count: number): Int32Array {
  const random = new SeededRandom(1);
  const order = Int32Array.from({ length: count }, (_, place) => place);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random.next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const next = new Int32Array(count);
  for (let i = 0; i < count; i += 1) next[order[i]!] = order[(i + 1) % count]!;
  return next;
}

const next = wayThrough(PLACES);
let place = 0;
function go(steps: number): number {
  const startMs = performance.now();
  for (let i = 0; i < steps; i += 1) place = next[place]!;
  return performance.now() - startMs;
}

const stepMs = median(Array.from({ length: CALIBRATIONS }, () => go(STEPS))) / STEPS;
const steps = Math.round(Number(process.argv[2]) / stepMs);
let turns: number[] = [];
let dueMs = performance.now();
function tick(): void {
  turns.push(go(steps));
  dueMs = Math.max(dueMs + TICK_MS, performance.now());
  timer = setTimeout(tick, Math.max(0, dueMs - performance.now()));
}
let timer = setTimeout(tick, 0);
console.log(JSON.stringify({ steps }));

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "begin") turns = [];
  // Where it came to is told because a way that leads nowhere need not be gone.
  else if (line === "end") console.log(JSON.stringify({ turns, place }));
  else break;
}
clearTimeout(timer);
