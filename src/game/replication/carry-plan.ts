import { type GridColumn, gridColumn } from "../world/simulation-grid.ts";
import type { PlannedField, ViewPlan } from "./replica-plan.ts";

/** A number that stands on the simulation grid: its replica and a carry say exactly what is stored. */
export interface CarriedNumber {
  readonly field: PlannedField;
  /** Which half of a vec2; else 0. */
  readonly half: number;
  readonly grid: GridColumn;
}

/** The oldest age that is told as it is; what is older is told as this. */
export const OLDEST_CARRY_AGE = 127;
/** 128 fields of two numbers. */
export const MAX_CARRIES = 256;

const carriedByPlan = new WeakMap<ViewPlan, readonly CarriedNumber[]>();

/** The numbers that carries are sent for, in the order of the record; worked out once. */
export function carriedNumbers(plan: ViewPlan): readonly CarriedNumber[] {
  let carried = carriedByPlan.get(plan);
  if (carried === undefined) {
    carried = plan.fields.flatMap((field) => {
      const { scalar, width } = field.schema.codec;
      const grid = scalar === undefined ? undefined : gridColumn(scalar);
      if (grid === undefined) return [];
      return Array.from({ length: width }, (_, half) => ({ field, half, grid }));
    });
    carriedByPlan.set(plan, carried);
  }
  return carried;
}
