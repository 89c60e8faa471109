import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProgram } from "./started-program.ts";

const program = "test/cli/programs/bots-pretend.ts";
const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const report = {
  connected: 5,
  failed: 0,
  disconnected: 0,
  snapshotsPerSecondPerBot: 29.97,
  server: { tickMs: { p50: 0.1, p99: 0.5, max: 2 } },
  errors: {},
};

describe.runIf(runtimeName() === "node")("tickwire bots", () => {
  for (const runtime of runtimes) {
    const start = (args: string[], env?: Record<string, string>) =>
      new StartedProgram(runtime, program, ["bots", "--game", "test/cli/games/only-room.ts", ...args], env);

    describe.concurrent(`on ${runtime}`, () => {
      test("writes its report to standard output, and nothing else", async () => {
        const { code, stdout, stderr } = await start(["--count", "5", "--seconds", "0.1", "--json", "-"])
          .ended;
        expect(code).toBe(0);
        expect(JSON.parse(stdout)).toEqual(report);
        expect(JSON.parse(stderr)).toMatchObject({
          event: "playing",
          game: "duel",
          url: "udp://127.0.0.1:7777",
          httpUrl: "http://127.0.0.1:7780",
          count: 5,
          seconds: 0.1,
          seed: 1,
        });
      });

      test("writes it to a file and sums it up for people", async () => {
        const folder = mkdtempSync(join(tmpdir(), "tickwire-"));
        try {
          const file = join(folder, "report.json");
          const ending = await start(["--count", "5", "--seconds", "0.1", "--json", file]).ended;
          expect(ending.code).toBe(0);
          expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(report);
          expect(ending.stdout).toBe(
            "5 connected · 0 failed · 0 disconnected · 30.0 snapshots/s per bot · server tick p99 0.50 ms, max 2.00 ms\n",
          );
        } finally {
          rmSync(folder, { recursive: true });
        }
      });

      test("plays until it is stopped, and still reports", async () => {
        const bots = start(["--count", "5", "--json", "-"]);
        while (!bots.stderr.includes("playing")) await new Promise((resolve) => setTimeout(resolve, 5));
        bots.signal("SIGINT");
        const { code, stdout } = await bots.ended;
        expect(code).toBe(0);
        expect(JSON.parse(stdout)).toEqual(report);
      });

      test("writes a trace as it plays, to its last line", async () => {
        const folder = mkdtempSync(join(tmpdir(), "tickwire-"));
        try {
          const file = join(folder, "trace.jsonl");
          const bots = start(["--trace", file]);
          while (!bots.stderr.includes("playing")) await new Promise((resolve) => setTimeout(resolve, 5));
          bots.signal("SIGINT");
          expect((await bots.ended).code).toBe(0);
          expect(readFileSync(file, "utf8")).toBe("one\ntwo\n");
        } finally {
          rmSync(folder, { recursive: true });
        }
      });

      test("does not play when there is no place for its trace", async () => {
        const ending = await start(["--trace", "test/nowhere/trace.jsonl"]).ended;
        expect(ending).toEqual({
          code: 1,
          stdout: "",
          stderr: "the trace 'test/nowhere/trace.jsonl' could not be written (ENOENT)\n",
        });
      });

      test.runIf(existsSync("/dev/full"))(
        "plays on without its trace on a full disk, and says so",
        async () => {
          const ending = await start([
            "--count",
            "5",
            "--seconds",
            "0.1",
            "--json",
            "-",
            "--trace",
            "/dev/full",
          ]).ended;
          expect(ending.code).toBe(1);
          expect(JSON.parse(ending.stdout)).toEqual(report);
          expect(ending.stderr).toMatch(/the trace '\/dev\/full' could not be written \(ENOSPC\)\n$/);
        },
      );

      test("fails when no bot got in, and reports that too", async () => {
        const ending = await start(["--seconds", "0.1", "--json", "-"], { PRETEND: "refused" }).ended;
        expect(ending.code).toBe(1);
        expect(JSON.parse(ending.stdout)).toMatchObject({ connected: 0, failed: 50 });
        expect(ending.stderr).toMatch(
          /no bot could connect to udp:\/\/127\.0\.0\.1:7777: connect-timeout\n$/,
        );
      });
    });
  }
});
