import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { StartedProcess } from "../cli/started-process.ts";
import { programCommand } from "../cli/started-program.ts";
import { PLAYER_MS } from "./programs/costly-room.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwire-harness-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MAX_TICK_MS = 25;
/** Of the game itself and its players, beside what each is made to cost. */
const OWN_MS = 1;
const TRIES = 2;

function load(args: readonly string[]): StartedProcess {
  return new StartedProcess([...programCommand("node", "src/cli/main.ts", ["load", ...args, "--json", "-"])]);
}

describe("the load harness", () => {
  test("says that it was the bottleneck when it has no core", { timeout: 60_000 }, async () => {
    const burner = join(folder, "burner.js");
    writeFileSync(burner, "for (;;);");
    for (let i = 0; i < availableParallelism() * 3; i += 1) {
      const busy = new StartedProcess([process.execPath, burner]);
      onTestFinished(() => busy.end().then(() => {}));
    }
    const args = ["--clients", "40", "--ramp-seconds", "1", "--warm-up-seconds", "1", "--seconds", "4"];
    const { stdout } = await load(args).ended;
    const { harness } = JSON.parse(stdout);
    expect(harness.isBottleneck).toBe(true);
    expect(harness.why.join()).toMatch(/woke up late/);
  });

  // What a tick costs is known to half a millisecond; what else the machine does is not.
  test("finds the knee of a server whose cost per player is known, twice", { timeout: 300_000 }, async ({
    skip,
  }) => {
    const computed = (MAX_TICK_MS - OWN_MS) / PLAYER_MS;
    for (let i = 0; i < TRIES; i += 1) {
      const { code, stdout } = await load([
        ...["--scenario", "knee", "--game", "test/system/programs/costly-room.ts", "--clients", "200"],
        ...["--seconds", "4", "--warm-up-seconds", "1", "--max-tick-p99-ms", String(MAX_TICK_MS)],
        ...["--max-input-to-state-p99-ms", "10000"],
      ]).ended;
      expect(code).toBe(0);
      const { knee, harness } = JSON.parse(stdout);
      console.log(`knee ${knee.clients}, computed ${computed}; ${harness.why.join("; ")}`);
      const isOff = Math.abs(knee.clients / computed - 1) > 0.1;
      if (isOff && harness.isBottleneck) skip(`the machine was busy elsewhere: ${harness.why.join("; ")}`);
      expect(knee.clients / computed).toBeGreaterThan(0.9);
      expect(knee.clients / computed).toBeLessThan(1.1);
    }
  });
});
