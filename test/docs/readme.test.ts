import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HELP as PEERS_HELP } from "../../bench/peers/options.ts";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { run, StartedProgram } from "../cli/started-program.ts";
import { allDocuments, ExtractedCode, readDocument, root } from "./documents.ts";
import { anchorsOf } from "./markdown.ts";

const COMMANDS = [
  ["serve"],
  ["bots"],
  ["load"],
  ["schema"],
  ["plot"],
  ["token", "key"],
  ["token", "issue"],
  ["token", "inspect"],
];

const readme = readDocument("README.md");
const documents = allDocuments();
const hello = readFileSync(`${root}examples/hello/hello.ts`, "utf8");
const block = (file: string): string => readme.blocks.find((each) => each.file === file)?.code ?? "";
const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];

describe("the README", () => {
  test("shows the hello world as it is, on at most twenty lines", () => {
    expect(block("examples/hello/hello.ts")).toBe(hello);
    expect(hello.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  });

  test("shows a recording", () => {
    const recording = readFileSync(`${root}docs/recording.svg`, "utf8");
    expect(readme.text).toContain("](docs/recording.svg)");
    expect(recording.includes("listening udp=udp://127.0.0.1:7777"), "it shows the server listening").toBe(
      true,
    );
    // Nothing in it tells where it was made.
    expect(
      recording.match(/(?<![\w:/.<])\/[a-z]+\/|\bnpm warn|https?:\/\/(?!www\.w3\.org|127\.0\.0\.1)/),
    ).toBeNull();
  });
});

// Programs are started from Node only, in every runtime: the others' test runs would repeat the same.
describe.runIf(runtimeName() === "node")("the README's programs", () => {
  const extracted = new ExtractedCode("readme");
  afterAll(() => extracted.remove());

  test.concurrent.each(runtimes)("run on %s: a server whose runners move, and a player", async (runtime) => {
    const helloFile = extracted.write(`hello-${runtime}.ts`, hello.replace("port: 7777", "port: 0"));
    const server = new StartedProgram(runtime, helloFile, []);
    await server.says("\n");
    const [, url] = /^race on (udp:\/\/127\.0\.0\.1:\d+)\n$/.exec(server.stdout) ?? [];
    expect(url, server.stdout).toBeDefined();
    const code = block("player.ts").replace("udp://127.0.0.1:7777", url!);
    const player = new StartedProgram(runtime, extracted.write(`player-${runtime}.ts`, code), []);
    // From 0 at 10 per second it takes half a second to get there.
    await player.says("ada 5.");
    expect(player.stdout).toMatch(/^bot 1 -?\d+\.\d {2}bot 2 .*ada 0\.\d$/m);
    const places = () => new Set(Array.from(player.stdout.matchAll(/bot 1 (-?\d+\.\d)/g), ([, x]) => x));
    await player.until(() => places().size > 3, "showing that others move");
    player.signal("SIGTERM");
    server.signal("SIGTERM");
    expect(await player.ended).toMatchObject({ stderr: "" });
    expect(await server.ended).toMatchObject({ stderr: "", stdout: server.stdout });
  });
});

describe.runIf(runtimeName() === "node")("what documents name exists", () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const texts = documents.map(({ path, text }) => [path, text] as const);
  let help = "";
  beforeAll(async () => {
    const endings = COMMANDS.map((words) => run("node", "src/cli/main.ts", [...words, "--help"]));
    for (const { stdout } of await Promise.all(endings)) help += stdout;
  });

  test.each(texts)("scripts: %s", (_path, text) => {
    const named = [...text.matchAll(/\bnpm (?:run )?(?:-s )?(start(?::\w+)?|test(?::\w+)?)\b/g)];
    const run = [...text.matchAll(/\bnpm run (?:-s )?([a-z][\w:]*)/g)];
    for (const [, script] of [...named, ...run]) expect(Object.keys(scripts)).toContain(script);
  });

  test.each(texts)("flags and variables: %s", (_path, text) => {
    // Of ours, and of the runtimes as the scripts start them.
    const known = [
      ...(help + PEERS_HELP + Object.values(scripts).join()).matchAll(/--[a-z][a-z-]*|TICKWIRE_[A-Z_]+/g),
    ].map(([name]) => name);
    const lines = text.split("\n").filter((line) => !line.includes("deno"));
    const named = lines.flatMap(
      (line) => line.match(/(?<![\w-])--[a-z][a-z-]*|TICKWIRE_[A-Z][A-Z_]*/g) ?? [],
    );
    for (const name of named.filter((each) => each !== "--unstable-net")) expect(known).toContain(name);
  });

  test("every flag and variable of the help is in the guide", () => {
    const guide = documents.find(({ path }) => path.endsWith("6-running-a-server.md"))?.text ?? "";
    const known = [...help.matchAll(/--[a-z][a-z-]*|TICKWIRE_[A-Z_]+/g)].map(([name]) => name);
    for (const name of known) if (name !== "--help") expect(guide).toContain(name);
  });

  test.each(texts)("links: %s", (path, text) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    for (const target of links.filter((each) => !/^[a-z]+:/.test(each))) {
      const [file, anchor] = target.split("#");
      const where = file === "" ? path : posix.join(posix.dirname(path), file!);
      expect(existsSync(root + where), `${path} links to ${target}`).toBe(true);
      if (anchor === undefined) continue;
      expect(anchorsOf(readFileSync(root + where, "utf8")), `${path} links to ${target}`).toContain(anchor);
    }
  });
});

test("the arena stays under 300 lines and casts nothing", () => {
  const files = ["arena.ts", "arena-room.ts", "arena-bot.ts"].map((name) =>
    readFileSync(`${root}examples/arena/${name}`, "utf8"),
  );
  expect(files.join("").split("\n").length).toBeLessThan(300);
  for (const text of [...files, hello]) {
    const code = text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, "");
    expect(code.match(/.* as (?!const\b).*/)).toBeNull();
  }
});
