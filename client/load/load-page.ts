import type { ChartLibrary } from "../../src/report/chart-library.ts";
import { reportPage } from "../../src/report/report-page.ts";
import type { Fact, LinePlot, LineSeries, Section, Table } from "../../src/report/report-parts.ts";
import { linkRows } from "./link-text.ts";
import type { LoadReport } from "./load-report.ts";
import { headline, thresholdText, warnings } from "./load-summary.ts";
import type { SeriesPoint } from "./load-window.ts";

/** A report, and what to call it among others. */
export interface NamedReport {
  readonly name: string;
  readonly report: LoadReport;
}

/** A page of one load test, or of several laid over each other. */
export function loadPage(reports: readonly NamedReport[], charts: ChartLibrary): string {
  const [first] = reports;
  const isOne = reports.length === 1;
  const title = isOne
    ? `Load test: ${first!.report.scenario} of ${first!.report.game}`
    : "Load tests compared";
  return reportPage(
    {
      title,
      intro: reports
        .map(({ name, report }) => [isOne ? "" : `${name}:`, headline(report), ...warnings(report)].join(" "))
        .join(" — ")
        .trim(),
      ...(isOne && { facts: factsOf(first!.report) }),
      sections: [
        ...(isOne ? [] : [comparison(reports)]),
        ...plotSections(reports),
        ...reports.flatMap((each) => detailSections(each, isOne)),
      ],
    },
    charts,
  );
}

function factsOf(report: LoadReport): readonly Fact[] {
  const { latency, server } = report;
  return [
    { label: "players", value: `${report.connected} of ${report.clients}` },
    { label: "input → state p99", value: `${ms(latency.inputToStateMs.p99)} ms` },
    ...(server === null
      ? []
      : [
          { label: "tick p99", value: `${ms(server.tickMs.p99)} ms` },
          { label: "server CPU", value: `${server.cpuPercent.toFixed(0)} % of a core` },
        ]),
    { label: "lost packets", value: `${report.traffic.lossPercent.toFixed(2)} %` },
    ...(report.knee === null ? [] : [{ label: "knee", value: `${report.knee.clients} players` }]),
    { label: "bottleneck", value: report.harness.isBottleneck ? "the harness" : "not the harness" },
  ];
}

const figures: readonly (readonly [name: string, of: (report: LoadReport) => string | null])[] = [
  ["players connected", ({ connected }) => String(connected)],
  ["input → state p50, ms", ({ latency }) => ms(latency.inputToStateMs.p50)],
  ["input → state p95, ms", ({ latency }) => ms(latency.inputToStateMs.p95)],
  ["input → state p99, ms", ({ latency }) => ms(latency.inputToStateMs.p99)],
  ["input → state longest, ms", ({ latency }) => ms(latency.inputToStateMs.max)],
  // Reports of versions before have none.
  ["set at any time → state p50, ms", ({ latency }) => msOf(latency.anyTimeToStateMs?.p50)],
  ["set at any time → state p99, ms", ({ latency }) => msOf(latency.anyTimeToStateMs?.p99)],
  ["set at any time → state longest, ms", ({ latency }) => msOf(latency.anyTimeToStateMs?.max)],
  ["inputs never used, %", ({ latency }) => latency.inputsNeverUsedPercent?.toFixed(2) ?? null],
  ["time between states p99, ms", ({ latency }) => ms(latency.stateIntervalMs.p99)],
  ["age of the state in use p99, ms", ({ latency }) => ms(latency.stateAgeMs.p99)],
  ["corrections per minute and probe", ({ correctionsPerMinute }) => correctionsPerMinute.toFixed(1)],
  ["server CPU, % of a core", ({ server }) => server?.cpuPercent.toFixed(1) ?? null],
  ["server CPU per player and tick, µs", ({ server }) => server?.cpuMicrosPerClientUpdate.toFixed(1) ?? null],
  ["server memory, MiB", ({ server }) => (server === null ? null : (server.rssBytes / 2 ** 20).toFixed(0))],
  ["memory growth, MiB a minute", ({ server }) => mebibytes(server?.rssBytesPerMinute ?? null)],
  ["tick p50, ms", ({ server }) => (server === null ? null : ms(server.tickMs.p50))],
  ["tick p99, ms", ({ server }) => (server === null ? null : ms(server.tickMs.p99))],
  ["tick longest, ms", ({ server }) => (server === null ? null : ms(server.tickMs.max))],
  ["tick: the game, ms", ({ server }) => (server === null ? null : ms(server.tickPhasesMs.stepMs))],
  ["tick: capturing, ms", ({ server }) => (server === null ? null : ms(server.tickPhasesMs.captureMs))],
  ["tick: telling players, ms", ({ server }) => (server === null ? null : ms(server.tickPhasesMs.sendMs))],
  ["ticks too long", ({ server }) => (server === null ? null : String(server.tickMs.overruns))],
  ["down per player, kB/s", ({ traffic }) => (traffic.bytesPerClientPerSecond.down / 1000).toFixed(2)],
  ["up per player, kB/s", ({ traffic }) => (traffic.bytesPerClientPerSecond.up / 1000).toFixed(2)],
  ["bytes per entity and state", ({ traffic }) => traffic.bytesPerEntityUpdate.toFixed(2)],
  ["lost packets, %", ({ traffic }) => traffic.lossPercent.toFixed(3)],
];

