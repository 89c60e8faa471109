import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { StartedProcess } from "../cli/started-process.ts";
import { listening, startArena } from "./arena-server.ts";
import { endGroup, START_SCRIPTS, startNpm } from "./npm-script.ts";
import { runningProcesses } from "./process-table.ts";
import { ALL_WERE_TOLD, playTwenty, reportOf } from "./twenty-bots.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const signals = ["SIGTERM", "SIGINT"] as const;
/** What the server is given to tell everyone, and one second of grace after which it would exit with 1. */
const DRAIN_SECONDS = 3;

async function expectGoodOrder(server: StartedProcess, signal: string): Promise<void> {
  const startMs = performance.now();
  const { code, stdout, stderr } = await server.ended;
  expect(performance.now() - startMs).toBeLessThan(DRAIN_SECONDS * 1_000);
  // npm may have something to say about the machine's configuration of it.
  const complaints = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("npm warn "));
  expect({ code, complaints }).toEqual({ code: 0, complaints: [] });
  expect(stdout).toContain(`"event":"stopped","reason":"${signal}"`);
  expect(stdout).not.toContain('"level":"error"');
}

// What is left of a process group is read from Linux's table of processes.
describe.runIf(runtimeName() === "node" && process.platform === "linux")("a stop signal", () => {
  describe.each(runtimes)("on %s", (runtime) => {
    describe.each(signals)("%s", (signal) => {
      test.concurrent("to the server: all bots are told, it exits with 0", async ({ onTestFinished }) => {
        const server = await startArena(runtime, [], (program) => onTestFinished(() => program.end()));
        const bots = await playTwenty(runtime, server, onTestFinished);
        server.program.signal(signal);
        await expectGoodOrder(server.program, signal);
        expect(await reportOf(bots)).toMatchObject(ALL_WERE_TOLD);
      });

      test.concurrent("to npm: all bots are told, npm exits with 0, nothing is left", async ({
        onTestFinished,
      }) => {
        // npm's own words, before the program's, go to standard output.
        const npm = startNpm(START_SCRIPTS[runtime], [
          ...["--port", "0", "--http-port", "0", "--bots", "3", "--log", "json"],
          ...["--drain-seconds", String(DRAIN_SECONDS)],
        ]);
        onTestFinished(() => endGroup(npm));
        const addresses = await listening(npm);
        const server = runningProcesses().find(({ parent }) => parent === npm.pid);
        expect(server?.group).toBe(npm.pid);
        const bots = await playTwenty(runtime, addresses, onTestFinished);
        npm.signal(signal);
        await expectGoodOrder(npm, signal);
        expect(await reportOf(bots)).toMatchObject(ALL_WERE_TOLD);
        const left = runningProcesses().filter(({ pid, group }) => group === npm.pid || pid === server!.pid);
        expect(left).toEqual([]);
      });
    });
  });
});
