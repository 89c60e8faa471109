import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { arena } from "../../examples/arena/arena.ts";
import { expiryText } from "../../src/cli/time-text.ts";
import { definitionJson } from "../../src/game/schema/definition-json.ts";
import { loadSodium } from "../../src/net/crypto/sodium.ts";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { createKey, inspectToken, issueToken, readKeys } from "../../src/token-door.ts";
import { run } from "./started-program.ts";

const main = "src/cli/main.ts";
const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const folder = mkdtempSync(join(tmpdir(), "tickwire-token-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.runIf(runtimeName() === "node")("tickwire token", () => {
  for (const runtime of runtimes) {
    const start = (...args: string[]) => run(runtime, main, ["token", ...args]);

    describe.concurrent(`on ${runtime}`, () => {
      test("makes a key file once, for its owner alone", async () => {
        const file = join(folder, `${runtime}-keys.txt`);
        const made = await start("key", "--out", file);
        expect(made).toMatchObject({ code: 0, stderr: "" });
        const text = readFileSync(file, "utf8");
        expect(made.stdout).toBe(`${file} holds key ${text.split(".")[1]}\n`);
        expect(readKeys(text)).toHaveLength(1);
        expect(statSync(file).mode & 0o777).toBe(0o600);
        const again = await start("key", "--out", file);
        expect(again).toEqual({
          code: 2,
          stdout: "",
          stderr: `tickwire: '${file}' is there already, and keys are not overwritten.\n`,
        });
        expect(readFileSync(file, "utf8")).toBe(text);
        const printed = await start("key");
        expect(printed.code).toBe(0);
        expect(readKeys(printed.stdout)).toHaveLength(1);
        expect(await start("key", "--out", join(folder, "none", "keys.txt"))).toMatchObject({ code: 1 });
      });

      test("issues a token and tells what it says", async () => {
        const file = join(folder, `${runtime}-two.txt`);
        writeFileSync(file, `# new\n${createKey()}\n${createKey()}\n`);
        const claims = ["--player", "7", "--name", "Ada", "--audience", "eu", "--room", "duel", "--spectate"];
        const issued = await start(
          "issue",
          "--key-file",
          file,
          ...claims,
          "--user-data",
          "é",
          "--seconds",
          "90",
        );
        expect(issued).toMatchObject({ code: 0, stderr: "" });
        const token = issued.stdout.trim();
        expect(inspectToken(token, readKeys(readFileSync(file, "utf8")))).toMatchObject({ status: "valid" });

        const short = await start("inspect", token);
        expect(short.stdout).toMatch(/^status +sealed\nkeyId +[\w-]{6}\n$/);
        const whole = await start("inspect", token, "--key-file", file);
        expect(whole.code).toBe(0);
        expect(whole.stdout).toMatch(
          /\nplayerId +7\nexpires +in 1 minute \(.*Z\)\naudience +eu\nroom +duel\n/,
        );
        const json = await start("inspect", token, "--key-file", file, "--json");
        expect(JSON.parse(json.stdout)).toMatchObject({
          status: "valid",
          name: "Ada",
          userData: "é",
          spectate: "yes",
        });
        for (const { stdout } of [short, whole, json]) expect(stdout).not.toContain(token.split(".")[2]);
      });

      test("says what is wrong with a token", async () => {
        const file = join(folder, `${runtime}-one.txt`);
        writeFileSync(file, createKey());
        const [key] = readKeys(createKey());
        expect(await start("inspect", issueToken(key), "--key-file", file)).toMatchObject({
          code: 1,
          stderr: "tickwire: the token was issued under none of these keys.\n",
        });
        expect(await start("inspect", "x")).toEqual({
          code: 1,
          stdout: "",
          stderr: "tickwire: this is no token: it should look like tw1.….….\n",
        });
      });

      test("prints a definition as it is hashed", async () => {
        const args = ["schema", "examples/arena/arena.ts"];
        const exact = await run(runtime, main, [...args, "--json"]);
        expect(exact).toEqual({ code: 0, stderr: "", stdout: definitionJson(arena) });
        const hash = (await loadSodium()).hash(32, new TextEncoder().encode(exact.stdout));
        const readable = await run(runtime, main, args);
        expect(readable).toMatchObject({ code: 0, stderr: "" });
        expect(readable.stdout.split("\n")[0]).toBe(`arena ${Buffer.from(hash).toString("hex")}`);
        expect(readable.stdout).toMatch(/\n[\da-f]{8} input\n/);
      });
    });
  }
});

test("expiry is told in words", () => {
  const at = (seconds: number): string =>
    expiryText(new Date(1e12 + seconds * 1000), 1e12).replace(/ \(.*/, "");
  expect([0, 1, 59, 60, 119, 7_200, 90_000, 172_800].map(at)).toEqual([
    "in 0 seconds",
    "in 1 second",
    "in 59 seconds",
    "in 1 minute",
    "in 1 minute",
    "in 2 hours",
    "in 1 day",
    "in 2 days",
  ]);
  expect([-1, -180].map(at)).toEqual(["1 second ago", "3 minutes ago"]);
  expect(expiryText(new Date(Number.NaN), 0)).toBe("never");
});
