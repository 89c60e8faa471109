import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { startArena } from "./arena-server.ts";
import { Players } from "./players.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
/** What the server says when it lets someone in. */
const TIMEOUT_MS = 10_000;
/** For a machine that is busy elsewhere. */
const MARGIN_MS = 3_000;

describe.runIf(runtimeName() === "node").concurrent("a server that is killed", () => {
  for (const serverRuntime of runtimes) {
    test(`on ${serverRuntime}: clients on every runtime time out, and join the next server on its port`, {
      timeout: 40_000,
    }, async ({ onTestFinished, expect: expectHere }) => {
      const first = await startArena(serverRuntime, [], (program) => onTestFinished(() => program.end()));
      const crews = runtimes.map((runtime) => new Players(runtime, first.url, runtime, 2));
      for (const { program } of crews) onTestFinished(() => program.end());
      await Promise.all(crews.map(({ program }) => program.says('"joined"')));
      first.program.signal("SIGKILL");
      await first.program.ended;

      await Promise.all(
        crews.map(({ program }) =>
          program.until(
            () => program.lines.filter(({ event }) => event === "closed").length === 2,
            "closing",
          ),
        ),
      );
      for (const { program } of crews) {
        for (const closed of program.lines.filter(({ event }) => event === "closed")) {
          expectHere(closed).toMatchObject({ reason: "timeout", by: "network" });
          expectHere(closed.silentMs).toBeGreaterThan(TIMEOUT_MS - 100);
          expectHere(closed.silentMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
        }
      }

      const port = new URL(first.url).port;
      const second = await startArena(serverRuntime, ["--port", port], (program) =>
        onTestFinished(() => program.end()),
      );
      expectHere(second.url).toBe(first.url);
      await Promise.all(crews.map((crew) => crew.ask("connect", "joined")));
      await Promise.all(crews.map((crew) => crew.ask("chat 3", "said")));
      const left = await Promise.all(crews.map((crew) => crew.stats("leave")));
      expectHere(left.flat().map(({ closed }) => closed)).toEqual(
        left.flat().map(() => expect.objectContaining({ reason: "closed", by: "client" })),
      );
    });
  }
});
