import type { Replica } from "../schema/field-codec.ts";
import type { FieldSchema, KindSchema } from "../schema/game-schema.ts";
import type { Scalar } from "../schema/scalar.ts";
import type { ValueCounters } from "../schema/value-counters.ts";
import type { ValueWarnings } from "../schema/value-warnings.ts";

const FIRST_ROWS = 16;

/** What a table needs to know of the views on its rows. */
export interface RowView {
  readonly id: number;
  readonly kind: string;
  readonly "~alive": boolean;
  readonly "~row": number;
  readonly "~columns": readonly (Float64Array | undefined)[];
}

/** All entities of one kind: a row each, in columns. Rows of the dead wait until the tick ends. */
export class KindTable<View extends RowView> {
  readonly schema: KindSchema;
  readonly counters: ValueCounters;
  /** Number columns by property number. Views hold this array, so growth replaces its elements. */
  readonly columns: (Float64Array | undefined)[] = [];
  readonly scalars: (Scalar | undefined)[] = [];
  /** Number columns as `FieldSchema.column` counts them. */
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
  /** Set while someone wants to hear of entities whose x or y is written. */
  onMoved: ((view: View) => void) | undefined = undefined;
  #warnings: ValueWarnings | undefined = undefined;
  readonly #freeRows: number[] = [];
  readonly #properties: number[] = [];
  readonly #fieldByProperty: (FieldSchema | undefined)[] = [];

  constructor(schema: KindSchema, properties: ReadonlyMap<string, number>, counters: ValueCounters) {
    this.schema = schema;
    this.counters = counters;
    for (const field of schema.fields) {
      const property = properties.get(field.name)!;
      this.#fieldByProperty[property] = field;
      const { scalar, width } = field.codec;
      if (scalar === undefined) this.values[field.column] = [];
      for (let half = 0; scalar !== undefined && half < width; half += 1) {
        this.scalars[property + half] = scalar;
        this.#properties[field.column + half] = property + half;
      }
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

  releaseRow(row: number): void {
    this.rows[row] = undefined;
    this.#freeRows.push(row);
  }

  /** Tells of values that are not kept as they are written. Where nobody wants to hear of them it costs nothing. */
  warnBy(warnings: ValueWarnings): void {
    this.#warnings = warnings;
    for (const [property, field] of this.#fieldByProperty.entries()) {
      const scalar = field?.codec.width === 1 ? field.codec.scalar : undefined;
      if (scalar !== undefined) this.scalars[property] = this.#telling(warnings, field!, scalar);
    }
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
    if (scalar === undefined) {
      const column = this.values[field.column]!;
      column[row] = field.codec.pack(value, column[row], this.counters);
    } else if (width === 2) {
      const { x, y } = (value ?? {}) as { x: unknown; y: unknown };
      this.#store(row, field.column, scalar, x);
      this.#store(row, field.column + 1, scalar, y);
    } else this.#store(row, field.column, scalar, value);
  }

  readNumber(view: View, property: number, half: number): number {
    const column = view["~columns"][property + half];
    return column === undefined
      ? this.missing(view, this.#fieldByProperty[property]!.name)
      : column[view["~row"]]!;
  }

  writeNumber(view: View, field: FieldSchema, property: number, half: number, value: unknown): void {
    if (view["~columns"][property + half] === undefined) this.missing(view, field.name);
    const warnings = this.#warnings;
    warnings?.mark();
    this.#store(view["~row"], field.column + half, field.codec.scalar!, value);
    if (!warnings?.isNews) return;
    const name = `${field.name}.${half === 0 ? "x" : "y"}`;
    this.#tell(warnings, view["~row"], field, name, value, this.numbers[field.column + half]![view["~row"]]);
  }

  /** A field was asked for that the view has not: of another kind, or no longer. */
  missing(view: View, name: string): never {
    const why = view["~alive"]
      ? `a ${view.kind} has no field "${name}"`
      : `${view.kind} ${view.id} was despawned in an earlier tick; keep its id and ask world.get(id)`;
    throw new Error(why);
  }

  #telling(warnings: ValueWarnings, field: FieldSchema, scalar: Scalar): Scalar {
    return {
      ...scalar,
      store: (value, old, counters, row) => {
        warnings.mark();
        const stored = scalar.store(value, old, counters);
        if (warnings.isNews) this.#tell(warnings, row!, field, field.name, value, scalar.load(stored));
        return stored;
      },
    };
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
    numbers[row] = scalar.store(value, numbers[row]!, this.counters);
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
    for (const [column, property] of this.#properties.entries()) {
      const grown = grownColumn(this.numbers[column], rows);
      this.numbers[column] = grown;
      this.columns[property] = grown;
    }
  }
}

function grownColumn(old: Float64Array | undefined, rows: number): Float64Array {
  const grown = new Float64Array(rows);
  if (old !== undefined) grown.set(old);
  return grown;
}
