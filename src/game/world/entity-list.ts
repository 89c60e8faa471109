import type { EntityStore } from "./entity-store.ts";
import type { EntityView } from "./entity-view.ts";
import type { KindTable } from "./kind-table.ts";

/**
 * The living entities of one kind. While you iterate you may spawn and despawn: who dies before its turn is
 * skipped, who is born meanwhile is not part of it.
 */
export class LiveEntityList implements Iterable<EntityView> {
  readonly #store: EntityStore;
  readonly #table: KindTable<EntityView>;

  constructor(store: EntityStore, table: KindTable<EntityView>) {
    this.#store = store;
    this.#table = table;
  }

  get size(): number {
    return this.#table.size;
  }

  get(id: number): EntityView | undefined {
    const view = this.#store.get(id);
    return view?.["~table"] === this.#table ? view : undefined;
  }

  [Symbol.iterator](): IterableIterator<EntityView> {
    return new LivingRows(this.#table.rows, this.#store.serial);
  }
}

/** The entities of `rows` that still live when their turn comes and are no younger than `newest`. */
export class LivingRows implements IterableIterator<EntityView> {
  readonly #rows: readonly (EntityView | undefined)[];
  readonly #newest: number;
  #at = 0;

  constructor(rows: readonly (EntityView | undefined)[], newest: number) {
    this.#rows = rows;
    this.#newest = newest;
  }

  next(): IteratorResult<EntityView, undefined> {
    while (this.#at < this.#rows.length) {
      const view = this.#rows[this.#at];
      this.#at += 1;
      if (view?.["~alive"] && view["~serial"] <= this.#newest) return { done: false, value: view };
    }
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): IterableIterator<EntityView> {
    return this;
  }
}
