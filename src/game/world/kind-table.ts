import type { Replica } from "../schema/field-codec.ts";
import type { FieldSchema, KindSchema, StepFunction } from "../schema/game-schema.ts";
import type { Scalar } from "../schema/scalar.ts";
import type { ValueCounters } from "../schema/value-counters.ts";
import type { ValueWarnings } from "../schema/value-warnings.ts";
import type { FieldPlace } from "./field-places.ts";
import { RowMarks } from "./row-marks.ts";

const FIRST_ROWS = 16;
/** Columns whose length is a power of two would all begin in the same few lines of a cache. */
const PADDING_ROWS = 8;

/** What a table needs to know of the views on its rows. */
export interface RowView {
  readonly id: number;
  readonly kind: string;
  readonly "~alive": boolean;
  readonly "~row": number;
  "~data": Float64Array;
  "~stride": number;
}

/** All entities of one kind: a row each, in columns. Rows of the dead wait until the tick ends. */
export class KindTable<View extends RowView> {
  readonly schema: KindSchema;
  /** `schema.step`. */
  readonly step: StepFunction | undefined;
  readonly counters: ValueCounters;
  /** All numbers of the kind: slot × stride + row. Views hold both, too. */
  data: Float64Array = new Float64Array(0);
  stride = 0;
  /** Number columns as `FieldSchema.column` counts them, over the memory of `data`. */
  readonly numbers: Float64Array[] = [];
  /** What no number holds, as replicas. */
  readonly values: Replica[][] = [];
  readonly rows: (View | undefined)[] = [];
  /** By row: the id of who lives there, 0 for nobody. */
  ids: Float64Array = new Float64Array(FIRST_ROWS);
  /** By row: the PlayerId of the owner, 0 for none. */
  owners: Float64Array = new Float64Array(FIRST_ROWS);
  /** How many are alive. */
  size = 0;
  /** How often `settle` was called. */
  settled = 0;
  /**
   * Which rows were written: their rates, and any other field. What follows a rate need not be marked, as it changes
   * all the time.
   */
  readonly writtenRates: RowMarks = new RowMarks();
  readonly written: RowMarks = new RowMarks();
  /** `marks` of both. */
  rateMarks: Uint8Array = this.writtenRates.marks;
  marks: Uint8Array = this.written.marks;
  /** Set while someone wants to hear of entities whose x or y is written. */
  onMoved: ((view: View) => void) | undefined = undefined;
  #warnings: ValueWarnings | undefined = undefined;
  readonly #freeRows: number[] = [];
  readonly #rates = new Set<FieldSchema>();
  readonly #fieldByProperty: (FieldSchema | undefined)[] = [];
  /** By number column. */
  readonly #slots: number[] = [];

  constructor(schema: KindSchema, places: ReadonlyMap<string, FieldPlace>, counters: ValueCounters) {
    this.schema = schema;
    this.step = schema.step;
    this.counters = counters;
    for (const field of schema.fields) {
      const { property, slot, isRate } = places.get(field.name)!;
      this.#fieldByProperty[property] = field;
      if (isRate) this.#rates.add(field);
      const { scalar, width } = field.codec;
      if (scalar === undefined) this.values[field.column] = [];
      else for (let half = 0; half < width; half += 1) this.#slots[field.column + half] = slot + half;
    }
    this.#resize(FIRST_ROWS);
  }

  /** A row with every field at its default. */
  takeRow(): number {
    const row = this.#freeRows.pop() ?? this.rows.length;
    if (row >= this.ids.length) this.#resize(row * 2);
    for (const field of this.schema.fields) this.#reset(row, field);
    return row;
  }

  /** The row of a dead view may belong to another from now on. */
  release(view: View): void {
    view["~data"] = goneData(() => this.missing(view, ""));
    this.rows[view["~row"]] = undefined;
    this.#freeRows.push(view["~row"]);
  }

  /** Tells of values that are not kept as they are written. Where nobody wants to hear of them it costs nothing. */
  warnBy(warnings: ValueWarnings): void {
    this.#warnings = warnings;
  }

  /** Who lives in a row, 0 for nobody, and whose it is. */
  settle(row: number, id: number, owner: number): void {
    this.ids[row] = id;
    this.owners[row] = owner;
    this.settled += 1;
    this.noteWritten(row);
  }

  /** A row was written to past views and `write`. */
  noteWritten(row: number): void {
    this.marks[row] = 1;
    this.rateMarks[row] = 1;
  }

  /** What tells that a field was written. */
  marksOf(field: FieldSchema): RowMarks {
    return this.#rates.has(field) ? this.writtenRates : this.written;
  }

  fieldOf(property: number): FieldSchema | undefined {
    return this.#fieldByProperty[property];
  }

