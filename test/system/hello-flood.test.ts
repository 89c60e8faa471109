import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { keepToCore } from "../../bench/keep-to-core.ts";
import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProgram } from "../cli/started-program.ts";
import { Players } from "../end-to-end/players.ts";

const PLAYERS = 50;
const QUIET_SECONDS = 10;
const WARM_UP_SECONDS = 12;
const FLOOD_SECONDS = 20;
/** A little above what is asked for, as the sender only catches up with its own pace. */
const PER_SECOND = 115_000;
const LEAST_PER_SECOND = 100_000;
/** While the machine has no core for the flooder there is no such flood, and nothing is measured. */
const MOST_RUNS = 3;
const SEED = 20_261_120;
const PROGRAM = "test/system/programs/measured-server.ts";
/** As the npm scripts start it, and with a garbage collector that can be asked. */
const collectable: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: ["--max-semi-space-size=4", "--expose-gc"],
  bun: [],
  deno: ["--v8-flags=--max-semi-space-size=4,--expose-gc"],
};
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

interface Report {
  readonly ticks: { readonly ticks: number; readonly p99: number; readonly max: number };
  readonly lateness: { readonly p99: number; readonly max: number };
  readonly heapUsed: number;
  readonly rss: number;
  readonly players: number;
  readonly counters: Readonly<Record<string, number>>;
}

interface Told extends Report {
  /** Ticks that a player was told of in a second. */
  readonly perSecond: number;
}

interface Flood {
  readonly seconds: number;
  readonly perSecond: number;
  readonly repliesSeen: number;
  readonly largestReply: number;
}

interface Measured {
  /** Before the first flood, after it, and after the second. */
  readonly fresh: Report;
  readonly warm: Report;
  readonly after: Report;
  readonly quiet: Told;
  readonly loud: Told;
  readonly flood: Flood;
}

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];

describe("a flood of HELLOs from 10,000 forged addresses", () => {
  for (const runtime of runtimes) {
    test(`${runtime}: the ${PLAYERS} players inside hardly notice`, {
      timeout: MOST_RUNS * 100_000,
    }, async () => {
      const { fresh, warm, after, quiet, loud, flood } = await measure(runtime);
      console.log(
        [
          `${runtime}: seed ${SEED}`,
          `sent ${Math.round(flood.perSecond)}/s for ${FLOOD_SECONDS} s`,
          `tick p99 ${quiet.ticks.p99.toFixed(2)} → ${loud.ticks.p99.toFixed(2)} ms`,
          `lateness p99 ${quiet.lateness.p99.toFixed(2)} → ${loud.lateness.p99.toFixed(2)} ms`,
          `snapshots ${quiet.perSecond.toFixed(1)} → ${loud.perSecond.toFixed(1)} /s per player`,
          `heap ${mb(fresh.heapUsed)}, warm ${mb(warm.heapUsed)} → ${mb(after.heapUsed)} MB`,
          `rss ${mb(fresh.rss)}, warm ${mb(warm.rss)} → ${mb(after.rss)} MB`,
          `cookies ${flood.repliesSeen} of at most ${flood.largestReply} B`,
          `refused for budget ${loud.counters["net.refusedBudget"]}, received ${loud.counters["net.datagramsReceived"]}`,
        ].join(" · "),
      );
      expect(loud.players).toBe(PLAYERS);
      expect(flood.largestReply).toBeLessThanOrEqual(64);
      expect(flood.perSecond).toBeGreaterThanOrEqual(LEAST_PER_SECOND);
      expect(after.heapUsed).toBeLessThanOrEqual(warm.heapUsed * 1.1 + 16 * 2 ** 20);
      expect(after.rss).toBeLessThanOrEqual(warm.rss * 1.1 + 16 * 2 ** 20);
      expect(loud.ticks.p99).toBeLessThanOrEqual(Math.max(2 * quiet.ticks.p99, 3));
      expect(loud.lateness.p99).toBeLessThanOrEqual(1000 / 30 / 2);
      expect(loud.perSecond).toBeGreaterThanOrEqual(0.9 * 30);
    });
  }
});

async function measure(runtime: RuntimeName): Promise<Measured> {
  for (let attempt = 1; ; attempt += 1) {
    const measured = await measureOnce(runtime);
    const { perSecond } = measured.flood;
    if (perSecond >= LEAST_PER_SECOND || attempt === MOST_RUNS) return measured;
    console.log(`${runtime}: the flooder came to ${Math.round(perSecond)}/s only, once more`);
  }
}

async function measureOnce(runtime: RuntimeName): Promise<Measured> {
  const server = new StartedProgram(runtime, PROGRAM, [], {}, collectable[runtime]);
  await server.says('"listening"');
  const listening = server.lines.find(({ event }) => event === "listening")!;
  const url = String(listening.udp);
  const report = async (order: string): Promise<Report> => {
    const before = server.lines.length;
    server.type(order);
    await server.until(() => server.lines.length > before, `answering ${order}`);
    return server.lines.at(-1) as unknown as Report;
  };
  const players = new Players("node", url, "p", PLAYERS, "no-prediction");
  /** What happened, and what the server and its players say of that time. */
  const during = async <T extends { seconds: number }>(happening: () => Promise<T>): Promise<[Told, T]> => {
    await report("now");
    const before = total(await players.stats());
    const happened = await happening();
    const told = await report("now");
    const ticks = total(await players.stats()) - before;
    return [{ ...told, perSecond: ticks / PLAYERS / happened.seconds }, happened];
  };
  // Elsewhere players and flooders have machines of their own, and a rented server has one core, quiet or not.
  keepToCore(server.pid, "first");
  keepToCore(players.program.pid, "last");
  await players.program.until(() => players.count("joined") > 0, "all players in");
  await wait(5);
  const fresh = await report("memory");
  // The allocator's high water of a flooded process is reached in moments and says nothing about growth: what
  // must be flat is memory from there on.
  await flooded(url, String(listening.definitionHash), WARM_UP_SECONDS);
  await wait(2);
  const warm = await report("memory");
  keepToCore(server.pid, "first");

  const [quiet] = await during(() => wait(QUIET_SECONDS).then(() => ({ seconds: QUIET_SECONDS })));
  const [loud, flood] = await during(() => flooded(url, String(listening.definitionHash), FLOOD_SECONDS));
  await wait(2);
  const after = await report("memory");
  await players.ask("leave", "left");
  server.type("close");
  await server.ended;
  await players.program.ended;
  return { fresh, warm, after, quiet, loud, flood };
}

function total(stats: readonly { readonly stateTicks: number }[]): number {
  return stats.reduce((sum, { stateTicks }) => sum + stateTicks, 0);
}

function mb(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

async function flooded(url: string, definitionHash: string, seconds: number): Promise<Flood> {
  const port = new URL(url.replace("udp:", "http:")).port;
  const flooder = spawn(
    "node_modules/.bin/bun",
    ["test/system/programs/hello-flooder.ts", port, `${PER_SECOND}`, `${seconds}`, `${SEED}`, definitionHash],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  keepToCore(flooder.pid!, "last");
  for await (const line of createInterface({ input: flooder.stdout })) {
    const { sent, seconds: took, ...seen } = JSON.parse(line);
    return { seconds: took, perSecond: sent / took, ...seen };
  }
  throw new Error("the flooder said nothing");
}
