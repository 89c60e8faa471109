import type { TraceTick } from "../../client/trace-format.ts";
import type { LinePlot } from "./report-parts.ts";

/** Of longer traces each point stands for several ticks, and shows the worst of them. */
const MAX_POINTS = 20_000;
/** After a longer silence a line does not go on. */
const GAP_MS = 250;

export const SECONDS = { label: "time", unit: "s" };

export type Value = number | null;

/** Ticks as points of a plot: with a gap after each silence, and of very many ticks several to a point. */
export class TracePoints {
  readonly perPoint: number;
  /** In seconds. */
  readonly xs: readonly number[];
  /** Of each point; a gap has none. */
  readonly #ticks: (readonly TraceTick[])[] = [];

  constructor(ticks: readonly TraceTick[]) {
    this.perPoint = Math.max(1, Math.ceil(ticks.length / MAX_POINTS));
    const xs: number[] = [];
    let group: TraceTick[] = [];
    let beforeMs = Number.POSITIVE_INFINITY;
    for (const tick of ticks) {
      const isAfterGap = tick.ms - beforeMs > GAP_MS;
      if (isAfterGap) {
        xs.push((beforeMs + tick.ms) / 2000);
        this.#ticks.push([]);
      }
      if (isAfterGap || group.length === 0 || group.length === this.perPoint) {
        group = [];
        xs.push(tick.ms / 1000);
        this.#ticks.push(group);
      }
      group.push(tick);
      beforeMs = tick.ms;
    }
    this.xs = xs.map((x) => Math.round(x * 1000) / 1000);
  }

  worst(of: (tick: TraceTick) => Value): Value[] {
    return this.#reduce(of, Math.max);
  }

  least(of: (tick: TraceTick) => Value): Value[] {
    return this.#reduce(of, Math.min);
  }

  /** Of each point its first. */
  pick(of: (tick: TraceTick) => Value): Value[] {
    return this.#reduce(of, (first) => first);
  }

  plot(title: string, unit: string, lines: readonly [string, (tick: TraceTick) => Value][]): LinePlot {
    const series = lines.map(([name, of]) => ({ name, values: this.worst(of) }));
    return {
      title,
      x: SECONDS,
      y: { label: lines.length === 1 ? lines[0]![0] : "time", unit },
      xs: this.xs,
      series,
    };
  }

  #reduce(of: (tick: TraceTick) => Value, choose: (a: number, b: number) => number): Value[] {
    return this.#ticks.map((ticks) => {
      const values = ticks.map(of).filter((value) => value !== null);
      return values.length === 0 ? null : rounded(values.reduce((a, b) => choose(a, b)));
    });
  }
}

/** As exact as a plot can show. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