  /** The game value of any field but a vec2. */
  read(row: number, field: FieldSchema): unknown {
    const { scalar } = field.codec;
    if (scalar !== undefined) return scalar.load(this.numbers[field.column]![row]!);
    return field.codec.unpack(this.values[field.column]![row]);
  }

  write(row: number, field: FieldSchema, value: unknown): void {
    const warnings = this.#warnings;
    warnings?.mark();
    this.#write(row, field, value);
    if (warnings?.isNews) this.#tell(warnings, row, field, field.name, value, this.#kept(row, field));
  }

  #write(row: number, field: FieldSchema, value: unknown): void {
    const { scalar, width } = field.codec;
    this.marksOf(field).marks[row] = 1;
    if (scalar === undefined) {
      const column = this.values[field.column]!;
      column[row] = field.codec.pack(value, column[row], this.counters);
    } else if (width === 2) {
      const { x, y } = (value ?? {}) as { x: unknown; y: unknown };
      this.#store(row, field.column, scalar, x);
      this.#store(row, field.column + 1, scalar, y);
    } else this.#store(row, field.column, scalar, value);
  }

  /** One half of a vec2. */
  writeHalf(row: number, field: FieldSchema, half: number, value: unknown): void {
    const warnings = this.#warnings;
    warnings?.mark();
    this.marksOf(field).marks[row] = 1;
    this.#store(row, field.column + half, field.codec.scalar!, value);
    if (!warnings?.isNews) return;
    const name = `${field.name}.${half === 0 ? "x" : "y"}`;
    this.#tell(warnings, row, field, name, value, this.numbers[field.column + half]![row]);
  }

  /** A field was asked for that the view has not: of another kind, or no longer. */
  missing(view: View, name: string): never {
    const why = view["~alive"]
      ? `a ${view.kind} has no field "${name}"`
      : `${view.kind} ${view.id} was despawned in an earlier tick; keep its id and ask world.get(id)`;
    throw new Error(why);
  }

  #tell(
    warnings: ValueWarnings,
    row: number,
    of: FieldSchema,
    field: string,
    wrote: unknown,
    kept: unknown,
  ): void {
    // Nobody lives there yet while defaults are set.
    warnings.tell(of, { kind: this.schema.name, id: this.rows[row]?.id ?? 0, field, wrote, kept });
  }

  #kept(row: number, field: FieldSchema): unknown {
    if (field.codec.width === 1) return this.read(row, field);
    const [x, y] = [this.numbers[field.column]![row]!, this.numbers[field.column + 1]![row]!];
    return { x, y };
  }

  #store(row: number, column: number, scalar: Scalar, value: unknown): void {
    const numbers = this.numbers[column]!;
    // No −0 may stay: there is one 0 on the wire.
    numbers[row] = scalar.store(value, numbers[row]!, this.counters) + 0;
  }

  #reset(row: number, field: FieldSchema): void {
    const { scalar, width } = field.codec;
    if (scalar === undefined) {
      this.values[field.column]![row] = field.initial;
      return;
    }
    // The declared default exactly, not its replica: a fixed may start between two steps.
    for (let half = 0; half < width; half += 1) this.numbers[field.column + half]![row] = scalar.initial;
    if (field.declaredDefault !== undefined) this.write(row, field, field.declaredDefault);
  }

  #resize(rows: number): void {
    this.ids = grownColumn(this.ids, rows);
    this.owners = grownColumn(this.owners, rows);
    this.written.grow(rows);
    this.writtenRates.grow(rows);
    this.marks = this.written.marks;
    this.rateMarks = this.writtenRates.marks;
    const [old, oldStride] = [this.data, this.stride];
    const slots = Math.max(0, ...this.#slots.map((slot) => slot + 1));
    this.stride = rows + PADDING_ROWS;
    this.data = new Float64Array(slots * this.stride);
    for (const [column, slot] of this.#slots.entries()) {
      this.data.set(old.subarray(slot * oldStride, (slot + 1) * oldStride), slot * this.stride);
      this.numbers[column] = this.data.subarray(slot * this.stride, slot * this.stride + rows);
    }
    for (const view of this.rows) {
      if (view === undefined) continue;
      view["~data"] = this.data;
      view["~stride"] = this.stride;
    }
  }
}

const NOTHING = new Float64Array(0);

/** The numbers of an entity whose row was given away: reading or writing one throws. So accessors need not ask first. */
function goneData(missing: () => never): Float64Array {
  return new Proxy(NOTHING, { get: missing, set: missing });
}

function grownColumn(old: Float64Array, rows: number): Float64Array {
  const grown = new Float64Array(rows);
  grown.set(old);
  return grown;
}
