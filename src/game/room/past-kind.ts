import { CURRENT, type KindHistory } from "../replication/kind-history.ts";
import type { PlannedField } from "../replication/replica-plan.ts";
import { TAU } from "../schema/scalar.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";

/** One column of numbers that is set back. */
interface PastColumn {
  readonly field: PlannedField;
  readonly half: number;
  /** Among the table's numbers. */
  readonly column: number;
  /** Replicas in a whole turn; 0 for what does not wrap. */
  readonly turn: number;
  readonly isWhole: boolean;
  /** By place in the list of rows: what stands there now, and what is shown instead. */
  present: Float64Array;
  past: Float64Array;
}

/** All entities of one kind, set back to a tick and brought forward again. */
export class PastKind {
  readonly #table: KindTable<EntityView>;
  readonly #history: KindHistory;
  readonly #columns: readonly PastColumn[];
  /** Who was set back: rows, and their versions at the tick and at the one after it. */
  #rows = new Int32Array(0);
  #slots = new Int32Array(0);
  #nextSlots = new Int32Array(0);
  #count = 0;

  constructor(table: KindTable<EntityView>, history: KindHistory) {
    this.#table = table;
    this.#history = history;
    this.#columns = history.plan.fields.filter(isSetBack).flatMap((field) => {
      const { codec, column, spec } = field.schema;
      return Array.from({ length: codec.width }, (_, half) => ({
        ...{ field, half, column: column + half, past: new Float64Array(0), present: new Float64Array(0) },
        turn: spec.type === "angle" ? codec.scalar!.most + 1 : 0,
        isWhole: codec.scalar!.direct === "whole",
      }));
    });
  }

  /** Whether entities of the kind have a place that anyone is told. */
  static fits(history: KindHistory): boolean {
    return history.plan.fields.filter(isPlace).length === 2;
  }

  /**
   * Sets all but those of `owner` back to `tick` + `fraction`, between two captured ticks. Who was not there at `tick`
   * stays where it is. Answers how many were set back.
   */
  setBack(tick: number, fraction: number, owner: number): number {
    const { ids, owners, rows } = this.#table;
    const history = this.#history;
    if (this.#rows.length < rows.length) this.#grow(ids.length);
    let count = 0;
    for (let row = 0; row < rows.length; row += 1) {
      const id = ids[row]!;
      // Who was born after the capture has another's place in the history, or none.
      if (id === 0 || id !== history.ids[row] || (owner !== 0 && owners[row] === owner)) continue;
      const slot = history.versionAt(row, tick);
      if (slot < CURRENT) continue;
      this.#rows[count] = row;
      this.#slots[count] = slot;
      this.#nextSlots[count] = fraction > 0 ? history.versionAt(row, tick + 1) : slot;
      count += 1;
    }
    this.#count = count;
    for (const column of this.#columns) this.#setColumnBack(column, tick, fraction);
    return count;
  }

  /**
   * Puts everything back, to the last bit. `undone` hears of each value that was written meanwhile. Rows stay their
   * entities' until the tick ends, so the dead get theirs back, too; columns may have grown.
   */
  restore(undone: (kind: string, field: string) => void): void {
    for (const { field, column, present, past } of this.#columns) {
      const numbers = this.#table.numbers[column]!;
      for (let n = 0; n < this.#count; n += 1) {
        const row = this.#rows[n]!;
        if (numbers[row] !== past[n]) undone(this.#table.schema.name, field.schema.name);
        numbers[row] = present[n]!;
      }
    }
    this.#count = 0;
  }

  #setColumnBack(of: PastColumn, tick: number, fraction: number): void {
    const { field, half, turn, isWhole, present, past } = of;
    const history = this.#history;
    const [rows, slots, nextSlots] = [this.#rows, this.#slots, this.#nextSlots];
    const numbers = this.#table.numbers[of.column]!;
    const { step } = field.schema.codec.scalar!;
    for (let n = 0; n < this.#count; n += 1) {
      const row = rows[n]!;
      let replica = history.numberAt(row, slots[n]!, field, half, tick);
      if (fraction > 0) {
        let way = history.numberAt(row, nextSlots[n]!, field, half, tick + 1) - replica;
        if (turn > 0) way = shortWay(way, turn);
        replica += way * fraction;
        if (turn > 0) replica = replica < 0 ? replica + turn : replica < turn ? replica : replica - turn;
        else if (isWhole) replica = Math.floor(replica + 0.5);
      }
      present[n] = numbers[row]!;
      // As `Scalar.dequantize`, without a call per value.
      past[n] = turn > 0 ? (replica * TAU) / turn : replica * step;
      numbers[row] = past[n]!;
    }
  }

  #grow(rows: number): void {
    this.#rows = new Int32Array(rows);
    this.#slots = new Int32Array(rows);
    this.#nextSlots = new Int32Array(rows);
    for (const column of this.#columns) {
      column.present = new Float64Array(rows);
      column.past = new Float64Array(rows);
    }
  }
}

/** Of two ways that are as short, the one that turns back: so it is shown (`blend.ts`). */
function shortWay(way: number, turn: number): number {
  if (way >= turn / 2) return way - turn;
  return way < -turn / 2 ? way + turn : way;
}

/** Places, and all that turns or has fractions; counts, names and choices are as they are now. */
function isSetBack(field: PlannedField): boolean {
  const { type } = field.schema.spec;
  return type === "fixed" || type === "angle" || type === "vec2" || isPlace(field);
}

function isPlace({ schema: { name, spec } }: PlannedField): boolean {
  return (
    (name === "x" || name === "y") && (spec.type === "fixed" || spec.type === "uint" || spec.type === "int")
  );
}
