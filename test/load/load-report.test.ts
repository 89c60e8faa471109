import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Crowds } from "../../client/load/crowds.ts";
import { askedWay, type LinkOptions, linkPlan } from "../../client/load/link-profiles.ts";
import { comparedRows, loadPage } from "../../client/load/load-page.ts";
import { type LoadReport, loadReport, type Thresholds } from "../../client/load/load-report.ts";
import { type LoadProgress, LoadRun } from "../../client/load/load-run.ts";
import { loadSummary } from "../../client/load/load-summary.ts";
import { namedScenario, type ScenarioName } from "../../client/load/scenario.ts";
import { LoadLine } from "../../src/cli/load-line.ts";
import { readChartLibrary } from "../../src/report/chart-library.ts";
import { ModelCrowd, ModelServer } from "./model-crowd.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Play {
  readonly name?: ScenarioName;
  readonly clients?: number;
  readonly room?: number;
  readonly thresholds?: Thresholds;
  /** Ctrl-C after so many seconds. */
  readonly stopAfterSeconds?: number;
  /** The process of players is gone after so many seconds. */
  readonly endAfterSeconds?: number;
}

/** A load test of a server that is a model, in time that passes at once. */
async function play({
  name = "steady",
  clients = 100,
  room,
  thresholds = {},
  stopAfterSeconds,
  endAfterSeconds,
}: Play = {}) {
  const server = new ModelServer({ fixedMs: 2, playerMs: 0.1 }, 1, () => Date.now());
  const counts = { probes: 0, players: 0 };
  const crowd = (who: keyof typeof counts, places?: number) =>
    new ModelCrowd(
      (count) => {
        counts[who] = count;
        server.players = counts.probes + counts.players;
      },
      () => 40 + server.tickMs(),
      places,
    );
  const players = crowd("players", room);
  const endPlayers = (): void => {
    players.sample = () => Promise.reject(new Error("a process of players ended early"));
  };
  if (endAfterSeconds === 0) endPlayers();
  else if (endAfterSeconds !== undefined) setTimeout(endPlayers, endAfterSeconds * 1000);
  const stop = new AbortController();
  const told: LoadProgress[] = [];
  const run = new LoadRun({
    crowds: new Crowds(crowd("probes", room === 0 ? 0 : undefined), [players], 8),
    clock: { nowMs: () => Date.now() },
    readServer: () => server.read(),
    ...{ link: undefined, tickRate: 30, connectTimeoutMs: 1_000, signal: stop.signal },
    onProgress: (progress) => told.push(progress),
  });
  if (stopAfterSeconds !== undefined) setTimeout(() => stop.abort(), stopAfterSeconds * 1000);
  const outcome = run.run(namedScenario(name, { clients, rampSeconds: 2, seconds: 12, warmUpSeconds: 1 }));
  let isOver = false;
  void outcome.finally(() => {
    isOver = true;
  });
  while (!isOver) await vi.advanceTimersByTimeAsync(100);
  const frame = {
    ...{ runtime: "node", clients, link: null, scenario: name, url: "udp://127.0.0.1:1", game: "model" },
    ...{ tickRate: 30, processes: 1, version: "0", startedAt: "", thresholds },
  };
  return { report: loadReport(frame, await outcome), told };
}

const line = (report: LoadReport, name: string): string =>
  loadSummary(report)
    .split("\n")
    .find((each) => each.startsWith(name)) ?? "";

