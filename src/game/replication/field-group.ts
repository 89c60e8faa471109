import type { Replica } from "../schema/field-codec.ts";
import { sameReplica } from "../schema/same-replica.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";
import type { RowMarks } from "../world/row-marks.ts";
import { quantizeRows } from "./quantize-column.ts";
import { Form, type PlannedField } from "./replica-plan.ts";

/** Fields of a kind that are marked together when they are written: a capture looks only at the rows that were. */
export class FieldGroup {
  /** The rows to look at, `count` of them. */
  rows: Int32Array = new Int32Array(0);
  count = 0;
  readonly #fields: readonly PlannedField[];
  /** How many numbers a row has. */
  readonly #width: number;
  /** The sweep of `RowMarks` up to which all was looked at for good. */
  #upTo = -1;
  /** The newest replicas, by place, in the order of `rows`. */
  readonly #fresh: Float64Array[] = [];

  constructor(fields: readonly PlannedField[], width: number) {
    this.#fields = fields;
    this.#width = width;
  }

  grow(rows: number): void {
    for (const { form, place, schema } of this.#fields) {
      for (let half = 0; form !== Form.value && half < schema.codec.width; half += 1) {
        this.#fresh[place + half] = new Float64Array(rows);
      }
    }
  }

  /** Lists which of the first `limit` rows were written since it did so last. */
  list(marks: RowMarks, limit: number): void {
    this.count = marks.listSince(this.#upTo, limit);
    this.rows = marks.rows;
    // What was not rounded yet is looked at again.
    this.#upTo = Math.min(marks.newest, marks.rounded);
  }

  /** Flags the listed rows in which something is not what it was. */
  compare(
    table: KindTable<EntityView>,
    numbers: Float64Array,
    values: readonly Replica[][],
    flags: Uint8Array,
  ): void {
    const { rows, count } = this;
    if (count === 0) return;
    for (let n = 0; n < this.#fields.length; n += 1) {
      const { form, place, schema, viewer } = this.#fields[n]!;
      const { column, codec } = schema;
      const bit = 1 << viewer;
      if (form === Form.value) flagValues(table.values[column]!, values[place]!, rows, count, flags, bit);
      for (let half = 0; form !== Form.value && half < codec.width; half += 1) {
        const stored = table.numbers[column + half]!;
        const fresh = this.#fresh[place + half]!;
        quantizeRows(
          codec.scalar!,
          stored,
          rows,
          count,
          fresh,
          numbers,
          this.#width,
          place + half,
          flags,
          bit,
        );
      }
    }
  }

  /** The flagged of the listed rows become what they are now. */
  adopt(
    table: KindTable<EntityView>,
    numbers: Float64Array,
    values: readonly Replica[][],
    flags: Uint8Array,
  ): void {
    const { rows, count } = this;
    if (count === 0) return;
    for (let n = 0; n < this.#fields.length; n += 1) {
      const { form, place, schema } = this.#fields[n]!;
      if (form === Form.value) adoptValues(table.values[schema.column]!, values[place]!, rows, count, flags);
      for (let half = 0; form !== Form.value && half < schema.codec.width; half += 1) {
        adoptNumbers(this.#fresh[place + half]!, numbers, this.#width, place + half, rows, count, flags);
      }
    }
  }
}

function flagValues(
  stored: readonly Replica[],
  known: readonly Replica[],
  rows: Int32Array,
  count: number,
  flags: Uint8Array,
  bit: number,
): void {
  for (let n = 0; n < count; n += 1) {
    const row = rows[n]!;
    if (stored[row] !== known[row] && !sameReplica(stored[row], known[row])) flags[row]! |= bit;
  }
}

function adoptValues(
  stored: readonly Replica[],
  known: Replica[],
  rows: Int32Array,
  count: number,
  flags: Uint8Array,
): void {
  for (let n = 0; n < count; n += 1) if (flags[rows[n]!] !== 0) known[rows[n]!] = stored[rows[n]!];
}

function adoptNumbers(
  fresh: Float64Array,
  known: Float64Array,
  width: number,
  place: number,
  rows: Int32Array,
  count: number,
  flags: Uint8Array,
): void {
  for (let n = 0; n < count; n += 1) {
    const row = rows[n]!;
    // There is one 0 on the wire: −0 becomes it.
    if (flags[row] !== 0) known[row * width + place] = fresh[n]! + 0;
  }
}
