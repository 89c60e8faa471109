import { existsSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { rootFolder, StartedProcess } from "../cli/started-process.ts";
import { newcomersPath, START_SCRIPTS } from "../end-to-end/npm-script.ts";
import { type RunningProcess, runningProcesses } from "../end-to-end/process-table.ts";
import { ALL_WERE_TOLD, playTwenty, reportOf } from "../end-to-end/twenty-bots.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
/** Debian's own. Another one on the PATH may be anything. */
const PYTHON = "/usr/bin/python3";
const CTRL_C = "\u0003";
const ERASE_LINE = "\r\u001b[2K";
/** Time for the server to tell everyone, and one second of grace after which it would end with 1. */
const DRAIN_SECONDS = 3;

/** An npm script typed into a terminal. */
function startOnTerminal(script: readonly string[], args: readonly string[]): StartedProcess {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: apt-get install python3`);
  const command = [PYTHON, `${rootFolder}test/system/terminal.py`, ...script, "--", ...args];
  return new StartedProcess(command, { env: { PATH: newcomersPath(), TERM: "xterm" } });
}

function childOf(parentPid: number): RunningProcess {
  const child = runningProcesses().find(({ parent }) => parent === parentPid);
  if (child === undefined) throw new Error(`process ${parentPid} has no child`);
  return child;
}

describe("on a terminal", () => {
  test.each(runtimes)(
    "%s: draws a live line, and Ctrl-C ends all in good order",
    {
      timeout: 30_000,
    },
    async (runtime) => {
      const args = ["--port", "0", "--http-port", "0", "--drain-seconds", String(DRAIN_SECONDS)];
      const terminal = startOnTerminal(START_SCRIPTS[runtime], args);
      onTestFinished(() => terminal.end());
      const [, udp, http] = await terminal.prints(/listening.* udp=(udp:\/\/\S+).* http=(http:\/\/[\d.:]+)/);
      const npm = childOf(terminal.pid);
      const server = childOf(npm.pid);
      onTestFinished(() => {
        for (const { pid, session } of runningProcesses())
          if (session === npm.session) process.kill(pid, "SIGKILL");
      });
      expect(npm.session).toBe(npm.pid);

      // The eight bots of the start script, then those of another process too.
      const live = /(\d+) players \(8 bots\) · tick p99 (\d+\.\d) ms · (\d+) kB\/s/g;
      await terminal.prints(/8 players \(8 bots\) · tick p99 /);
      const bots = await playTwenty(runtime, { url: udp!, httpUrl: http! }, onTestFinished);
      await terminal.prints(/28 players \(8 bots\) · tick p99 /);
      await terminal.until(
        () =>
          [...terminal.stdout.matchAll(live)].some(([, , p99, rate]) => Number(p99) > 0 && Number(rate) > 0),
        "showing its numbers",
      );
      expect(terminal.stdout).toContain(`${ERASE_LINE}28 players`);

      const startMs = performance.now();
      terminal.type(CTRL_C, "");
      const { code, stdout } = await terminal.ended;
      expect(performance.now() - startMs).toBeLessThan(DRAIN_SECONDS * 1_000);
      expect(code).toBe(0);
      expect(stdout).toMatch(/draining.* signal=SIGINT/);
      expect(stdout).toMatch(/stopped.* reason=SIGINT/);
      expect(stdout).not.toMatch(/\d\d:\d\d:\d\d (?:warn|error)\s+(?!\s|open-to-anyone)/);
      // The last line drawn is wiped: the shell's prompt starts on a clean line.
      expect(stdout.lastIndexOf(ERASE_LINE)).toBeGreaterThan(stdout.lastIndexOf(" players · "));
      expect(await reportOf(bots)).toMatchObject(ALL_WERE_TOLD);
      const left = runningProcesses().filter(
        ({ pid, session }) => session === npm.session || pid === npm.pid || pid === server.pid,
      );
      expect(left).toEqual([]);
    },
  );
});
