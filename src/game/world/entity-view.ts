import type { PlayerId } from "../schema/field.ts";
import type { FieldSchema, GameSchema } from "../schema/game-schema.ts";
import { fieldPlaces } from "./field-places.ts";
import type { KindTable } from "./kind-table.ts";
import { kindBit, numberAccessors } from "./number-accessors.ts";

/**
 * What game code holds of an entity: the same object for all its life, reading and writing the columns of its
 * kind. A subclass per game has an accessor per field name; "~" keeps our own names apart from theirs.
 *
 * Once its entity was despawned, a view gives the last values until the tick ends. Then its row may belong to
 * another entity, so reading or writing a field throws.
 */
export class EntityView {
  readonly "~row": number;
  /** `KindTable.data` and `stride`; the former throws once the row was given away. */
  "~data": Float64Array;
  "~stride": number;
  /** `kindBit` of the kind. */
  readonly "~bit": number;
  readonly "~table": KindTable<EntityView>;
  "~alive" = true;
  /** Counts spawns: what is younger than an iteration is not part of it. */
  readonly "~serial": number;
  readonly id: number;
  readonly kind: string;
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
    this["~row"] = row;
    this["~data"] = table.data;
    this["~stride"] = table.stride;
    this["~bit"] = kindBit(table.schema.index);
    this["~table"] = table;
    this["~serial"] = serial;
    this.id = id;
    this.kind = table.schema.name;
    this.#owner = owner;
    table.settle(row, id, owner ?? 0);
  }

  /** True once the row may belong to another entity. */
  get "~isGone"(): boolean {
    return this["~table"].rows[this["~row"]] !== this;
  }

  get owner(): PlayerId | undefined {
    return this.#owner;
  }

  set owner(owner: PlayerId | undefined) {
    this.#owner = owner;
    if (this["~alive"]) this["~table"].settle(this["~row"], this.id, owner ?? 0);
  }
}

/** A vec2 field as game code holds it: writing to its halves writes to the entity. */
class LiveVec2 {
  readonly #view: EntityView;
  readonly #field: FieldSchema;

  constructor(view: EntityView, field: FieldSchema) {
    this.#view = view;
    this.#field = field;
  }

  get x(): number {
    return this.#get(0);
  }

  set x(value: number) {
    this.#set(0, value);
  }

  get y(): number {
    return this.#get(1);
  }

  set y(value: number) {
    this.#set(1, value);
  }

  #get(half: number): number {
    const view = this.#view;
    if (view["~isGone"]) view["~table"].missing(view, this.#field.name);
    return view["~table"].numbers[this.#field.column + half]![view["~row"]]!;
  }

  #set(half: number, value: number): void {
    const view = this.#view;
    if (view["~isGone"]) view["~table"].missing(view, this.#field.name);
    view["~table"].writeHalf(view["~row"], this.#field, half, value);
  }
}

export type EntityViewClass = typeof EntityView;

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
  for (const [name, place] of fieldPlaces(schema)) {
    const fields = schema.kinds.map((kind) => kind.fields.find((field) => field.name === name));
    const isNumber = fields.every((field) => field === undefined || NUMBERS.has(field.spec.type));
    const accessors = isNumber ? numberAccessors(name, place, fields) : anyAccessors(name, place.property);
    Object.defineProperty(GameEntityView.prototype, name, { ...accessors, enumerable: true });
  }
  return GameEntityView;
}

const NUMBERS: ReadonlySet<string> = new Set(["fixed", "uint", "int", "angle"]);

function anyAccessors(name: string, property: number): PropertyDescriptor {
  return {
    get(this: EntityView) {
      const table = this["~table"];
      const field = table.fieldOf(property);
      if (field === undefined || this["~isGone"]) return table.missing(this, name);
      if (field.codec.width === 2) return vectorOf(this, property, field);
      return table.read(this["~row"], field);
    },
    set(this: EntityView, value: unknown) {
      const table = this["~table"];
      const field = table.fieldOf(property);
      if (field === undefined || this["~isGone"]) table.missing(this, name);
      else table.write(this["~row"], field, value);
      if (name === "x" || name === "y") table.onMoved?.(this);
    },
  };
}

function vectorOf(view: EntityView, property: number, field: FieldSchema): LiveVec2 {
  view["~vectors"] ??= [];
  view["~vectors"][property] ??= new LiveVec2(view, field);
  return view["~vectors"][property];
}
