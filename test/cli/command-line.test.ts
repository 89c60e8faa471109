import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { run, StartedProgram } from "./started-program.ts";

const main = "src/cli/main.ts";
const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];

const wrongUsage: [args: string[], sentence: string, env?: Record<string, string>][] = [
  [[], "no command given; see 'tickwire --help'"],
  [["serv"], "unknown command 'serv' (did you mean serve?); see 'tickwire --help'"],
  [["serve", "--prot", "1"], "unknown option '--prot' (did you mean --port?); see 'tickwire serve --help'"],
  [["serve", "--port", "70000"], "--port must be a whole number from 0 to 65535, not '70000'"],
  [["serve", "--port", "1", "--port", "x"], "--port must be a whole number from 0 to 65535, not 'x'"],
  [["serve", "--port"], "option '--port <number>' argument missing; see 'tickwire serve --help'"],
  [["serve"], "TICKWIRE_PORT must be a whole number from 0 to 65535, not '-5'", { TICKWIRE_PORT: "-5" }],
  [["serve"], "TICKWIRE_NO_HTTP must be 1 or 0, not 'x'", { TICKWIRE_NO_HTTP: "x" }],
  [["serve", "7000"], "no game file '7000'; put -- before options"],
  [["serve", "room.ts", "7000"], "no game file '7000'; put -- before options"],
  [["serve", "room.ts", "b.ts"], "too many arguments: room.ts, b.ts; see 'tickwire serve --help'"],
  [["serve", "missing.ts"], "no game file 'missing.ts'"],
  [
    ["serve", "test/cli/games/throws.ts"],
    "game file 'test/cli/games/throws.ts' could not be loaded: ship.x: step must be positive",
  ],
  [
    ["serve", "--host", "0.0.0.0"],
    "--host 0.0.0.0 needs --key-file: without it anyone could join (or --insecure-dev)",
  ],
  [["serve", "--bots", "9", "--max-players", "8"], "9 bots do not fit: 8 may play (see --max-players)"],
  [
    ["serve", "--bots", "25", "--max-players", "8", "--rooms", "3"],
    "25 bots do not fit: 24 may play (see --rooms and --max-players)",
  ],
  [["serve", "--rooms", "0"], "--rooms must be a whole number from 1 to 1000, not '0'"],
  [["serve"], "TICKWIRE_ROOMS must be a whole number from 1 to 1000, not '1001'", { TICKWIRE_ROOMS: "1001" }],
  [
    ["serve", "--host", "0.0.0.0"],
    "--host 0.0.0.0 needs --key-file: without it anyone could join (or --insecure-dev)",
    { TICKWIRE_INSECURE_DEV: "0" },
  ],
  [
    ["serve", "--host", "0.0.0.0", "--insecure-dev", "--plaintext"],
    "--plaintext is for measurement on loopback addresses, not on 0.0.0.0",
  ],
  [["serve", "--host", "example.com"], "--host must be an IP address, not 'example.com'"],
  [["serve", "--join", "--no-http"], "--join needs HTTP, so leave out --no-http"],
  [["serve", "--dump-state", "/nowhere/a.jsonl"], "'/nowhere/a.jsonl' cannot be written (ENOENT)"],
  [["bots", "--json", "/nowhere/b.json"], "'/nowhere/b.json' cannot be written (ENOENT)"],
  [["serve", "--key-file", "none.txt"], "no key file 'none.txt'"],
  [["serve", "--key-file", "src"], "key file 'src' could not be read (EISDIR)"],
  [
    ["bots", "--key-file", "package.json"],
    "key file 'package.json': line 1 is no key: it should look like twkey1.….…",
  ],
  [["token"], "no token command given; see 'tickwire token --help'"],
  [["token", "frob"], "unknown token command 'frob'; see 'tickwire token --help'"],
  [
    ["token", "issue"],
    "required option '--key-file <file>' not specified; see 'tickwire token issue --help'",
  ],
  [
    ["token", "issue", "--key-file", "none.txt", "--seconds", "0"],
    "--seconds must be a whole number from 1 to 86400, not '0'",
  ],
  [["schema", "missing.ts"], "no game file 'missing.ts'"],
  [["plot", "none.jsonl"], "no trace 'none.jsonl'"],
  [["plot"], "missing required argument 'trace'; see 'tickwire plot --help'"],
  [["serve", "--config", "none.json"], "no config file 'none.json'"],
  [["bots", "--url", "\u001b[2J"], "--url must look like udp://host:port, not '?[2J'"],
  [
    ["bots", "--game", "test/cli/games/nothing.ts"],
    "game file 'test/cli/games/nothing.ts' exports neither a room nor a game",
  ],
];

// Programs are started from Node only, in every runtime: the others' test runs would repeat the same.
describe.runIf(runtimeName() === "node")("the command line", () => {
  for (const runtime of runtimes) {
    describe(`on ${runtime}`, () => {
      test.concurrent.each(wrongUsage)("%j is refused with one sentence", async (args, sentence, env) => {
        const ending = await run(runtime, main, args, env);
        expect(ending).toEqual({ code: 2, stdout: "", stderr: `tickwire: ${sentence}.\n` });
      });

      test.concurrent("helps, with examples", async () => {
        for (const args of [
          ["--help"],
          ["serve", "--help"],
          ["bots", "--help"],
          ["token", "--help"],
          ["schema", "--help"],
          ["plot", "--help"],
        ]) {
          const { code, stdout, stderr } = await run(runtime, main, args);
          expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
          expect(stdout).toMatch(/^Usage: tickwire/);
          expect(stdout).toContain("Examples:\n  tickwire ");
        }
      });

      test.concurrent("tells its version", async () => {
        const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
        expect(await run(runtime, main, ["--version"])).toEqual({
          code: 0,
          stdout: `${version}\n`,
          stderr: "",
        });
      });

      test.concurrent("names the flag that finds another port", async () => {
        const first = new StartedProgram(runtime, main, ["serve", "--port", "0", "--http-port", "0"]);
        await first.says('"listening"');
        const { udp, http } = JSON.parse(first.stdout.split("\n")[0]!);
        const [port, httpPort] = [new URL(udp).port, new URL(http).port];
        const second = await run(runtime, main, ["serve", "--port", port, "--no-http"]);
        const third = await run(runtime, main, ["serve", "--port", "0", "--http-port", httpPort]);
        first.signal("SIGTERM");
        await first.ended;
        expect(second).toEqual({
          code: 1,
          stdout: "",
          stderr: `tickwire: UDP port 127.0.0.1:${port} is already in use; choose another with --port (0 for any free one).\n`,
        });
        expect(third).toEqual({
          code: 1,
          stdout: "",
          stderr: `tickwire: The HTTP port 127.0.0.1:${httpPort} is taken by another program; choose another with --http-port (0 for any free one).\n`,
        });
      });

      test.concurrent("says that bots knock in vain, before they give up", async () => {
        const bots = new StartedProgram(runtime, main, [
          "bots",
          "--url",
          "udp://127.0.0.1:9",
          "--count",
          "1",
        ]);
        while (!bots.stderr.includes("\n")) await new Promise((resolve) => setTimeout(resolve, 20));
        bots.signal("SIGTERM");
        expect(JSON.parse(bots.stderr)).toMatchObject({ event: "connecting", url: "udp://127.0.0.1:9" });
        expect(await bots.ended).toMatchObject({ code: 1 });
      });
    });
  }
});
