import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { createMetrics } from "../../src/ops/metrics.ts";
import { TickMeter } from "../../src/ops/tick-meter.ts";
import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { run } from "../cli/started-program.ts";
import { ExtractedCode, guidePages, readDocument, root } from "./documents.ts";

const pages = guidePages();
const codeBlocks = [readDocument("README.md"), readDocument("docs/LOAD.md"), ...pages].flatMap(
  ({ path, blocks }) =>
    blocks.filter(({ language }) => language === "ts").map((block) => ({ path, ...block })),
);
const operators = pages.find(({ path }) => path.endsWith("6-running-a-server.md"))?.text ?? "";

test("every block of TypeScript names its file, and files shown are shown as they are", () => {
  expect(codeBlocks.length).toBeGreaterThan(8);
  for (const { path, file, code } of codeBlocks) {
    expect(file, `a block of ${path}`).toMatch(/\.ts$/);
    if (file.includes("/")) expect(code, file).toBe(readFileSync(root + file, "utf8"));
  }
});

// The compiler is a program; the other runtimes' test runs would repeat the same.
describe.runIf(runtimeName() === "node")("the guide's code", () => {
  const extracted = new ExtractedCode("guide");
  afterAll(() => extracted.remove());
  // Pages build on one another's files; those with a folder are files of the repository, which `npm run check` compiles.
  const own = codeBlocks.filter(({ file }) => !file.includes("/"));
  for (const { file, code } of own) extracted.write(file, code);

  test("has no two files of one name", () => {
    expect(new Set(own.map(({ file }) => file)).size).toBe(own.length);
  });

  test("compiles as strictly as everything else", async () => {
    const config = extracted.write(
      "tsconfig.json",
      JSON.stringify({ extends: "../../../tsconfig.json", include: ["*.ts"] }),
    );
    expect(await output(`${root}node_modules/.bin/tsc`, ["-p", root + config])).toEqual({
      code: 0,
      text: "",
    });
  });

  test("is refused when it is wrong", async () => {
    const wrong = new ExtractedCode("wrong");
    wrong.write("wrong.ts", 'import { t } from "tickwire";\nt.uint("many");\n');
    const config = wrong.write(
      "tsconfig.json",
      JSON.stringify({ extends: "../../../tsconfig.json", include: ["*.ts"] }),
    );
    const { code, text } = await output(`${root}node_modules/.bin/tsc`, ["-p", root + config]);
    wrong.remove();
    expect(code).not.toBe(0);
    expect(text).toContain("not assignable");
  });

  test.each(["node", "bun", "deno"] as const)("runs on %s: its game, simulated", async (runtime) => {
    const { code, stdout, stderr } = await run(runtime, `${extracted.folder}leaving.ts`, []);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "3000 1\n", stderr: "" });
  });

  test("is a game: its bots catch each other", async () => {
    const file = extracted.write(
      "catching.ts",
      'import { simulate } from "tickwire/testing";\nimport room, { bot } from "./tag-room.ts";\n' +
        "const { world } = simulate(room, { bot, players: 6, seconds: 60, seed: 1 });\n" +
        "console.log([...world.runner].reduce((sum, { tags }) => sum + tags, 0) > 5);\n",
    );
    expect(await run("node", file, [])).toEqual({ code: 0, stdout: "true\n", stderr: "" });
  });
});

describe("the operators' page", () => {
  test("names every metric family, and no other", async () => {
    const usage = { residentBytes: 1, cpuUserSeconds: 1, cpuSystemSeconds: 1, uptimeSeconds: 1 };
    const metrics = await createMetrics(
      {
        ...{
          game: "g",
          runtime: "r",
          version: "v",
          rooms: () => 1,
          players: () => 1,
          bots: () => 1,
          spectators: () => 2,
          playersDropped: () => 3,
          counters: () => [],
        },
        ticks: new TickMeter({ budgetMs: 33 }),
        links: () => [],
      },
      () => usage,
    );
    const families = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const named = [...operators.matchAll(/^\| `((?:tickwire|process)_[a-z_]+)/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(families.sort());
  });

  test("names every log event, and no other", () => {
    const files = readdirSync(`${root}src/cli`).map((name) => readFileSync(`${root}src/cli/${name}`, "utf8"));
    const events = [...files.join("").matchAll(/\blog\.\w+\("([a-z-]+)"/g)].map(([, event]) => event);
    const named = [...operators.matchAll(/^\| `([a-z-]+)` \| `(?:serve|bots|load)`/gm)].map(
      ([, event]) => event,
    );
    expect(named.sort()).toEqual([...new Set(events)].sort());
  });
});

function output(program: string, args: readonly string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args]);
    let text = "";
    const keep = (bytes: Buffer): void => {
      text += bytes.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, text }));
  });
}
