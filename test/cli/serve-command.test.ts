import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { type Ending, StartedProgram } from "./started-program.ts";

const program = "test/cli/programs/serve-pretend.ts";
const room = "test/cli/games/only-room.ts";
const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];

const lines = (text: string) =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const events = ({ stdout }: Ending) => lines(stdout).map((line) => line.event);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.runIf(runtimeName() === "node")("tickwire serve", () => {
  for (const runtime of runtimes) {
    const start = (args: string[], env?: Record<string, string>) =>
      new StartedProgram(runtime, program, ["serve", room, ...args], env);

    describe.concurrent(`on ${runtime}`, () => {
      test("says where it listens, then drains at a signal and exits with 0", async () => {
        const server = start(["--bots", "8", "--bots", "0", "--seed", "5"], { TICKWIRE_DRAIN_SECONDS: "2" });
        await server.says('"listening"');
        server.signal("SIGTERM");
        const ending = await server.ended;
        expect(ending.code).toBe(0);
        expect(lines(ending.stdout)).toMatchObject([
          {
            event: "listening",
            udp: "udp://127.0.0.1:7777",
            http: "http://127.0.0.1:7780",
            game: "duel",
            runtime,
            tickRate: 30,
            sealed: true,
            keys: 0,
          },
          { event: "open-to-anyone", level: "warn", why: "no --key-file", reach: "this machine" },
          { event: "draining", signal: "SIGTERM", seconds: 2 },
          { event: "closing", detail: "the server is shutting down" },
          { event: "stopped", reason: "SIGTERM" },
        ]);
        expect(lines(ending.stderr)).toEqual([
          {
            game: "duel",
            bot: true,
            host: "127.0.0.1",
            port: 7777,
            rooms: 1,
            bots: 0,
            drainSeconds: 2,
            net: { audience: "tickwire" },
            insecureDev: false,
            join: true,
            http: { host: "127.0.0.1", port: 7780 },
            seed: 5,
          },
        ]);
      });

      test("lets a flag win over the environment", async () => {
        const env = {
          TICKWIRE_PORT: "1111",
          TICKWIRE_BOTS: "2",
          TICKWIRE_NO_HTTP: "1",
          TICKWIRE_LOG: "pretty",
        };
        const server = start(["--port", "0"], env);
        await server.says(" listening ");
        server.signal("SIGINT");
        const { code, stderr, stdout } = await server.ended;
        expect(code).toBe(0);
        expect(lines(stderr)).toMatchObject([{ port: 0, bots: 2, http: false }]);
        // No live line where no terminal is.
        expect(stdout).not.toContain("\r");
        expect(stdout).toMatch(/^\d\d:\d\d:\d\d info {2}listening udp=udp:\/\/127\.0\.0\.1:7777 game=duel /);
      });

      test("takes a signal repeated at once for the same one", async () => {
        const server = start([], { PRETEND_CLOSE_MS: "300" });
        await server.says('"listening"');
        server.signal("SIGINT");
        await server.says('"draining"');
        server.signal("SIGINT");
        server.signal("SIGTERM");
        const ending = await server.ended;
        expect(ending.code).toBe(0);
        expect(events(ending)).toEqual(["listening", "open-to-anyone", "draining", "closing", "stopped"]);
      });

      test("exits now with 1 at a second signal", async () => {
        const server = start(["--drain-seconds", "60"], { PRETEND_CLOSE_MS: "60000" });
        await server.says('"listening"');
        server.signal("SIGTERM");
        await server.says('"draining"');
        await wait(600);
        server.signal("SIGTERM");
        const ending = await server.ended;
        expect(ending.code).toBe(1);
        expect(lines(ending.stdout).at(-1)).toMatchObject({ event: "stopped", reason: "second SIGTERM" });
      });

      test("does not wait for a drain that never ends", async () => {
        const server = start(["--drain-seconds", "0.1"], { PRETEND_CLOSE_MS: "60000" });
        await server.says('"listening"');
        server.signal("SIGTERM");
        const ending = await server.ended;
        expect(ending.code).toBe(1);
        expect(events(ending)).toEqual([
          "listening",
          "open-to-anyone",
          "draining",
          "closing",
          "drain-overdue",
        ]);
      });

      test("fails with the door's sentence", async () => {
        const ending = await start([], { PRETEND_START: "fails" }).ended;
        expect(ending).toEqual({ code: 1, stdout: "", stderr: "The UDP port 127.0.0.1:7777 is taken.\n" });
      });
    });
  }
});