/** Each figure of each report, and by how much the last is off the first. */
export function comparedRows(reports: readonly NamedReport[]): readonly (readonly string[])[] {
  return figures.map(([name, of]) => {
    const values = reports.map(({ report }) => of(report));
    const first = Number(values[0] ?? Number.NaN);
    const last = Number(values.at(-1) ?? Number.NaN);
    const change = first === 0 || Number.isNaN(last / first) ? "" : `${signed((last / first - 1) * 100)} %`;
    return [name, ...values.map((value) => value ?? "–"), change];
  });
}

function comparison(reports: readonly NamedReport[]): Section {
  const columns = ["figure", ...reports.map(({ name }) => name), "change"];
  return { title: "Figures", tables: [{ columns, rows: comparedRows(reports) }] };
}

interface Curve {
  readonly name: string;
  readonly of: (point: SeriesPoint) => number | null;
}

function plotSections(reports: readonly NamedReport[]): readonly Section[] {
  const longest = Math.max(0, ...reports.map(({ report }) => report.series.length));
  if (longest === 0) return [];
  const plot = (title: string, unit: string, curves: readonly Curve[], note?: string): LinePlot =>
    timePlot(title, unit, curves, reports, note);
  const latency = plot("Input → state", "ms", [
    { name: "p50", of: ({ inputToStateMs }) => inputToStateMs.p50 },
    { name: "p95", of: ({ inputToStateMs }) => inputToStateMs.p95 },
    { name: "p99", of: ({ inputToStateMs }) => inputToStateMs.p99 },
    { name: "longest", of: ({ inputToStateMs }) => inputToStateMs.max },
  ]);
  const ticks = plot("Ticks of the server", "ms", [
    { name: "p50", of: ({ server }) => server?.tickMs.p50 ?? null },
    { name: "p99", of: ({ server }) => server?.tickMs.p99 ?? null },
    { name: "longest", of: ({ server }) => server?.tickMs.max ?? null },
  ]);
  const phases = plot("What a tick is spent on, on average", "ms", [
    { name: "the game", of: ({ server }) => server?.phasesMs.stepMs ?? null },
    { name: "capturing", of: ({ server }) => server?.phasesMs.captureMs ?? null },
    { name: "telling players", of: ({ server }) => server?.phasesMs.sendMs ?? null },
  ]);
  const cpu = plot("CPU of the server", "% of a core", [
    { name: "CPU", of: ({ server }) => server?.cpuPercent ?? null },
  ]);
  const memory = plot("Memory of the server", "MiB", [
    { name: "resident", of: ({ server }) => (server === null ? null : server.rssBytes / 2 ** 20) },
  ]);
  const bandwidth = plot("Bandwidth, all players", "kB/s", [
    { name: "down", of: ({ bytesDownPerSecond }) => bytesDownPerSecond / 1000 },
    { name: "up", of: ({ bytesUpPerSecond }) => bytesUpPerSecond / 1000 },
  ]);
  const loss = plot("Lost packets, both ways", "%", [{ name: "lost", of: ({ lossPercent }) => lossPercent }]);
  const players = plot("Players", "", [{ name: "connected", of: ({ connected }) => connected }]);
  const late = plot(
    "How late the harness woke up",
    "ms",
    [{ name: "p99", of: ({ harnessLateP99Ms }) => harnessLateP99Ms }],
    "What is high here is the harness' own, and not the server's.",
  );
  return [
    { title: "Latency", plots: [latency, ...histogramPlots(reports)] },
    { title: "Server", plots: [ticks, phases, cpu, memory] },
    { title: "Network", plots: [bandwidth, loss] },
    { title: "Players and harness", plots: [players, late] },
  ];
}

