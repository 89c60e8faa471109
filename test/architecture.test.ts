import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkHouse, type HouseRule, houseRules, type Violation } from "./architecture/house-rules.ts";
import { LINE_CEILING, longFiles } from "./architecture/house-table.ts";
import { readSource } from "./architecture/source-text.ts";

const root = new URL("../", import.meta.url);

function readHouse(): Map<string, string> {
  const texts = new Map<string, string>();
  for (const folder of ["src", "client", "examples"]) {
    const base = new URL(`${folder}/`, root);
    if (!existsSync(base)) continue;
    for (const name of readdirSync(base, { recursive: true, encoding: "utf8" }).sort())
      if (name.endsWith(".ts")) texts.set(`${folder}/${name}`, readFileSync(new URL(name, base), "utf8"));
  }
  return texts;
}

/** One small wrong house per rule (or several); the violation is expected in the first file. */
const wrongHouses: Record<HouseRule, Record<string, string>[]> = {
  "a file belongs to a zone": [
    { "src/server-thing.ts": "export const a = 1;" },
    { "src/net/loose.ts": "export const a = 1;" },
    { "src/game/physics/body.ts": "export const a = 1;" },
  ],
  "imports follow the table": [
    { "src/net/bytes/a.ts": 'import { b } from "../ports/b.ts";', "src/net/ports/b.ts": "" },
    { "src/net/wire/a.ts": 'import { b } from "../crypto/b.ts";', "src/net/crypto/b.ts": "" },
    { "src/net/crypto/a.ts": 'import type { b } from "../channel/b.ts";', "src/net/channel/b.ts": "" },
    { "src/net/channel/a.ts": 'import { b } from "../crypto/b.ts";', "src/net/crypto/b.ts": "" },
    { "src/net/channel/a.ts": 'import { b } from "../connection/b.ts";', "src/net/connection/b.ts": "" },
    { "src/net/connection/a.ts": 'import { b } from "../endpoint/b.ts";', "src/net/endpoint/b.ts": "" },
    { "src/net/endpoint/a.ts": 'import { b } from "../../game/schema/b.ts";', "src/game/schema/b.ts": "" },
    { "src/game/schema/a.ts": 'import { b } from "../world/b.ts";', "src/game/world/b.ts": "" },
    { "src/game/world/a.ts": 'import { b } from "../replication/b.ts";', "src/game/replication/b.ts": "" },
    { "src/game/replication/a.ts": 'import { b } from "../room/b.ts";', "src/game/room/b.ts": "" },
    { "src/game/interest/a.ts": 'import { b } from "../room/b.ts";', "src/game/room/b.ts": "" },
    { "src/game/room/a.ts": 'import { b } from "../../net/wire/b.ts";', "src/net/wire/b.ts": "" },
    { "src/runtime-adapters/a.ts": 'import { b } from "../net/wire/b.ts";', "src/net/wire/b.ts": "" },
    { "src/mod.ts": 'export { b } from "./game/room/b.ts";', "src/game/room/b.ts": "" },
    { "src/mod.ts": 'import { type A, b } from "./game/room/b.ts";', "src/game/room/b.ts": "" },
    { "src/mod.ts": 'import type { b } from "./net/wire/b.ts";', "src/net/wire/b.ts": "" },
    {
      "src/server.ts": 'const s = await import("./runtime-adapters/b.ts");',
      "src/runtime-adapters/b.ts": "",
    },
    { "client/a.ts": 'import { b } from "../src/game/room/b.ts";', "src/game/room/b.ts": "" },
    { "client/a.ts": 'import { b } from "../src/server.ts";', "src/server.ts": "" },
    { "client/a.ts": 'import { b } from "../src/runtime-adapters/b.ts";', "src/runtime-adapters/b.ts": "" },
    { "client/mod.ts": 'import { b } from "../src/game/room/b.ts";', "src/game/room/b.ts": "" },
    { "src/ops/a.ts": 'import { b } from "../runtime-adapters/b.ts";', "src/runtime-adapters/b.ts": "" },
  ],
  "packages follow the table": [
    { "src/net/wire/a.ts": 'import { x } from "commander";' },
    { "src/game/room/a.ts": 'import "hdr-histogram-js";' },
    { "src/cli/a.ts": 'import fs from "fs";' },
  ],
  "imports name a file that exists": [
    { "src/net/wire/a.ts": 'import { b } from "./gone.ts";' },
    { "src/net/wire/a.ts": 'import { b } from "./b";', "src/net/wire/b.ts": "" },
  ],
  "the inside imports its own files, not the package": [
    { "src/cli/a.ts": 'import { serve } from "tickwire/server";' },
  ],
  "users' code enters by the doors": [
    { "examples/a.ts": 'import { t } from "../src/mod.ts";', "src/mod.ts": "" },
  ],
  "no computed imports": [
    { "src/server-door.ts": "const a = await import(name);" },
    { "src/server-door.ts": "const a = await import(`./$" + "{name}.ts`);" },
  ],
  "time and chance are passed in": [
    ...[
      "Date.now()",
      "new Date()",
      "performance.now()",
      "setTimeout(f, 1)",
      "setInterval(f, 1)",
      "setImmediate(f)",
      "queueMicrotask(f)",
      "Math.random()",
      "crypto.getRandomValues(a)",
      "globalThis.setTimeout(f)",
      "`at $" + "{Date.now()} ms`",
    ].map((code) => ({ "src/net/channel/a.ts": `export const x = ${code};` })),
    { "src/game/room/a.ts": "export const x = /['\"]/.test(Math.random());" },
  ],
  "only runtime-adapters name a runtime": [
    ...[
      "process.env.A",
      "Deno.args",
      "Bun.version",
      "globalThis.Bun",
      '"Deno" in globalThis',
      "Buffer.from(a)",
    ].map((code) => ({ "src/ops/a.ts": `export const x = ${code};` })),
    { "src/net/wire/a.ts": 'import { createSocket } from "node:dgram";' },
    { "src/cli/a.ts": 'const fs = await import("node:fs");' },
    { "client/mod.ts": "export const x = process.argv;" },
  ],
  "file names are kebab-case": [{ "src/net/wire/ackHeader.ts": "" }, { "src/net/wire/Ack.ts": "" }],
  "file names are nouns": [
    { "src/net/wire/index.ts": "" },
    { "src/net/wire/utils.ts": "" },
    { "src/net/wire/byte-utils.ts": "" },
    { "src/game/room/room-manager.ts": "" },
    { "client/helpers.ts": "" },
  ],
  "no barrels": [
    { "src/net/wire/frames.ts": 'export * from "./ack.ts";', "src/net/wire/ack.ts": "" },
    { "src/net/wire/frames.ts": 'export { a } from "./ack.ts";', "src/net/wire/ack.ts": "" },
  ],
  "exports are named": [{ "src/net/wire/a.ts": "export default class A {}" }],
  "files stay short": [{ "src/net/wire/a.ts": "const a = 1;\n".repeat(LINE_CEILING + 1) }],
  "no import cycles": [
    {
      "src/net/wire/a.ts": 'import { b } from "./b.ts";',
      "src/net/wire/b.ts": 'import type { a } from "./a.ts";',
    },
    {
      "client/a.ts": 'import type { b } from "./b.ts";',
      "client/b.ts": 'import { c } from "./c.ts";',
      "client/c.ts": 'import { a } from "./a.ts";',
    },
  ],
};

