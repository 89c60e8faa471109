import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import {
  appendTextFile,
  fileExists,
  fileUrl,
  processUsage,
  readTextFile,
  writeTextFile,
} from "../../src/runtime-adapters/process.ts";
import { run } from "../cli/started-program.ts";

describe("process", () => {
  test("reads, writes and appends files", () => {
    const folder = mkdtempSync(join(tmpdir(), "tickwire-"));
    try {
      const file = join(folder, "ä b.txt");
      expect(fileExists(file)).toBe(false);
      writeTextFile(file, "one\n");
      appendTextFile(fileUrl(file), "zwei ü\n");
      expect(readTextFile(file)).toBe("one\nzwei ü\n");
      expect(fileExists(fileUrl(file))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("knows what it has used", () => {
    const before = processUsage();
    const startMs = performance.now();
    while (performance.now() - startMs < 100) Math.sqrt(startMs);
    const after = processUsage();
    const cpu = (usage: typeof before): number => usage.cpuUserSeconds + usage.cpuSystemSeconds;
    expect(cpu(after) - cpu(before)).toBeGreaterThan(0.01);
    expect(after.uptimeSeconds - before.uptimeSeconds).toBeGreaterThan(0.09);
    expect(after.residentBytes).toBeGreaterThan(20e6);
  });
});

describe.runIf(runtimeName() === "node")("output before the exit", () => {
  const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
  test.concurrent.each(runtimes)("is all there on %s", async (runtime) => {
    const { code, stdout, stderr } = await run(
      runtime,
      "test/runtime-adapters/programs/write-and-exit.ts",
      [],
    );
    expect({ code, stderr }).toEqual({ code: 3, stderr: "lost 0\n" });
    const lines = stdout.split("\n").slice(0, -1);
    expect(lines.map((line) => Number.parseInt(line, 10))).toEqual(
      Array.from({ length: 2_000 }, (_, i) => i),
    );
    expect(lines.at(-1)).toBe(`1999 ${"ü".repeat(500)}`);
  });
});