function timePlot(
  title: string,
  unit: string,
  curves: readonly Curve[],
  reports: readonly NamedReport[],
  note: string | undefined,
): LinePlot {
  const xs = timesOf(reports);
  const series = reports.flatMap(({ name, report }, i): LineSeries[] =>
    curves.map((curve, n) => ({
      name: reports.length === 1 ? curve.name : `${curve.name}, ${name}`,
      values: xs.map((x) => {
        const point = pointAt(report.series, x);
        return point === undefined ? null : curve.of(point);
      }),
      // The same curve of several reports has one colour, and is dashed in all but the first.
      ...(reports.length > 1 && { color: (n % 6) + 1 }),
      ...(i > 0 && { draw: "dashes" as const }),
    })),
  );
  return {
    title,
    ...(note !== undefined && { note }),
    x: { label: "seconds", unit: "s" },
    y: { label: title, unit },
    ...{ xs, series },
  };
}

/** Those of the report with the most points; what the others have nearest goes with them. */
function timesOf(reports: readonly NamedReport[]): readonly number[] {
  const [most] = reports.map(({ report }) => report.series).sort((a, b) => b.length - a.length);
  return most!.map(({ atSeconds }) => Math.round(atSeconds * 100) / 100);
}

function pointAt(series: readonly SeriesPoint[], seconds: number): SeriesPoint | undefined {
  let nearest: SeriesPoint | undefined;
  const off = (point: SeriesPoint): number => Math.abs(point.atSeconds - seconds);
  for (const point of series) if (nearest === undefined || off(point) < off(nearest)) nearest = point;
  const spacing = series.length < 2 ? 1 : series[1]!.atSeconds - series[0]!.atSeconds;
  return nearest === undefined || off(nearest) > spacing ? undefined : nearest;
}

function histogramPlots(reports: readonly NamedReport[]): readonly LinePlot[] {
  const xs = [...new Set(reports.flatMap(({ report }) => report.histogram.map(({ toMs }) => toMs)))];
  xs.sort((a, b) => a - b);
  if (xs.length === 0) return [];
  return [
    {
      title: "How often each latency was",
      note: "Each bar is of all inputs whose latency was at most so long, and longer than the bar before.",
      x: { label: "input → state", unit: "ms" },
      y: { label: "of all inputs", unit: "%" },
      xs,
      series: reports.map(({ name, report }) => {
        const all = report.histogram.reduce((sum, { count }) => sum + count, 0) || 1;
        const shares = new Map(report.histogram.map(({ toMs, count }) => [toMs, (count / all) * 100]));
        return {
          name: reports.length === 1 ? "inputs" : name,
          values: xs.map((x) => shares.get(x) ?? null),
          draw: "bars" as const,
        };
      }),
    },
  ];
}

function detailSections({ name, report }: NamedReport, isOne: boolean): readonly Section[] {
  const tables: Table[] = [];
  if (isOne)
    tables.push({ columns: ["figure", "value"], rows: comparedRows([{ name, report }]).map(firstTwo) });
  // Reports of versions before do not say what was asked.
  if (report.link?.asked !== undefined) {
    const columns = ["", "up, to the server", "down, to the players"];
    tables.push({ title: "The link, as it was asked for", columns, rows: linkRows(report.link) });
  }
  tables.push({
    title: "The harness",
    columns: ["process", "CPU, % of a core", "late p50, ms", "late p99, ms", "memory, MiB"],
    rows: report.harness.processes.map(({ what, cpuPercent, lateMs, residentBytes }) => [
      what,
      ...[
        cpuPercent.toFixed(0),
        ms(lateMs.p50),
        ms(lateMs.p99),
        residentBytes === null ? "–" : (residentBytes / 2 ** 20).toFixed(0),
      ],
    ]),
  });
  if (report.thresholds.length > 0) {
    const rows = report.thresholds.map((each) => [each.isMet ? "held" : "broken", thresholdText(each)]);
    tables.push({ title: "Thresholds", columns: ["", "asked"], rows });
  }
  const errors = Object.entries(report.errors);
  if (errors.length > 0) {
    const rows = errors.map(([reason, count]) => [reason, String(count), report.details[reason] ?? ""]);
    tables.push({ title: "Players who did not stay", columns: ["reason", "how many", "in words"], rows });
  }
  if (report.knee !== null) {
    const rows = report.knee.trials.map(({ clients, isMet, why, isHarnessLate }) => [
      String(clients),
      isMet ? "held" : "too many",
      isHarnessLate ? `${why} (the harness was late)`.trim() : why,
    ]);
    tables.push({ title: "The search for the knee", columns: ["players", "", "why"], rows });
  }
  return [{ title: isOne ? "All figures" : `More of ${name}`, tables }];
}

const mebibytes = (bytes: number | null): string | null =>
  bytes === null ? null : (bytes / 2 ** 20).toFixed(2);
const firstTwo = (row: readonly string[]): readonly string[] => row.slice(0, 2);
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const msOf = (value: number | undefined): string | null => (value === undefined ? null : ms(value));
const signed = (value: number): string => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`;