describe("a load report", () => {
  test("says what was asked of the link, each way", async () => {
    const { report: plain } = await play({ stopAfterSeconds: 5 });
    const withLink = (options: LinkOptions): LoadReport => {
      const link = linkPlan(options);
      const asked = { up: askedWay(link.up), down: askedWay(link.down) };
      return { ...plain, link: { ...link, asked } };
    };
    expect(line(plain, "link")).toBe("");
    expect(line(withLink({ latencyMs: 30, jitterMs: 5 }), "link")).toBe(
      "link           each way 30 ± 5 ms, 0 % lost",
    );
    const uneven = withLink({
      ...{ lossPercent: { up: 5, down: 0 }, burstMs: { up: 60 }, latencyMs: 20 },
      ...{ reorderPercent: { down: 2 }, bandwidthKbit: { down: 800 } },
    });
    expect(line(uneven, "link")).toBe(
      "link           up 20 ± 0 ms, 5 % lost in spells of 60 ms · down 20 ± 0 ms, 0 % lost, 2 % out of order, 800 kbit/s",
    );
    const page = loadPage([{ name: "", report: uneven }], readChartLibrary());
    expect(page).toContain("The link, as it was asked for");
    expect(page).toMatch(/loss, %<\/\w+>\s*<td[^>]*>5<\/td>\s*<td[^>]*>0<\/td>/);
    expect(page).toMatch(/narrowest place, kbit\/s<\/\w+>\s*<td[^>]*>–<\/td>\s*<td[^>]*>800<\/td>/);
  });

  test("of an older version, without what is new, is still compared", async () => {
    const { report } = await play({ stopAfterSeconds: 9 });
    const { anyTimeToStateMs: _, ...latency } = report.latency;
    const older = { ...report, latency, link: linkPlan({ lossPercent: 5 }) } as unknown as LoadReport;
    const reports = [
      { name: "older", report: older },
      { name: "newer", report },
    ];
    const row = comparedRows(reports).find(([name]) => name === "set at any time → state p50, ms")!;
    expect(row.slice(1)).toEqual(["–", report.latency.anyTimeToStateMs.p50.toFixed(1), ""]);
    expect(loadPage(reports, readChartLibrary())).not.toContain("The link, as it was asked for");
  });

  test("tells what was measured, and sums it up on one screen", async () => {
    const { report } = await play();
    expect(report).toMatchObject({
      connected: 100,
      failed: 0,
      disconnected: 0,
      isInterrupted: false,
      probes: 8,
    });
    expect(report.seconds).toBeCloseTo(12, 1);
    expect(report.series.length).toBe(12);
    // Ticks of 2 + 100 × 0.1 ms, give or take a twentieth; inputs come 40 ms after that.
    expect(report.server!.tickMs.p50).toBeGreaterThan(11);
    expect(report.server!.tickMs.max).toBeLessThanOrEqual(14);
    expect(report.latency.inputToStateMs.p50).toBeGreaterThan(51);
    expect(report.latency.inputToStateMs.max).toBeLessThan(53);
    // Half a tick later in the middle, and a tick at most.
    expect(report.latency.anyTimeToStateMs.p50 - report.latency.inputToStateMs.p50).toBeCloseTo(500 / 30, 0);
    expect(report.latency.anyTimeToStateMs.max).toBeLessThan(report.latency.inputToStateMs.max + 34);
    const { p50 } = report.latency.anyTimeToStateMs;
    expect(line(report, "set any time")).toContain(`p50 ${p50.toFixed(1)}, `);
    expect(loadPage([{ name: "", report }], readChartLibrary())).toContain("set at any time → state p99, ms");
    expect(report.harness.isBottleneck).toBe(false);
    expect(line(report, "players")).toBe("players        100 connected · 0 failed · 0 disconnected");
    expect(loadSummary(report).split("\n").length).toBeLessThan(24);
    expect(loadSummary(report)).not.toContain("bottleneck");
  });

  test("of a test that was stopped has what came till then", async () => {
    const { report } = await play({ stopAfterSeconds: 9 });
    expect(report).toMatchObject({ connected: 100, isInterrupted: true });
    expect(report.seconds).toBeGreaterThan(4);
    expect(report.seconds).toBeLessThan(8);
    expect(loadSummary(report)).toContain("It was stopped before its end.");
    const early = await play({ stopAfterSeconds: 1 });
    expect(early.report).toMatchObject({ isInterrupted: true, seconds: 0, server: null, series: [] });
    expect(line(early.report, "input")).toBe("");
  });

  test("keeps its figures when a process of players is gone", async () => {
    const { report } = await play({ endAfterSeconds: 9 });
    expect(report).toMatchObject({
      connected: 8,
      failed: 0,
      disconnected: 92,
      errors: { "process-ended": 92 },
    });
    expect(report.details["process-ended"]).toBe("a process of players ended early");
    expect(report.series.length).toBe(12);
    expect(report.latency.inputToStateMs.p50).toBeGreaterThan(40);
    const early = await play({ endAfterSeconds: 0 });
    expect(early.report).toMatchObject({ connected: 8, failed: 92, errors: { "process-ended": 92 } });
  });

  test("counts who did not get in", async () => {
    const { report } = await play({ room: 52 });
    expect(report).toMatchObject({ connected: 60, failed: 40, errors: { full: 40 } });
    expect(line(report, "players")).toContain("60 connected · 40 failed · 0 disconnected · 40 × full");
    const nobody = await play({ room: 0 });
    expect(nobody.report).toMatchObject({ connected: 0, failed: 1, errors: { full: 1 }, seconds: 0 });
  });

  test("says which thresholds are held, and that what was not measured is none of them", async () => {
    const thresholds = { maxInputToStateP99Ms: 50, maxTickP99Ms: 20, minPlayers: 100 };
    const { report } = await play({ thresholds });
    expect(report.thresholds.map(({ name, isMet }) => [name, isMet])).toEqual([
      ["maxInputToStateP99Ms", false],
      ["maxTickP99Ms", true],
      ["minPlayers", true],
    ]);
    expect(line(report, "BROKEN")).toMatch(/input → state p99 was 52\.\d+ ms, at most 50 ms asked$/);
    const nobody = await play({ room: 0, thresholds });
    expect(nobody.report.thresholds.map(({ isMet }) => isMet)).toEqual([false, false, false]);
    expect(loadSummary(nobody.report)).toContain("tick p99 was not measured, at most 20 ms asked");
  });

  test("of a spike shows it", async () => {
    const { report } = await play({ name: "spike" });
    const connected = report.series.map((point) => point.connected);
    expect(connected).toEqual([25, 25, 25, 25, 100, 100, 100, 100, 25, 25, 25, 25]);
    const tickP50s = report.series.map(({ server }) => server!.tickMs.p50);
    expect(Math.min(...tickP50s.slice(4, 8))).toBeGreaterThan(2 * Math.max(...tickP50s.slice(0, 4)));
  });

  test("is compared with another, figure by figure, and drawn with it", async () => {
    const [before, after] = [(await play()).report, (await play({ clients: 50 })).report];
    const rows = comparedRows([
      { name: "before", report: before },
      { name: "after", report: after },
    ]);
    expect(rows[0]).toEqual(["players connected", "100", "50", "−50.0 %"]);
    const page = loadPage(
      [
        { name: "before", report: before },
        { name: "after", report: after },
      ],
      readChartLibrary(),
    );
    expect(page).toContain("p99, before");
    expect(page).toContain("p99, after");
    expect(page.match(/<figure /g)!.length).toBe(10);
  });
});

describe("while it runs", () => {
  test("a line tells phase, progress, players and figures, none going back in time", async () => {
    const { told } = await play();
    const phases = [...new Set(told.map(({ phase }) => phase))];
    expect(phases).toEqual(["joining", "warming up", "measuring"]);
    for (const { done, secondsLeft } of told) {
      expect(done).toBeGreaterThanOrEqual(0);
      expect(done).toBeLessThanOrEqual(1);
      expect(secondsLeft ?? 0).toBeGreaterThanOrEqual(0);
    }
    const live = new LoadLine();
    const texts = told.map((progress) => live.text(progress));
    expect(texts.at(-1)).toMatch(
      /^measuring █{12} 0 s · 100 of 100 players · input → state p50 52\.\d p99 52\.\d ms [▁-█]{12} · tick p99 1\d\.\d ms · server 0 %$/,
    );
  });
});
