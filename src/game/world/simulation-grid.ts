import { leastMultiple, mostMultiple, type Scalar, TAU } from "../schema/scalar.ts";
import type { EntityStore } from "./entity-store.ts";
import type { EntityView } from "./entity-view.ts";
import type { KindTable } from "./kind-table.ts";
import type { RowMarks } from "./row-marks.ts";

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
  readonly #tables: readonly TableGrid[];

  constructor(store: EntityStore) {
    this.#tables = store.tables.map((table) => new TableGrid(table));
  }

  /** Rounds every fixed and angle, in rows of the dead too. */
  round(): void {
    for (let t = 0; t < this.#tables.length; t += 1) this.#tables[t]!.round();
  }
}

/** A column to round, and how; `column` counts as `KindTable.numbers` does. */
interface RoundedColumn {
  readonly column: number;
  readonly grid: GridColumn;
}

class TableGrid {
  readonly #table: KindTable<EntityView>;
  /** Of what follows a rate: all rows are rounded. */
  readonly #followers: RoundedColumn[] = [];
  readonly #rates: MarkedColumns;
  readonly #others: MarkedColumns;

  constructor(table: KindTable<EntityView>) {
    this.#table = table;
    this.#rates = new MarkedColumns(table.writtenRates);
    this.#others = new MarkedColumns(table.written);
    for (const field of table.schema.fields) {
      const { codec, column, spec } = field;
      const grid = codec.scalar === undefined ? undefined : gridColumn(codec.scalar);
      if (grid === undefined) continue;
      const marked = table.marksOf(field) === table.writtenRates ? this.#rates : this.#others;
      const columns = spec.follows === undefined ? marked.columns : this.#followers;
      for (let half = 0; half < codec.width; half += 1) columns.push({ column: column + half, grid });
    }
  }

  round(): void {
    const { numbers, rows } = this.#table;
    for (let n = 0; n < this.#followers.length; n += 1) {
      const { column, grid } = this.#followers[n]!;
      roundAll(grid, numbers[column]!, rows.length);
    }
    this.#rates.round(numbers, rows.length);
    this.#others.round(numbers, rows.length);
  }
}

/** Columns of which only those rows are rounded that were written: the others lie on the grid already. */
class MarkedColumns {
  readonly columns: RoundedColumn[] = [];
  readonly #marks: RowMarks;

  constructor(marks: RowMarks) {
    this.#marks = marks;
  }

  round(numbers: readonly Float64Array[], rows: number): void {
    const marks = this.#marks;
    const count = marks.listSince(marks.rounded, rows);
    marks.rounded = marks.newest;
    for (let n = 0; n < this.columns.length; n += 1) {
      const { column, grid } = this.columns[n]!;
      if (grid.turn > 0) roundAngles(grid, numbers[column]!, marks.rows, count);
      else roundFixed(grid, numbers[column]!, marks.rows, count);
    }
  }
}

/** What lies between two multiples does so after rounding: nothing to clamp. */
function isPlain({ perUnit, unit, least, most, scalar }: GridColumn): boolean {
  return least * unit === scalar.low && most * unit === scalar.high && perUnit * unit === 1;
}

/** `gridValue(gridInteger(…))` of a whole column of a fixed, without a call per value. */
function roundAll(grid: GridColumn, stored: Float64Array, rows: number): void {
  if (isPlain(grid)) roundPlain(stored, grid.perUnit, grid.unit, rows);
  else roundClamped(grid, stored, rows);
}

function roundPlain(stored: Float64Array, perUnit: number, unit: number, rows: number): void {
  // Eight at a time, and in two places by turns: a loop around so little costs more than what it does.
  const half = (rows >> 3) * 4;
  for (let row = 0; row < half; row += 4) {
    const other = half + row;
    stored[row] = Math.floor(stored[row]! * perUnit + 0.5) * unit;
    stored[other] = Math.floor(stored[other]! * perUnit + 0.5) * unit;
    stored[row + 1] = Math.floor(stored[row + 1]! * perUnit + 0.5) * unit;
    stored[other + 1] = Math.floor(stored[other + 1]! * perUnit + 0.5) * unit;
    stored[row + 2] = Math.floor(stored[row + 2]! * perUnit + 0.5) * unit;
    stored[other + 2] = Math.floor(stored[other + 2]! * perUnit + 0.5) * unit;
    stored[row + 3] = Math.floor(stored[row + 3]! * perUnit + 0.5) * unit;
    stored[other + 3] = Math.floor(stored[other + 3]! * perUnit + 0.5) * unit;
  }
  for (let row = half * 2; row < rows; row += 1)
    stored[row] = Math.floor(stored[row]! * perUnit + 0.5) * unit;
}

function roundClamped(grid: GridColumn, stored: Float64Array, rows: number): void {
  const { perUnit, unit, least, most } = grid;
  const { low, high } = grid.scalar;
  for (let row = 0; row < rows; row += 1) {
    let multiple = Math.floor(stored[row]! * perUnit + 0.5);
    if (multiple < least) multiple = least;
    else if (multiple > most) multiple = most;
    const value = multiple * unit;
    stored[row] = value < low ? low : value > high ? high : value;
  }
}

function roundFixed(grid: GridColumn, stored: Float64Array, rows: Int32Array, count: number): void {
  const { perUnit, unit, least, most } = grid;
  const { low, high } = grid.scalar;
  for (let n = 0; n < count; n += 1) {
    const row = rows[n]!;
    let multiple = Math.floor(stored[row]! * perUnit + 0.5);
    if (multiple < least) multiple = least;
    else if (multiple > most) multiple = most;
    const value = multiple * unit;
    stored[row] = value < low ? low : value > high ? high : value;
  }
}

function roundAngles(grid: GridColumn, stored: Float64Array, rows: Int32Array, count: number): void {
  const { perUnit, turn } = grid;
  for (let n = 0; n < count; n += 1) {
    const row = rows[n]!;
    const multiple = Math.floor(stored[row]! * perUnit + 0.5);
    stored[row] = ((multiple === turn ? 0 : multiple) * TAU) / turn;
  }
}
