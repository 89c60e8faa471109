import type { TracedKind, TraceTick } from "../../client/trace-format.ts";
import { quantile, sorted } from "./quantile.ts";
import type { Fact, LinePlot, LineSeries, Path, Plot, Report, Table } from "./report-parts.ts";
import { rounded, SECONDS, TracePoints, type Value } from "./trace-points.ts";
import type { Trace } from "./trace-text.ts";

const MAX_BARS = 600;

/** So many times as far as usual in one tick is a leap. */
const JUMP_STEPS = 10;

/** What is the truth, foreseen or shown keeps its colour from plot to plot. */
const COLORS = { truth: 3, predicted: 1, shown: 2 };

/** The page of a trace. */
export function traceReport(trace: Trace): Report {
  const { header, ticks } = trace;
  const seconds = (ticks[ticks.length - 1]?.ms ?? 0) / 1000;
  const points = new TracePoints(ticks);
  const kind = header.kinds.find(({ name }) => ticks.some((tick) => tick.kind === name));
  const own: Plot[] = [
    {
      title: "How far its own entity was off",
      note: "Predicted and shown against what the server had at that tick. What nobody could foresee, a push or being put elsewhere, shows until it is told of; then what is shown fades to what is true.",
      x: SECONDS,
      y: { label: "distance", unit: "units", evenUpTo: kind?.fields[kind.place[0] ?? 0]?.step ?? 1 },
      xs: points.xs,
      series: [
        { name: "predicted", color: COLORS.predicted, values: points.worst((tick) => tick.predictedOff) },
        { name: "shown", color: COLORS.shown, values: points.worst((tick) => tick.shownOff) },
      ],
    },
    ...whereabouts(kind, points),
    perInterval(trace, seconds, "Corrections", "times the prediction was set right", [
      ["corrections", (tick) => tick.corrections],
    ]),
    perInterval(trace, seconds, "Ticks run again", "what the corrections cost", [
      ["replayed ticks", (tick) => tick.replayedTicks],
    ]),
  ];
  return {
    title: `${header.game}: a trace of ${header.bot}`,
    intro: `${ticks.length} ticks at ${header.tickRate} per second, ${short(seconds)} s.${
      points.perPoint > 1 ? ` Each point shows the worst of ${points.perPoint} ticks.` : ""
    }`,
    facts: facts(ticks, seconds),
    sections: [
      { title: "Its own entity", plots: own },
      { title: "The clock and the link", plots: linkPlots(points) },
      { title: "The others", plots: otherPlots(trace, seconds, points) },
      { title: "In numbers", tables: [percentiles(ticks)] },
    ],
  };
}

function linkPlots(points: TracePoints): Plot[] {
  return [
    {
      title: "Input lead",
      note: "How long before their tick inputs arrived, and how long they should. Below 0 they came too late.",
      ...{ x: SECONDS, y: { label: "lead", unit: "ticks" }, xs: points.xs },
      series: [
        { name: "lead", values: points.least((tick) => tick.leadTicks) },
        { name: "wanted", draw: "dashes", values: points.worst((tick) => tick.wantedLeadTicks) },
      ],
    },
    points.plot("Round trip and jitter", "ms", [
      ["round trip", (tick) => tick.rttMs],
      ["jitter", (tick) => tick.jitterMs],
    ]),
    points.plot("Packets lost on the way up", "%", [["lost", (tick) => tick.lossPercent]]),
  ];
}

function otherPlots(trace: Trace, seconds: number, points: TracePoints): Plot[] {
  return [
    points.plot("Interpolation delay", "ms", [["behind", (tick) => tick.interpolationMs]]),
    {
      ...points.plot("How far one of the others was off", "units", [
        ["shown", (tick) => tick.other?.off ?? null],
      ]),
      note: "As it was shown against what was told of that moment in the end: off only where a state came too late.",
    },
    perInterval(trace, seconds, "Shown without a state", "ticks that went on by themselves, and stops", [
      ["ticks", (tick) => tick.extrapolatedTicks],
      ["freezes", (tick) => tick.freezes],
    ]),
  ];
}

/** The way it went, or its one coordinate over time; nothing where nothing says where it is. */
function whereabouts(kind: TracedKind | undefined, points: TracePoints): Plot[] {
  if (kind === undefined || kind.place.length === 0) return [];
  const names = ["truth", "predicted", "shown"] as const;
  const [first, second] = kind.place;
  const valuesOf = (name: (typeof names)[number], at: number): ((tick: TraceTick) => Value) => {
    return (tick) => (tick.kind === kind.name ? (tick[name]?.[at] ?? null) : null);
  };
  const draws = { truth: "line", predicted: "dashes", shown: "dashes" } as const;
  const label = (at: number): string => kind.fields[at]!.name;
  if (second === undefined) {
    const series = names.map((name): LineSeries => {
      return { name, color: COLORS[name], draw: draws[name], values: points.pick(valuesOf(name, first!)) };
    });
    const y = { label: label(first!), unit: "units" };
    return [{ title: "Where it was", x: SECONDS, y, xs: points.xs, series }];
  }
  const paths = names.map((name): Path => {
    const xs = points.pick(valuesOf(name, first!));
    const ys = points.pick(valuesOf(name, second));
    return { name, color: COLORS[name], draw: draws[name], xs: withoutJumps(xs, ys), ys };
  });
  return [
    {
      shape: "paths",
      title: "The way it went",
      x: { label: label(first!) },
      y: { label: label(second) },
      paths,
    },
  ];
}

