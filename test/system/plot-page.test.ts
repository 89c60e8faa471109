import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { readChartLibrary } from "../../src/report/chart-library.ts";
import { reportPage } from "../../src/report/report-page.ts";
import type { LineSeries, Plot } from "../../src/report/report-parts.ts";
import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { run } from "../cli/started-program.ts";
import { startArena } from "../end-to-end/arena-server.ts";
import { openPage, whyNoBrowser } from "./browser-page.ts";
import { DESK, expectDrawn } from "./drawn-page.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const MAIN = "src/cli/main.ts";
/** So many that the one that is traced comes to see another, wherever they start. */
const BOTS = 16;

const folder = mkdtempSync(join(tmpdir(), "tickwire-plot-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(({ skip }) => {
  const obstacle = whyNoBrowser();
  if (obstacle === undefined) return;
  if (process.env.CI) throw new Error(obstacle);
  skip(obstacle);
});

describe("a trace, drawn", () => {
  test.each(runtimes)("%s: bots write one, and a browser shows it", { timeout: 120_000 }, async (runtime) => {
    const server = await startArena(runtime, [], (program) => onTestFinished(() => program.end()));
    const trace = join(folder, `${runtime}.jsonl`);
    const bots = await run(runtime, MAIN, [
      ...["bots", "--url", server.url, "--http-url", server.httpUrl, "--count", `${BOTS}`, "--seconds", "4"],
      ...["--trace", trace],
    ]);
    expect(bots.code).toBe(0);
    expect(bots.stdout).toContain(`${BOTS} connected · 0 failed · 0 disconnected`);
    expect(readFileSync(trace, "utf8").split("\n").length).toBeGreaterThan(90);

    const page = join(folder, `${runtime}.html`);
    expect(await run(runtime, MAIN, ["plot", trace])).toEqual({
      code: 0,
      stdout: `drawn: ${page}\n`,
      stderr: "",
    });
    const piped = await run(runtime, MAIN, ["plot", trace, "--html", "-"]);
    expect(piped.stdout).toBe(readFileSync(page, "utf8"));
    await expectDrawn(page, new Array(10).fill("true"));
  });
});

describe("a report's page in a browser", () => {
  const xs = Array.from({ length: 200 }, (_, at) => at / 10);
  const axes = { x: { label: "time", unit: "s" }, y: { label: "way", unit: "units" } };
  const draws = ["line", "dashes", "steps", "bars", "points"] as const;
  const series = draws.map((draw, at): LineSeries => {
    return { name: draw, draw, values: xs.map((x) => (x > 9 && x < 10 ? null : Math.sin(x + at) * 9)) };
  });
  const way = { xs: xs.map((x) => x * Math.cos(x)), ys: xs.map((x) => x * Math.sin(x)) };
  const plots: Plot[] = [
    { title: "all ways to draw a line", ...axes, xs, series },
    { title: "small and huge", ...axes, y: { label: "way", evenUpTo: 0.1 }, xs, series: series.slice(0, 2) },
    { title: "one point", ...axes, xs: [3], series: [{ name: "<b>", values: [0] }] },
    { title: "without values", ...axes, xs: [1, 2], series: [{ name: "none", values: [null, Number.NaN] }] },
    {
      ...{ shape: "paths", title: "ways", x: { label: "x" }, y: { label: "y" } },
      paths: (["line", "dashes", "points"] as const).map((draw) => ({ name: draw, draw, ...way })),
    },
    { shape: "paths", title: "a spot", x: axes.x, y: axes.y, paths: [{ name: "a", xs: [1], ys: [1] }] },
    { shape: "paths", title: "no way", x: axes.x, y: axes.y, paths: [] },
  ];
  const html = reportPage({ title: "All of it", sections: [{ title: "Plots", plots }] }, readChartLibrary());

  test("draws whatever there is to draw", { timeout: 60_000 }, async () => {
    const file = join(folder, "all.html");
    writeFileSync(file, html);
    await expectDrawn(file, ["true", "true", "true", "empty", "true", "true", "empty"]);
    expect((await openPage(file, DESK)).dom).toContain("&lt;b&gt;</div>");
  });

  test("may load nothing", { timeout: 60_000 }, async () => {
    const file = join(folder, "reaching.html");
    writeFileSync(file, html.replace("<main>", '<main><img src="http://127.0.0.1:9/a.png">'));
    const { console } = await openPage(file, DESK);
    expect(console.join("\n")).toContain("violates the following Content Security Policy");
  });
});
