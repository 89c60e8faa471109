import { describe, expect, onTestFinished, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { startArena } from "./arena-server.ts";
import { endGroup, startNpm } from "./npm-script.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const TICK_RATE = 30;

describe.runIf(runtimeName() === "node")("npm run bots", () => {
  test.each(runtimes)(
    "brings a hundred bots to a server on %s, each of which gets every tick",
    {
      timeout: 40_000,
      // A hundred clients want most of a core. While the machine is busy elsewhere they cannot keep their rate;
      // the bound stays the same in each try.
      retry: 3,
    },
    async (runtime) => {
      const server = await startArena(runtime, [], (program) => onTestFinished(() => program.end()));
      const { url, httpUrl } = server;
      const args = ["--url", url, "--http-url", httpUrl, "--count", "100", "--seconds", "5", "--json", "-"];
      const bots = startNpm(["npm", "run", "-s", "bots"], args);
      onTestFinished(() => endGroup(bots));
      const { code, stdout } = await bots.ended;
      expect(code).toBe(0);
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({ connected: 100, failed: 0, disconnected: 0, errors: {} });
      expect(report.snapshotsPerSecondPerBot).toBeGreaterThan(TICK_RATE * 0.97);
      expect(report.snapshotsPerSecondPerBot).toBeLessThan(TICK_RATE * 1.03);
      const { p50, p99, max } = report.server.tickMs;
      expect(p50).toBeGreaterThan(0);
      expect(p99).toBeGreaterThanOrEqual(p50);
      expect(max).toBeGreaterThanOrEqual(p99);
    },
  );
});
