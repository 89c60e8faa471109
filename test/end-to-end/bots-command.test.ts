import { describe, expect, type TestContext, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { type ArenaServer, startArena } from "./arena-server.ts";
import { endGroup, startNpm } from "./npm-script.ts";
import { runningProcesses, runTimes } from "./process-table.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const TICK_RATE = 30;
const SECONDS = 5;
/** A hundred clients want most of a core. Had they to wait for one for longer than this, others had it. */
const MOST_WAITED_MS = SECONDS * 1_000 * 0.15;
const TRIES = 2;

interface Play {
  readonly snapshotsPerSecondPerBot: number;
  readonly waitedMs: number;
}

/** A hundred bots play to the end and lose nobody. */
async function playHundred({ url, httpUrl }: ArenaServer, { onTestFinished }: TestContext): Promise<Play> {
  const args = ["--url", url, "--http-url", httpUrl, "--count", "100", "--seconds", String(SECONDS)];
  const npm = startNpm(["npm", "run", "-s", "bots"], [...args, "--json", "-"]);
  onTestFinished(() => endGroup(npm));
  let waitedMs = 0;
  const watch = setInterval(() => {
    const bots = runningProcesses().find(({ parent }) => parent === npm.pid);
    try {
      if (bots !== undefined) waitedMs = runTimes(bots.pid).waitedMs;
    } catch {
      // Ended while we looked.
    }
  }, 200);
  const { code, stdout } = await npm.ended.finally(() => clearInterval(watch));
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ connected: 100, failed: 0, disconnected: 0, errors: {} });
  const { p50, p99, max } = report.server.tickMs;
  expect(p50).toBeGreaterThan(0);
  expect(p99).toBeGreaterThanOrEqual(p50);
  expect(max).toBeGreaterThanOrEqual(p99);
  return { snapshotsPerSecondPerBot: report.snapshotsPerSecondPerBot, waitedMs };
}

const isOff = ({ snapshotsPerSecondPerBot: rate }: Play) => Math.abs(rate - TICK_RATE) > TICK_RATE * 0.03;

// How long a process waited for a core is read from Linux.
describe.runIf(runtimeName() === "node" && process.platform === "linux")("npm run bots", () => {
  for (const runtime of runtimes) {
    test(`brings a hundred bots to a server on ${runtime}, each of which gets every tick`, {
      timeout: 60_000,
    }, async (context) => {
      const server = await startArena(runtime, [], (program) => context.onTestFinished(() => program.end()));
      let play = await playHundred(server, context);
      for (let tries = 1; tries < TRIES && isOff(play) && play.waitedMs > MOST_WAITED_MS; tries += 1) {
        play = await playHundred(server, context);
      }
      const told = `${play.snapshotsPerSecondPerBot.toFixed(2)} snapshots/s per bot, ${play.waitedMs.toFixed(0)} ms without a core`;
      console.log(`${runtime}: ${told}`);
      // All but the rate was asserted; a rate that other programs decide says nothing about ours.
      if (isOff(play) && play.waitedMs > MOST_WAITED_MS)
        context.skip(`the machine was busy elsewhere: ${told}`);
      expect(play.snapshotsPerSecondPerBot).toBeGreaterThanOrEqual(TICK_RATE * 0.97);
      expect(play.snapshotsPerSecondPerBot).toBeLessThanOrEqual(TICK_RATE * 1.03);
    });
  }
});
