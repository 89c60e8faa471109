import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { startNpm } from "../end-to-end/npm-script.ts";
import { whyNoBrowser } from "./browser-page.ts";
import { expectDrawn } from "./drawn-page.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwire-load-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(({ skip }) => {
  const obstacle = whyNoBrowser();
  if (obstacle === undefined) return;
  if (process.env.CI) throw new Error(obstacle);
  skip(obstacle);
});

const load = (args: readonly string[]) => startNpm(["npm", "run", "-s", "load"], args).ended;
/** Latency over time, its histogram, ticks, what they are spent on, CPU, memory, bandwidth, loss, players, and the harness. */
const ALL_DRAWN = new Array(10).fill("true");

describe("npm run load", () => {
  test("brings five hundred players and draws every plot, of one test and of two", {
    timeout: 180_000,
  }, async () => {
    const at = (name: string): string => join(folder, name);
    const files = ["--html", at("report.html"), "--json", at("report.json")];
    const { code, stdout } = await load(["--clients", "500", "--seconds", "10", ...files]);
    expect(stdout).toMatch(/^players +500 connected · 0 failed · 0 disconnected$/m);
    expect(code).toBe(0);
    await expectDrawn(at("report.html"), ALL_DRAWN);

    const less = ["--clients", "30", "--ramp-seconds", "1", "--seconds", "4", "--loss-percent", "5"];
    expect((await load([...less, "--json", at("less.json")])).code).toBe(0);
    const compared = ["--compare", at("report.json"), at("less.json"), "--html", at("both.html")];
    expect((await load(compared)).code).toBe(0);
    await expectDrawn(at("both.html"), ALL_DRAWN);
    expect(readFileSync(at("both.html"), "utf8")).toContain("p99, less");
  });
});
