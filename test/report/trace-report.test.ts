import { describe, expect, test } from "vitest";
import type { TraceTick } from "../../client/trace-format.ts";
import type { LinePlot, PathPlot, Plot, Report } from "../../src/report/report-parts.ts";
import { traceReport } from "../../src/report/trace-report.ts";
import { traceHeader, traceTick } from "./trace-sample.ts";

const reportOf = (ticks: readonly TraceTick[]): Report => traceReport({ header: traceHeader, ticks });
const plotsOf = (report: Report): readonly Plot[] => report.sections.flatMap(({ plots = [] }) => plots);

function linesOf(report: Report, title: string): LinePlot {
  const plot = plotsOf(report).find((each) => each.title.startsWith(title));
  if (plot === undefined || plot.shape === "paths") throw new Error(`no plot of lines ${title}`);
  return plot;
}

const TITLES = [
  ...[
    "How far its own entity was off",
    "The way it went",
    "Corrections per second",
    "Ticks run again per second",
  ],
  ...["Input lead", "Round trip and jitter", "Packets lost on the way up"],
  ...["Interpolation delay", "How far one of the others was off", "Shown without a state per second"],
];

describe("the report of a trace", () => {
  const ticks = Array.from({ length: 60 }, (_, tick) => {
    return traceTick({ tick, corrections: Math.floor(tick / 15), replayedTicks: tick });
  });

  test("has a plot of each thing that matters", () => {
    expect(plotsOf(reportOf(ticks)).map(({ title }) => title)).toEqual(TITLES);
    expect(reportOf(ticks).intro).toBe("60 ticks at 20 per second, 2.95 s.");
  });

  test("draws each tick at its time", () => {
    const { xs, series } = linesOf(reportOf(ticks), "How far its own");
    expect(xs).toEqual(ticks.map(({ ms }) => ms / 1000));
    expect(series.map(({ name, values }) => [name, [...new Set(values)]])).toEqual([
      ["predicted", [1]],
      ["shown", [2]],
    ]);
  });

  test("counts per second by how much totals rose", () => {
    const corrections = linesOf(reportOf(ticks), "Corrections");
    expect(corrections.xs).toEqual([0.5, 1.5, 2.5]);
    expect(corrections.series[0]!.values).toEqual([1, 1, 1]);
    expect(linesOf(reportOf(ticks), "Ticks run").series[0]!.values).toEqual([19, 20, 20]);
  });

  test("draws no line through a silence, and no truth where there was none", () => {
    const { xs, series } = linesOf(
      reportOf([traceTick({ tick: 1 }), traceTick({ tick: 2, predictedOff: null }), traceTick({ tick: 42 })]),
      "How far its own",
    );
    expect(xs).toEqual([0.05, 0.1, 1.1, 2.1]);
    expect(series[0]!.values).toEqual([1, null, null, 1]);
  });

  test("draws the way, but not the leap to another place", () => {
    const leaping = ticks.map((tick) => {
      return tick.tick < 30 ? tick : { ...tick, truth: [tick.tick + 500, 0] };
    });
    const way = plotsOf(reportOf(leaping)).find(({ shape }) => shape === "paths") as PathPlot;
    expect(way.paths.map(({ name }) => name)).toEqual(["truth", "predicted", "shown"]);
    const [truth] = way.paths;
    expect(truth!.xs).toEqual(leaping.map((tick) => (tick.tick === 30 ? null : tick.truth![0])));
    expect(truth!.ys).toEqual(leaping.map(() => 0));
  });

  test("draws what has one coordinate over time, and nothing of what has none", () => {
    const paddle = { kind: "paddle", predicted: [1], shown: [2], truth: [3] };
    const { y, series } = linesOf(reportOf([traceTick({ ...paddle, tick: 1 })]), "Where it was");
    expect([y.label, ...series.map(({ values }) => values)]).toEqual(["x", [3], [1], [2]]);
    const dial = reportOf([traceTick({ ...paddle, kind: "dial", tick: 1 })]);
    expect(plotsOf(dial)).toHaveLength(TITLES.length - 1);
  });

  test("shows of a long trace the worst of several ticks", () => {
    const long = Array.from({ length: 50_000 }, (_, tick) =>
      traceTick({ tick, predictedOff: tick === 31_415 ? 9 : 0, leadTicks: tick === 31_415 ? -1 : 1 }),
    );
    const report = reportOf(long);
    expect(report.intro).toContain("Each point shows the worst of 3 ticks.");
    const { xs, series } = linesOf(report, "How far its own");
    expect(xs).toHaveLength(Math.ceil(50_000 / 3));
    expect(series[0]!.values.filter((value) => value === 9)).toHaveLength(1);
    expect(linesOf(report, "Input lead").series[0]!.values.filter((value) => value === -1)).toHaveLength(1);
    expect(linesOf(report, "Corrections").xs.length).toBeLessThanOrEqual(601);
  });

  test("says in numbers what it draws", () => {
    const [table] = reportOf(ticks).sections.at(-1)!.tables!;
    const rows = new Map(table!.rows.map(([name, ...values]) => [name, values]));
    expect(rows.get("predicted off (units)")).toEqual([1, 1, 1, 1, 1]);
    expect(rows.get("predicted ahead (ticks)")).toEqual([4, 4, 4, 4, 4]);
    expect(rows.get("round trip (ms)")).toEqual([40, 40, 40, 40, 40]);
  });

  test("is there for a trace without a tick", () => {
    const report = reportOf([]);
    expect(plotsOf(report).map(({ title }) => title)).toEqual(
      TITLES.filter((title) => !title.startsWith("The way")),
    );
    expect(report.facts!.map(({ value }) => value)).toContain("–");
  });
});