/** With a gap in front of each leap: what is put elsewhere did not go there. */
function withoutJumps(xs: readonly Value[], ys: readonly Value[]): Value[] {
  const steps = xs.map((x, at) => {
    const [fromX, fromY, y] = [xs[at - 1] ?? null, ys[at - 1] ?? null, ys[at] ?? null];
    return x === null || y === null || fromX === null || fromY === null
      ? null
      : Math.hypot(x - fromX, y - fromY);
  });
  const usual = quantile(sorted(steps), 0.95) ?? 0;
  return xs.map((x, at) => ((steps[at] ?? 0) > usual * JUMP_STEPS ? null : x));
}

/** By how much totals rose, per second or so. */
function perInterval(
  { ticks }: Trace,
  seconds: number,
  title: string,
  note: string,
  totals: readonly (readonly [name: string, of: (tick: TraceTick) => number])[],
): LinePlot {
  const intervalS = Math.max(1, Math.ceil(seconds / MAX_BARS));
  const count = ticks.length === 0 ? 0 : Math.floor(seconds / intervalS) + 1;
  const xs = Array.from({ length: count }, (_, at) => (at + 0.5) * intervalS);
  const series = totals.map(([name, of]): LineSeries => {
    const values = xs.map(() => 0);
    let before = ticks.length === 0 ? 0 : of(ticks[0]!);
    for (const tick of ticks) {
      values[Math.floor(tick.ms / 1000 / intervalS)]! += of(tick) - before;
      before = of(tick);
    }
    return { name, values: values.map(rounded), draw: totals.length === 1 ? "bars" : "steps" };
  });
  const per = intervalS === 1 ? "per second" : `per ${intervalS} s`;
  return { title: `${title} ${per}`, note: sentence(note), x: SECONDS, y: { label: per }, xs, series };
}

function facts(ticks: readonly TraceTick[], seconds: number): Fact[] {
  const [first, last] = [ticks[0], ticks[ticks.length - 1]];
  const known = ticks.filter(({ truth }) => truth !== null).length;
  const corrections = (last?.corrections ?? 0) - (first?.corrections ?? 0);
  const of = (values: readonly Value[], share: number, unit: string): string => {
    const found = quantile(sorted(values), share);
    return found === null ? "–" : `${short(found)} ${unit}`;
  };
  return [
    {
      label: "ticks told exactly",
      value: ticks.length === 0 ? "–" : `${short((known * 100) / ticks.length)} %`,
    },
    { label: "corrections a minute", value: seconds === 0 ? "–" : short((corrections * 60) / seconds) },
    {
      label: "predicted off, p99",
      value: of(
        ticks.map((tick) => tick.predictedOff),
        0.99,
        "units",
      ),
    },
    {
      label: "shown off, p99",
      value: of(
        ticks.map((tick) => tick.shownOff),
        0.99,
        "units",
      ),
    },
    {
      label: "interpolation delay, p50",
      value: of(
        ticks.map((tick) => tick.interpolationMs),
        0.5,
        "ms",
      ),
    },
    {
      label: "round trip, p50",
      value: of(
        ticks.map((tick) => tick.rttMs),
        0.5,
        "ms",
      ),
    },
    { label: "freezes", value: (last?.freezes ?? 0) - (first?.freezes ?? 0) },
  ];
}

function percentiles(ticks: readonly TraceTick[]): Table {
  const rows: readonly (readonly [string, (tick: TraceTick) => Value])[] = [
    ["predicted off (units)", (tick) => tick.predictedOff],
    ["shown off (units)", (tick) => tick.shownOff],
    ["another shown off (units)", (tick) => tick.other?.off ?? null],
    ["predicted ahead (ticks)", (tick) => tick.tick - tick.confirmedTick],
    ["lead (ticks)", (tick) => tick.leadTicks],
    ["wanted lead (ticks)", (tick) => tick.wantedLeadTicks],
    ["interpolation delay (ms)", (tick) => tick.interpolationMs],
    ["round trip (ms)", (tick) => tick.rttMs],
    ["jitter (ms)", (tick) => tick.jitterMs],
    ["lost (%)", (tick) => tick.lossPercent],
  ];
  return {
    columns: ["of all ticks", "least", "p50", "p95", "p99", "most"],
    rows: rows.map(([name, of]) => {
      const values = sorted(ticks.map(of));
      return [name, ...[0, 0.5, 0.95, 0.99, 1].map((share) => textOf(quantile(values, share)))];
    }),
  };
}

function textOf(value: Value): string | number {
  return value === null ? "–" : short(value);
}

/** With so many digits as are read. */
function short(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
