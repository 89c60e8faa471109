/** A page that shows what was measured, as data: `reportPage` makes HTML of it. */
export interface Report {
  readonly title: string;
  /** What it is of, in a sentence or two. */
  readonly intro?: string;
  /** The few figures to see first. */
  readonly facts?: readonly Fact[];
  readonly sections: readonly Section[];
}

export interface Fact {
  readonly label: string;
  /** With its unit. */
  readonly value: string | number;
}

export interface Section {
  readonly title: string;
  readonly text?: string;
  readonly tables?: readonly Table[];
  readonly plots?: readonly Plot[];
}

export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  /** A cell per column. Numbers stand to the right, as text does that begins with one. */
  readonly rows: readonly (readonly (string | number)[])[];
}

export type Plot = LinePlot | PathPlot;

export interface Axis {
  readonly label: string;
  /** Stands beside values: "ms". */
  readonly unit?: string;
  /** Of y: for what is small mostly and huge at times. Above this size it shows ratios, as a logarithm does. */
  readonly evenUpTo?: number;
}

/** Values over a common x. Plots of one page whose x has the same label move and zoom together. */
export interface LinePlot {
  readonly shape?: "lines";
  readonly title: string;
  /** What to look for, in a sentence. */
  readonly note?: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Rising. */
  readonly xs: readonly number[];
  readonly series: readonly LineSeries[];
}

export interface LineSeries {
  readonly name: string;
  /** One per x; null, and what is not finite, leaves a gap. */
  readonly values: readonly (number | null)[];
  /** Default "line". */
  readonly draw?: "line" | "dashes" | "steps" | "bars" | "points";
  /** Which of the page's six colours, from 1. Default: one after the other. */
  readonly color?: number;
}

/** Ways across a plane, both axes to the same scale. */
export interface PathPlot {
  readonly shape: "paths";
  readonly title: string;
  readonly note?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly paths: readonly Path[];
}

export interface Path {
  readonly name: string;
  readonly xs: readonly (number | null)[];
  readonly ys: readonly (number | null)[];
  readonly draw?: "line" | "dashes" | "points";
  readonly color?: number;
}
