/**
 * The arena, measured: for each line on standard input it collects garbage and prints one line of JSON with the
 * ticks since the last one, memory and all counters. Node and Deno need `--expose-gc`.
 */
import { createInterface } from "node:readline";
import { serve } from "tickwire/server";
import arenaRoom from "../../../examples/arena/arena-room.ts";
import { definitionDigest } from "../../../src/definition-digest.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";

interface Collector {
  readonly gc?: () => void;
  readonly Bun?: { gc(sync: boolean): void };
}
const { gc, Bun } = globalThis as unknown as Collector;
const collect = Bun === undefined ? gc : () => Bun.gc(true);

let durations: number[] = [];
let latenesses: number[] = [];
const server = await serve(arenaRoom, {
  port: 0,
  seed: 1,
  onTick(durationMs, latenessMs) {
    durations.push(durationMs);
    latenesses.push(latenessMs);
  },
});
const digest = definitionDigest(await loadSodium(), arenaRoom.game);
const definitionHash = Array.from(digest.hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
say({ event: "listening", udp: server.url, definitionHash, receiveBufferBytes: server.receiveBufferBytes });

createInterface({ input: process.stdin }).on("line", async (line) => {
  if (line === "close") {
    await server.close();
    process.exit(0);
  }
  const ticks = { ticks: durations.length, p99: percentile(durations, 99), max: Math.max(0, ...durations) };
  const lateness = { p99: percentile(latenesses, 99), max: Math.max(0, ...latenesses) };
  if (line === "memory") {
    for (let i = 0; i < 4; i += 1) {
      if (collect === undefined) throw new Error("start it with --expose-gc");
      collect();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const { heapUsed, rss } = process.memoryUsage();
  const counters = Object.fromEntries(
    Array.from(server.counters(), ([group, name, value]) => [`${group}.${name}`, value]),
  );
  say({ event: "report", ticks, lateness, heapUsed, rss, players: server.stats.players, counters });
  durations = [];
  latenesses = [];
});

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
