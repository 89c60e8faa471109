import { describe, expect, type TestContext, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProgram } from "../cli/started-program.ts";
import { startArena } from "./arena-server.ts";
import { Players } from "./players.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
/** A client knocks for 10 s before it gives up: an answer comes long before, on a busy machine too. */
const AT_ONCE_MS = 5_000;

/** What a client on each runtime is told, in the order of `runtimes`. */
async function answers(url: string, as: string): Promise<{ reason: string; message: string }[]> {
  const all = runtimes.map(async (runtime) => {
    const { stdout, stderr } = await new StartedProgram(runtime, "test/end-to-end/programs/knock.ts", [
      url,
      as,
    ]).ended;
    expect(stderr).toBe("");
    const { reason, message, afterMs } = JSON.parse(stdout);
    expect(afterMs).toBeLessThan(AT_ONCE_MS);
    return { reason, message };
  });
  return Promise.all(all);
}

const keepFor =
  ({ onTestFinished }: TestContext) =>
  (program: StartedProgram) =>
    onTestFinished(() => program.end());

describe.runIf(runtimeName() === "node")("a server refuses clients on every runtime", () => {
  describe.each(runtimes)("on %s", (runtime) => {
    test("at once when it is full, and lets the next one in when someone left", async (context) => {
      const { url } = await startArena(runtime, ["--max-players", "2"], keepFor(context));
      const players = new Players(runtime, url, "first", 2);
      keepFor(context)(players.program);
      await players.program.says('"joined"');
      const message = `could not join ${url}: all 2 places are taken (full)`;
      expect(await answers(url, "as-it-is")).toEqual(runtimes.map(() => ({ reason: "full", message })));
      await players.stats("leave");
      const next = new Players(runtime, url, "next", 1);
      keepFor(context)(next.program);
      await next.program.says('"joined"');
    });

    test("by name when they hold another definition, by number when they speak another version", async (context) => {
      const { url, program } = await startArena(runtime, [], keepFor(context));
      const definition = `could not join ${url}: the server runs another definition of its game, "arena"; what differs: input, entity ship, 3 that only the server has (definition-mismatch)`;
      expect(await answers(url, "another-game")).toEqual(
        runtimes.map(() => ({ reason: "definition-mismatch", message: definition })),
      );
      const version = "the server speaks protocol 1 to 1, this client 7 to 9";
      expect(await answers(url, "another-version")).toEqual(
        runtimes.map(() => ({ reason: "version-mismatch", message: version })),
      );
      expect(program.stderr).toBe("");
      expect(program.stdout).not.toContain("player-joined");
    });
  });
});
