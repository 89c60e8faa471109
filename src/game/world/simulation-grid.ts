import { leastMultiple, mostMultiple, type Scalar, TAU } from "../schema/scalar.ts";
import type { EntityStore } from "./entity-store.ts";

/*
 * The simulation grid: after each tick every fixed and angle stands on a multiple of step ÷ 64, so that 64 × replica
 * plus a small carry says exactly where it is. Fine enough that slow things move right; coarse enough to send.
 */
export const GRID_PER_STEP = 64;

/** How one column of numbers is rounded. */
export interface GridColumn {
  readonly scalar: Scalar;
  /** Multiples per unit of the stored number. */
  readonly perUnit: number;
  /** Size of a multiple: stored = integer × unit. For angles integer × TAU ÷ turn. */
  readonly unit: number;
  readonly least: number;
  readonly most: number;
  /** Multiples in a whole turn; 0 for what does not wrap. */
  readonly turn: number;
}

/** How numbers of this scalar are rounded; undefined for those that are whole anyway. */
export function gridColumn(scalar: Scalar): GridColumn | undefined {
  if (scalar.direct !== "any") return undefined;
  if (scalar.step === 0) {
    const turn = (scalar.most + 1) * GRID_PER_STEP;
    return { scalar, perUnit: turn / TAU, unit: TAU / turn, least: 0, most: turn - 1, turn };
  }
  const unit = scalar.step / GRID_PER_STEP;
  const [least, most] = [leastMultiple(scalar.low, unit), mostMultiple(scalar.high, unit)];
  return { scalar, perUnit: 1 / unit, unit, least, most, turn: 0 };
}

/** The simulation integer of a stored number. */
export function gridInteger(grid: GridColumn, stored: number): number {
  const { perUnit, least, most, turn } = grid;
  const multiple = Math.floor(stored * perUnit + 0.5);
  if (turn > 0) return multiple % turn;
  return multiple < least ? least : multiple > most ? most : multiple;
}

/** The stored number of a simulation integer. */
export function gridValue(grid: GridColumn, integer: number): number {
  if (grid.turn > 0) return (integer * TAU) / grid.turn;
  const { low, high } = grid.scalar;
  const value = integer * grid.unit;
  // A last multiple may lie a hair outside: 640 × (0.1 ÷ 64) is more than 1.
  return value < low ? low : value > high ? high : value;
}

/**
 * What a replica leaves out: simulation integer − 64 × replica, the short way around for angles. Within −128 … 127
 * for every replica within 1.5 steps of the truth.
 */
export function carryOf(grid: GridColumn, stored: number, replica: number): number {
  const carry = gridInteger(grid, stored) - replica * GRID_PER_STEP;
  if (carry > grid.turn / 2 && grid.turn > 0) return carry - grid.turn;
  return carry < -grid.turn / 2 && grid.turn > 0 ? carry + grid.turn : carry;
}

/** The exact stored number that a replica and its carry stand for. */
export function carriedValue(grid: GridColumn, replica: number, carry: number): number {
  const integer = replica * GRID_PER_STEP + carry;
  return gridValue(grid, grid.turn > 0 ? (integer + grid.turn) % grid.turn : integer);
}

/** Rounds the numbers of a whole world. */
export class SimulationGrid {
  readonly #store: EntityStore;
  /** By table, by number column. */
  readonly #columns: readonly (readonly (GridColumn | undefined)[])[];

  constructor(store: EntityStore) {
    this.#store = store;
    this.#columns = store.tables.map((table) => {
      const columns: (GridColumn | undefined)[] = [];
      for (const { codec, column } of table.schema.fields) {
        for (let half = 0; codec.scalar !== undefined && half < codec.width; half += 1) {
          columns[column + half] = gridColumn(codec.scalar);
        }
      }
      return columns;
    });
  }

  /** Rounds every fixed and angle, in rows of the dead too. */
  round(): void {
    for (const [t, table] of this.#store.tables.entries()) {
      const rows = table.rows.length;
      for (const [column, grid] of this.#columns[t]!.entries()) {
        if (grid === undefined || rows === 0) continue;
        if (grid.turn > 0) roundAngles(grid, table.numbers[column]!, rows);
        else roundFixed(grid, table.numbers[column]!, rows);
      }
    }
  }
}

/** `gridValue(gridInteger(…))` of a whole column, without a call per value. */
function roundFixed(grid: GridColumn, stored: Float64Array, rows: number): void {
  const { perUnit, unit, least, most } = grid;
  const { low, high } = grid.scalar;
  if (least * unit === low && most * unit === high && perUnit * unit === 1) {
    // What lies between two multiples does so after rounding: nothing to clamp.
    for (let row = 0; row < rows; row += 1) stored[row] = Math.floor(stored[row]! * perUnit + 0.5) * unit;
    return;
  }
  for (let row = 0; row < rows; row += 1) {
    let multiple = Math.floor(stored[row]! * perUnit + 0.5);
    if (multiple < least) multiple = least;
    else if (multiple > most) multiple = most;
    const value = multiple * unit;
    stored[row] = value < low ? low : value > high ? high : value;
  }
}

function roundAngles(grid: GridColumn, stored: Float64Array, rows: number): void {
  const { perUnit, turn } = grid;
  for (let row = 0; row < rows; row += 1) {
    const multiple = Math.floor(stored[row]! * perUnit + 0.5);
    stored[row] = ((multiple === turn ? 0 : multiple) * TAU) / turn;
  }
}
