import type { PlayerId } from "../schema/field.ts";
import type { FieldSchema, GameSchema } from "../schema/game-schema.ts";
import type { KindTable } from "./kind-table.ts";

/**
 * What game code holds of an entity: the same object for all its life, reading and writing the columns of its
 * kind. A subclass per game has an accessor per field name; "~" keeps our own names apart from theirs.
 *
 * Once its entity was despawned, a view gives the last values until the tick ends. Then its row may belong to
 * another entity, so reading or writing a field throws.
 */
export class EntityView {
  readonly id: number;
  readonly kind: string;
  "~alive" = true;
  readonly "~table": KindTable<EntityView>;
  readonly "~row": number;
  /** Counts spawns: what is younger than an iteration is not part of it. */
  readonly "~serial": number;
  /** Number columns by property number; empty once the row was given away. */
  "~columns": readonly (Float64Array | undefined)[];
  /** The grid that knows this entity has moved since it was built. */
  "~movedIn" = 0;
  "~vectors": LiveVec2[] | undefined = undefined;
  #owner: PlayerId | undefined;

  constructor(
    table: KindTable<EntityView>,
    id: number,
    row: number,
    serial: number,
    owner: PlayerId | undefined,
  ) {
    this.id = id;
    this.kind = table.schema.name;
    this.#owner = owner;
    this["~table"] = table;
    this["~row"] = row;
    this["~serial"] = serial;
    this["~columns"] = table.columns;
    table.ids[row] = id;
    table.owners[row] = owner ?? 0;
  }

  get owner(): PlayerId | undefined {
    return this.#owner;
  }

  set owner(owner: PlayerId | undefined) {
    this.#owner = owner;
    if (this["~alive"]) this["~table"].owners[this["~row"]] = owner ?? 0;
  }
}

export type EntityViewClass = typeof EntityView;
export const NO_COLUMNS: readonly undefined[] = [];

/** A vec2 field as game code holds it: writing to its halves writes to the entity. */
class LiveVec2 {
  readonly #view: EntityView;
  readonly #property: number;
  readonly #field: FieldSchema;

  constructor(view: EntityView, property: number, field: FieldSchema) {
    this.#view = view;
    this.#property = property;
    this.#field = field;
  }

  get x(): number {
    return this.#view["~table"].readNumber(this.#view, this.#property, 0);
  }

  set x(value: number) {
    this.#view["~table"].writeNumber(this.#view, this.#field, this.#property, 0, value);
  }

  get y(): number {
    return this.#view["~table"].readNumber(this.#view, this.#property, 1);
  }

  set y(value: number) {
    this.#view["~table"].writeNumber(this.#view, this.#field, this.#property, 1, value);
  }
}

/**
 * Numbers all field names of a game, each vec2 with a second number for its y: the same name has the same
 * number in every kind, so that one accessor serves them all.
 */
export function propertyNumbers(schema: GameSchema): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  let next = 0;
  for (const kind of schema.kinds) {
    for (const { name } of kind.fields) {
      if (numbers.has(name)) continue;
      numbers.set(name, next);
      next += 2;
    }
  }
  return numbers;
}

const classes = new WeakMap<GameSchema, EntityViewClass>();

/**
 * The view class of one game, the same for all its worlds. One class, not one per kind or room: five of those through
 * one function cost 17 times as much.
 */
export function entityViewClass(schema: GameSchema): EntityViewClass {
  let known = classes.get(schema);
  if (known === undefined) {
    known = makeEntityViewClass(schema);
    classes.set(schema, known);
  }
  return known;
}

function makeEntityViewClass(schema: GameSchema): EntityViewClass {
  class GameEntityView extends EntityView {}
  for (const [name, property] of propertyNumbers(schema)) {
    const fields = schema.kinds.flatMap((kind) => kind.fields.filter((field) => field.name === name));
    const isPosition = name === "x" || name === "y";
    const accessors = fields.every(isNumber)
      ? numberAccessors(name, property, isPosition)
      : anyAccessors(name, property);
    Object.defineProperty(GameEntityView.prototype, name, { ...accessors, enumerable: true });
  }
  return GameEntityView;
}

function isNumber({ spec }: FieldSchema): boolean {
  return spec.type === "fixed" || spec.type === "uint" || spec.type === "int" || spec.type === "angle";
}

function numberAccessors(name: string, property: number, isPosition: boolean): PropertyDescriptor {
  return {
    get(this: EntityView) {
      const column = this["~columns"][property];
      return column === undefined ? this["~table"].missing(this, name) : column[this["~row"]];
    },
    set(this: EntityView, value: number) {
      const column = this["~columns"][property];
      const table = this["~table"];
      if (column === undefined) return table.missing(this, name);
      const scalar = table.scalars[property]!;
      const isDirect = scalar.direct === "any" || (scalar.direct === "whole" && value % 1 === 0);
      if (isDirect && value >= scalar.low && value <= scalar.high) {
        // No −0 may stay: there is one 0 on the wire, and whole numbers are not rounded again.
        column[this["~row"]] = value === 0 ? 0 : value;
      } else {
        column[this["~row"]] = scalar.store(value, column[this["~row"]]!, table.counters, this["~row"]);
      }
      if (isPosition && table.onMoved !== undefined) table.onMoved(this);
    },
  };
}

function anyAccessors(name: string, property: number): PropertyDescriptor {
  return {
    get(this: EntityView) {
      const table = this["~table"];
      const field = table.fieldOf(property);
      if (field === undefined || this["~columns"] === NO_COLUMNS) return table.missing(this, name);
      if (field.codec.width === 2) return vectorOf(this, property, field);
      return table.read(this["~row"], field);
    },
    set(this: EntityView, value: unknown) {
      const table = this["~table"];
      const field = table.fieldOf(property);
      if (field === undefined || this["~columns"] === NO_COLUMNS) table.missing(this, name);
      else table.write(this["~row"], field, value);
      if (name === "x" || name === "y") table.onMoved?.(this);
    },
  };
}

function vectorOf(view: EntityView, property: number, field: FieldSchema): LiveVec2 {
  view["~vectors"] ??= [];
  view["~vectors"][property] ??= new LiveVec2(view, property, field);
  return view["~vectors"][property];
}
