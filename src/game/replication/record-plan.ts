import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { FieldCodec, Replica } from "../schema/field-codec.ts";
import type { KindSchema } from "../schema/game-schema.ts";

/** Fields of plain integers that follow each other: read in one go. */
interface IntegerRun {
  readonly codec: undefined;
  readonly least: number[];
  readonly most: number[];
}

/** Any other field. */
interface SingleField {
  readonly codec: FieldCodec;
  readonly column: number;
}

/**
 * How the shared fields of a kind are read, compiled once: a client reads every field of every entity in every
 * tick, and a call through a codec for each costs as much as everything else it does.
 */
export interface RecordPlan {
  /** By place in a record's row of numbers: the column it belongs to. */
  readonly numberColumns: readonly number[];
  readonly valueColumns: readonly number[];
  readonly steps: readonly (IntegerRun | SingleField)[];
}

const plans = new WeakMap<KindSchema, RecordPlan>();

export function recordPlan(kind: KindSchema): RecordPlan {
  const known = plans.get(kind);
  if (known !== undefined) return known;
  const plan = compile(kind);
  plans.set(kind, plan);
  return plan;
}

function compile(kind: KindSchema): RecordPlan {
  const numberColumns: number[] = [];
  const valueColumns: number[] = [];
  const steps: (IntegerRun | SingleField)[] = [];
  let run: IntegerRun | undefined;
  for (const { codec, column, spec } of kind.shared.fields) {
    const { scalar, width } = codec;
    for (let half = 0; scalar !== undefined && half < width; half += 1) numberColumns.push(column + half);
    if (scalar === undefined) valueColumns.push(column);
    if (scalar === undefined || spec.type === "bool") {
      steps.push({ codec, column });
      run = undefined;
      continue;
    }
    if (run === undefined) {
      run = { codec: undefined, least: [], most: [] };
      steps.push(run);
    }
    for (let half = 0; half < width; half += 1) {
      run.least.push(scalar.least);
      run.most.push(scalar.most);
    }
  }
  return { numberColumns, valueColumns, steps };
}

/** Reads one record's fields: its numbers onto the end of `rows`, its other values into their columns. */
export function readByPlan(
  plan: RecordPlan,
  reader: MsgpackReader,
  rows: number[],
  values: readonly Replica[][],
): void {
  for (const step of plan.steps) {
    if (step.codec === undefined) reader.ints(step.least, step.most, rows);
    else if (step.codec.scalar === undefined) values[step.column]!.push(step.codec.read(reader));
    else rows.push(step.codec.read(reader) as number);
  }
}
