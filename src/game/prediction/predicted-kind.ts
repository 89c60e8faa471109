import type { Version } from "../replication/held-entity.ts";
import { Form, type KindPlan, type PlannedField } from "../replication/replica-plan.ts";
import type { FieldSchema } from "../schema/game-schema.ts";
import { type Scalar, TAU } from "../schema/scalar.ts";

/** A correction that moves a field by more than this share of its range is no slip but a teleport. */
const SNAP_RANGE_SHARE = 0.1;
/** So is one that moves it farther than its rate at its greatest could within this time. */
const SNAP_SECONDS = 0.25;

/** A number whose corrections are not shown at once. */
export interface SmoothedNumber {
  readonly field: FieldSchema;
  readonly column: number;
  /** What is more is a teleport; Infinity for angles. */
  readonly snapBeyond: number;
  /** TAU for what wraps, else 0. */
  readonly turn: number;
}

/** A number that everyone or the owner is told, where versions and where tables keep it. */
export interface ToldNumber {
  readonly planned: PlannedField;
  readonly half: number;
  readonly place: number;
  readonly column: number;
  readonly scalar: Scalar;
}

/** How entities of a kind are predicted; worked out once per game. */
export interface PredictedKind {
  readonly plan: KindPlan;
  readonly numberColumns: number;
  readonly valueColumns: number;
  readonly numbers: readonly ToldNumber[];
  readonly values: readonly PlannedField[];
  /** Of the numbers those that name entities. */
  readonly ids: readonly ToldNumber[];
  readonly smoothed: readonly SmoothedNumber[];
}

const kindsByPlans = new WeakMap<readonly KindPlan[], readonly PredictedKind[]>();

export function predictedKinds(plans: readonly KindPlan[]): readonly PredictedKind[] {
  let kinds = kindsByPlans.get(plans);
  if (kinds === undefined) {
    kinds = plans.map(predictedKind);
    kindsByPlans.set(plans, kinds);
  }
  return kinds;
}

function predictedKind(plan: KindPlan): PredictedKind {
  const { schema, fields } = plan;
  const numbers = fields.flatMap((planned): ToldNumber[] => {
    const { codec, column } = planned.schema;
    const { scalar, width } = codec;
    if (scalar === undefined) return [];
    return Array.from({ length: width }, (_, half) => {
      return { planned, half, place: planned.place + half, column: column + half, scalar };
    });
  });
  return {
    plan,
    numberColumns: schema.numberColumns,
    valueColumns: schema.valueColumns,
    numbers,
    values: fields.filter(({ form }) => form === Form.value),
    ids: numbers.filter(({ planned }) => planned.form === Form.whole),
    smoothed: fields.flatMap(({ schema: field }) => smoothedNumber(field, schema.fields)),
  };
}

/** Where a thing is and which way it looks: a place, whatever follows a rate, and angles. Rates themselves jump. */
function smoothedNumber(field: FieldSchema, siblings: readonly FieldSchema[]): SmoothedNumber[] {
  const { name, spec, column } = field;
  if (spec.type === "angle") return [{ field, column, snapBeyond: Number.POSITIVE_INFINITY, turn: TAU }];
  if (spec.type !== "fixed") return [];
  const rate = siblings.find((sibling) => sibling.name === spec.follows)?.codec.scalar;
  if (rate === undefined && name !== "x" && name !== "y") return [];
  const { low, high } = field.codec.scalar!;
  const range = (high - low) * SNAP_RANGE_SHARE;
  const way = rate === undefined ? range : Math.max(-rate.low, rate.high) * SNAP_SECONDS;
  return [{ field, column, snapBeyond: Math.min(range, way), turn: 0 }];
}

/** The stored number that a replica stands for. A last step may lie a hair outside its range. */
export function storedOf({ scalar }: ToldNumber, replica: number): number {
  const stored = scalar.dequantize(replica);
  return stored < scalar.low ? scalar.low : stored > scalar.high ? scalar.high : stored;
}

/** How far `b` is from `a`, for angles the short way around. */
export function differenceOf(a: number, b: number, turn: number): number {
  const difference = b - a;
  if (turn === 0) return difference;
  return difference - turn * Math.floor(difference / turn + 0.5);
}

/** The first version of its present life: what the first record of it said, unless that is long ago. */
export function firstVersionOf(versions: readonly Version[]): Version {
  const { id } = versions[versions.length - 1]!;
  return versions.find((version) => version.id === id)!;
}