const rightHouse: Record<string, string> = {
  "src/net/bytes/ring.ts": "export const a = 1; // Date.now() is for adapters\n",
  "src/net/wire/packet.ts":
    'import { a } from "../bytes/ring.ts";\nexport const b = `process.env $' + "{a}`;",
  "src/net/crypto/seal.ts": 'import sodium from "libsodium-wrappers";\nexport const key = sodium.a;',
  "src/net/connection/peer.ts":
    'import { key } from "../crypto/seal.ts";\nexport const now = (clock: { performance: number }) => clock.performance + key;',
  "src/game/room/room.ts":
    "export interface Room { readonly setTimeout: string }\nexport const r = 'Math.random()';",
  "src/mod.ts": 'export type { Room } from "./game/room/room.ts";',
  "src/runtime-adapters/clock.ts":
    'import { hrtime } from "node:process";\nexport const c = () => Bun.nanoseconds();',
  "client/mod.ts": 'const a = await import("../src/runtime-adapters/clock.ts");\nexport { a };',
  "examples/arena.ts": 'import { t } from "tickwire";\nexport { bot } from "./bot.ts";\nexport default t;',
  "examples/bot.ts": "export const bot = 1;",
};

const check = (house: Record<string, string>): Violation[] => checkHouse(new Map(Object.entries(house)));

