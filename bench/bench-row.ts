import { runtimeName } from "../src/runtime-adapters/current-runtime.ts";

/** One measured number. */
export interface BenchRow {
  readonly name: string;
  readonly runtime: string;
  readonly value: number;
  readonly unit: string;
  /** Half the range over repetitions, as a share of the value; 0 for what runs in virtual time from one seed. */
  readonly spread: number;
  /** What the value stands to, and how: `{ "of": name, "ratio": 0.97 }`. */
  readonly ratioTo?: { readonly of: string; readonly ratio: number };
}

/** A number from virtual time: it comes out the same each time. */
export function exactRow(
  name: string,
  value: number,
  unit: string,
  ratioTo?: { readonly of: string; readonly ratio: number },
): BenchRow {
  return { name, runtime: runtimeName(), value, unit, spread: 0, ...(ratioTo !== undefined && { ratioTo }) };
}

/** What the command line says, for benches that listen to it. */
export interface BenchOptions {
  /** Of real time, for each thing that is measured. */
  readonly seconds?: number;
}

/** What a bench gives: numbers for programs, and a text for people, which `docs` quotes. */
export interface BenchReport {
  readonly rows: readonly BenchRow[];
  readonly text: string;
}
