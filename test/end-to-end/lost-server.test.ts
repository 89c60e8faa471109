import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { startArena } from "./arena-server.ts";
import { Players } from "./players.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
/** What the server says when it lets someone in; how long the players knock after that, and then try to join anew. */
const TIMEOUT_MS = 10_000;
const RECONNECT_MS = 5_000;
/** For a machine that is busy elsewhere. */
const MARGIN_MS = 3_000;

describe.runIf(runtimeName() === "node").concurrent("a server that is killed", () => {
  for (const serverRuntime of runtimes) {
    test(`on ${serverRuntime}: clients on every runtime time out, and join the next server on its port`, {
      timeout: 50_000,
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
        // The kernel has told them that nobody listens there, each time they knocked.
        const path = ["dropped", "dropped", "reconnecting", "reconnecting", "closed", "closed"];
        expectHere(statesOf(program)).toEqual(path);
        for (const closed of program.lines.filter(({ event }) => event === "closed")) {
          expectHere(closed).toMatchObject({ reason: "timeout", by: "network" });
          expectHere(closed.silentMs).toBeGreaterThan(TIMEOUT_MS + 2 * RECONNECT_MS - 100);
          expectHere(closed.silentMs).toBeLessThan(TIMEOUT_MS + 2 * RECONNECT_MS + MARGIN_MS);
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

describe.runIf(runtimeName() === "node").concurrent("a server that is killed and started again", () => {
  for (const serverRuntime of runtimes) {
    test(`on ${serverRuntime}: clients on every runtime play on with the next, and are asked for nothing`, {
      timeout: 40_000,
    }, async ({ onTestFinished, expect: expectHere }) => {
      const first = await startArena(serverRuntime, [], (program) => onTestFinished(() => program.end()));
      const crews = runtimes.map((runtime) => new Players(runtime, first.url, runtime, 2));
      for (const { program } of crews) onTestFinished(() => program.end());
      await Promise.all(crews.map(({ program }) => program.says('"joined"')));
      const toldBefore = await Promise.all(crews.map((crew) => crew.stats()));
      first.program.signal("SIGKILL");
      await first.program.ended;
      const port = new URL(first.url).port;
      await startArena(serverRuntime, ["--port", port], (program) => onTestFinished(() => program.end()));
      // The server knows them, too: what is said from here on is for them.
      await Promise.all(
        crews.map((crew) => crew.program.until(() => crew.count("back") === 2, "playing on")),
      );
      for (const { program } of crews) {
        expectHere(statesOf(program)).toEqual(["reconnecting", "reconnecting", "playing", "playing"]);
      }
      // Everyone hears everyone, each sentence once, with the handlers of before.
      for (const crew of crews) crew.program.type("chat 3");
      const heard = await Promise.all(crews.map((crew) => crew.ask("hear 18", "heard")));
      for (const { heard: byName } of heard) {
        for (const sentences of Object.values(byName as Record<string, string[]>)) {
          expectHere(new Set(sentences).size).toBe(18);
          expectHere(sentences).toHaveLength(18);
        }
      }
      const left = await Promise.all(crews.map((crew) => crew.stats("leave")));
      for (const [i, { stateTicks, closed }] of left.flat().entries()) {
        expectHere(stateTicks).toBeGreaterThan(toldBefore.flat()[i]!.stateTicks + 5);
        expectHere(closed).toMatchObject({ reason: "closed", by: "client" });
      }
    });
  }
});

describe.runIf(runtimeName() === "node").concurrent("a server that stands still", () => {
  for (const serverRuntime of runtimes) {
    test(`on ${serverRuntime}: clients on every runtime wait for it, and play on`, {
      timeout: 40_000,
    }, async ({ onTestFinished, expect: expectHere }) => {
      const server = await startArena(serverRuntime, [], (program) => onTestFinished(() => program.end()));
      const crews = runtimes.map((runtime) => new Players(runtime, server.url, runtime, 2));
      for (const { program } of crews) onTestFinished(() => program.end());
      await Promise.all(crews.map(({ program }) => program.says('"joined"')));
      server.program.signal("SIGSTOP");
      for (const crew of crews) crew.program.type("chat 5");
      await Promise.all(
        crews.map(({ program }) =>
          program.until(
            () => statesOf(program).filter((state) => state === "dropped").length === 2,
            "a drop",
          ),
        ),
      );
      server.program.signal("SIGCONT");
      // Of everyone, those sentences included that were said while it stood still.
      const heard = await Promise.all(crews.map((crew) => crew.ask("hear 30", "heard")));
      for (const { heard: byName } of heard) {
        for (const sentences of Object.values(byName as Record<string, string[]>)) {
          expectHere(new Set(sentences).size).toBe(30);
          expectHere(sentences).toHaveLength(30);
        }
      }
      for (const { program } of crews) {
        expectHere(statesOf(program)).toEqual(["dropped", "dropped", "playing", "playing"]);
      }
      const left = await Promise.all(crews.map((crew) => crew.stats("leave")));
      expectHere(left.flat().map(({ closed }) => closed)).toEqual(
        left.flat().map(() => expect.objectContaining({ reason: "closed", by: "client" })),
      );
    });
  }
});

/** What the players of a program have been since they were in, sorted by time. */
function statesOf(program: Players["program"]): unknown[] {
  return program.lines.filter(({ event }) => event === "state").map(({ state }) => state);
}