describe("the house", () => {
  const house = readHouse();

  test("is read", () => {
    expect([...house.keys()]).toContain("src/net/bytes/msgpack-reader.ts");
    expect(house.size).toBeGreaterThanOrEqual(10);
  });

  for (const rule of houseRules)
    test(`holds: ${rule}`, () => {
      const broken = checkHouse(house).filter((violation) => violation.rule === rule);
      expect(broken.map(({ file, detail }) => `${file}: ${detail}`)).toEqual([]);
    });

  test("excuses only long files that are long", () => {
    for (const [path, reason] of Object.entries(longFiles)) {
      expect(reason.length, path).toBeGreaterThan(20);
      expect(readSource(house.get(path) ?? "").lines, path).toBeGreaterThan(LINE_CEILING);
    }
    expect(Object.keys(longFiles).length).toBeLessThan(5);
  });
});

describe("the rules", () => {
  for (const rule of houseRules)
    for (const [index, wrong] of wrongHouses[rule].entries())
      test(`can fail: ${rule} (${index + 1})`, () => {
        const file = Object.keys(wrong)[0]!;
        expect(check(wrong).filter((violation) => violation.rule === rule)).toMatchObject([{ rule, file }]);
      });

  test("pass a house that is right", () => {
    expect(check(rightHouse)).toEqual([]);
  });
});

describe("reading sources", () => {
  test("tells code from comments, strings, templates and regular expressions", () => {
    const { code, strings } = readSource(
      "a /* x */ = 'b//c' + `d$" + "{e + `f$" + "{g}`}h` / i; // j\nk = /[/'\"]l/g.test(m) ? n / o : p;",
    );
    expect(strings).toEqual(["b//c", "d", "f", "", "h"]);
    for (const name of ["a", "e", "g", "i", "k", "m", "n", "o", "p"])
      expect(code).toMatch(new RegExp(`\\b${name}\\b`));
    for (const name of ["x", "j", "l"]) expect(code).not.toMatch(new RegExp(`\\b${name}\\b`));
  });

  test("finds every kind of import", () => {
    const { imports, computedImport } = readSource(
      [
        'import a, { b } from "./1.ts";',
        "import type { c } from './2.ts';",
        'import { type d, type e } from "./3.ts";',
        'import { type f, g } from "./4.ts";',
        'import "./5.ts";',
        'export * as h from "./6.ts";',
        'export type {\n  i,\n  j,\n} from "./7.ts";',
        'const k = await import("./8.ts");',
        'type L = typeof import("./9.ts");',
        '// import "./no.ts";',
        "const m = 'import \"./no.ts\"';",
        'import * as n from "./10.ts";',
      ].join("\n"),
    );
    const seen = Object.fromEntries(imports.map((edge) => [edge.specifier, edge.typeOnly]));
    expect(seen).toEqual({
      "./1.ts": false,
      "./2.ts": true,
      "./3.ts": true,
      "./4.ts": false,
      "./5.ts": false,
      "./6.ts": false,
      "./7.ts": true,
      "./8.ts": false,
      "./9.ts": true,
      "./10.ts": false,
    });
    expect(computedImport).toBe(false);
  });
});
