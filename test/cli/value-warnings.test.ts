import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProgram } from "./started-program.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const args = ["serve", "test/cli/games/wrong-values.ts", "--port", "0", "--no-http", "--log", "json"];

/** The warnings of a server that has run three ticks. `env`: on top of that of the tests, whose NODE_ENV is "test". */
async function warningsOf(runtime: RuntimeName, env: Record<string, string>): Promise<object[]> {
  const server = new StartedProgram(runtime, "src/cli/main.ts", args, env);
  await server.says("three ticks have run");
  server.signal("SIGTERM");
  const { code, stdout } = await server.ended;
  expect(code).toBe(0);
  return warningsIn(stdout);
}

function warningsIn(stdout: string): object[] {
  const lines = stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { readonly event: string; readonly ts: string });
  return lines.filter(({ event }) => event === "value-warning").map(({ ts: _ts, ...rest }) => rest);
}

describe.runIf(runtimeName() === "node")("tickwire serve", () => {
  for (const runtime of runtimes) {
    test.concurrent(`on ${runtime} warns of values that were not kept as written, once each`, async () => {
      const common = { level: "warn", event: "value-warning" };
      const ship = { ...common, kind: "ship", id: 1 };
      expect(await warningsOf(runtime, {})).toEqual([
        { ...ship, field: "hp", wrote: 101, kept: 100, reason: "clamped" },
        { ...ship, field: "x", wrote: "NaN", kept: 0, reason: "refused" },
        { ...common, message: "boom", field: "power", wrote: 2.5, kept: 3, reason: "rounded" },
      ]);
    });

    test.concurrent(`on ${runtime} warns of what its bots write, once for all of them`, async () => {
      const server = new StartedProgram(runtime, "src/cli/main.ts", [...args, "--bots", "3"]);
      await server.says('"input":true');
      server.signal("SIGTERM");
      const warnings = warningsIn((await server.ended).stdout);
      expect(
        warnings.filter((each) => !("kind" in each) && !("message" in each && each.message === "boom")),
      ).toEqual([
        {
          level: "warn",
          event: "value-warning",
          message: "shout",
          field: "text",
          wrote: "hello",
          kept: "hell",
          reason: "cut",
        },
        {
          level: "warn",
          event: "value-warning",
          input: true,
          field: "gear",
          wrote: 6,
          kept: 5,
          reason: "clamped",
        },
      ]);
    });

    test.concurrent(`on ${runtime} says nothing of them in production`, async () => {
      expect(await warningsOf(runtime, { NODE_ENV: "production" })).toEqual([]);
    });
  }
});
