import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StateDump } from "../../src/cli/state-dump.ts";
import { createLog } from "../../src/ops/log.ts";

function logged() {
  const lines: string[] = [];
  return { lines, log: createLog({ format: "json", writeLine: (line) => lines.push(line) }) };
}

test("a dump begins anew, and has each line at once", () => {
  const folder = mkdtempSync(join(tmpdir(), "tickwire-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "state.jsonl");
  writeFileSync(file, "of an earlier run\n");
  const { lines, log } = logged();
  const dump = new StateDump(file, log);
  expect(readFileSync(file, "utf8")).toBe("");
  dump.write({ tick: 1 });
  dump.write({ tick: 2 });
  expect(readFileSync(file, "utf8")).toBe('{"tick":1}\n{"tick":2}\n');
  expect(lines).toEqual([]);
});

test.skipIf(!existsSync("/dev/full"))(
  "a full disk ends the dump, is told once, and ends nothing else",
  () => {
    const { lines, log } = logged();
    const dump = new StateDump("/dev/full", log);
    dump.write({ tick: 1 });
    dump.write({ tick: 2 });
    log.flush();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: "error",
        event: "dump-state-ended",
        file: "/dev/full",
        error: expect.stringContaining("ENOSPC"),
      },
    ]);
  },
);
