import type { PlayerId } from "../schema/field.ts";
import type { GameSchema } from "../schema/game-schema.ts";
import type { ValueCounters } from "../schema/value-counters.ts";
import { type EntityView, type EntityViewClass, entityViewClass } from "./entity-view.ts";
import { fieldPlaces } from "./field-places.ts";
import { KindTable } from "./kind-table.ts";

/** Ids are index × 2^20 + generation: they sort by index, and no index repeats an id for a million lives. */
export const GENERATIONS = 2 ** 20;
export const MAX_ENTITIES = 2 ** 20;

export function entityIndex(id: number): number {
  return Math.floor(id / GENERATIONS);
}

export function entityGeneration(id: number): number {
  return id % GENERATIONS;
}

/** Every entity of a world, by index. What is despawned is gone at once; its index and row are reused from the next tick. */
export class EntityStore {
  readonly tables: readonly KindTable<EntityView>[];
  /** Living entities by index, with holes. */
  readonly views: (EntityView | undefined)[] = [];
  /** How many are alive. */
  size = 0;
  /** How many were ever spawned. */
  serial = 0;
  readonly #class: EntityViewClass;
  readonly #generations: number[] = [];
  readonly #freeIndexes: number[] = [];
  readonly #dead: EntityView[] = [];
  #givesIds = true;

  constructor(schema: GameSchema, counters: ValueCounters) {
    const places = fieldPlaces(schema);
    this.#class = entityViewClass(schema);
    this.tables = schema.kinds.map((kind) => new KindTable<EntityView>(kind, places, counters));
  }

  /** @throws RangeError when 2^20 entities live already. */
  spawn(table: KindTable<EntityView>, owner: PlayerId | undefined): EntityView {
    const index = this.#freeIndexes.pop() ?? this.views.length;
    if (index >= MAX_ENTITIES) throw new RangeError(`A world holds at most ${MAX_ENTITIES} entities.`);
    // Generation 0 never occurs, so no id is 0: that means "none".
    const generation = ((this.#generations[index] ?? 0) % (GENERATIONS - 1)) + 1;
    this.#generations[index] = generation;
    return this.#settle(table, index, index * GENERATIONS + generation, owner);
  }

  /**
   * Puts an entity where another store has it: under the id it has there. A store either gives ids or is given them.
   *
   * @throws RangeError if someone lives at its index.
   */
  place(table: KindTable<EntityView>, id: number, owner: PlayerId | undefined): EntityView {
    const index = entityIndex(id);
    if (this.views[index] !== undefined) throw new RangeError(`Someone lives where entity ${id} is to be.`);
    this.#givesIds = false;
    return this.#settle(table, index, id, owner);
  }

  #settle(table: KindTable<EntityView>, index: number, id: number, owner: PlayerId | undefined): EntityView {
    const row = table.takeRow();
    this.serial += 1;
    const view = new this.#class(table, id, row, this.serial, owner);
    table.rows[row] = view;
    table.size += 1;
    this.views[index] = view;
    this.size += 1;
    return view;
  }

  despawn(id: number): void {
    const view = this.get(id);
    if (view === undefined) return;
    view["~alive"] = false;
    view["~table"].size -= 1;
    view["~table"].settle(view["~row"], 0, 0);
    this.views[entityIndex(id)] = undefined;
    this.size -= 1;
    this.#dead.push(view);
  }

  get(id: number | undefined): EntityView | undefined {
    if (id === undefined) return undefined;
    const view = this.views[entityIndex(id)];
    return view?.id === id ? view : undefined;
  }

  /** The tick is over: what died in it cannot be read any more, and its places are free. */
  releaseDead(): void {
    for (const view of this.#dead) {
      view["~table"].release(view);
      if (this.#givesIds) this.#freeIndexes.push(entityIndex(view.id));
    }
    this.#dead.length = 0;
  }
}
