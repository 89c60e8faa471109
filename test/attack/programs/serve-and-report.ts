/**
 * The command line as it is, which also tells its memory: for each line on standard input it collects all
 * garbage and prints `{"event":"memory", …}`. Node and Deno need `--expose-gc`.
 */
import { createInterface } from "node:readline";

interface Collector {
  readonly gc?: () => void;
  readonly Bun?: { gc(sync: boolean): void };
}

/** What one collection frees may let the next one free more. */
const COLLECTIONS = 4;

const { gc, Bun } = globalThis as unknown as Collector;
const collect = Bun === undefined ? gc : () => Bun.gc(true);

createInterface({ input: process.stdin }).on("line", async () => {
  if (collect === undefined) throw new Error("start it with --expose-gc");
  for (let i = 0; i < COLLECTIONS; i += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ event: "memory", heapUsed, rss })}\n`);
});

await import("../../../src/cli/main.ts");
