import type { HeldEntity } from "./held-entity.ts";

/** Entities of one kind in the order of their indexes, which is that of their ids. */
export class HeldList {
  readonly entities: HeldEntity[] = [];

  add(entity: HeldEntity): void {
    const { entities } = this;
    const last = entities[entities.length - 1];
    if (last === undefined || last.index < entity.index) entities.push(entity);
    else entities.splice(this.#placeOf(entity.index), 0, entity);
  }

  remove(entity: HeldEntity): void {
    this.entities.splice(this.#placeOf(entity.index), 1);
  }

  /** The first place whose index is not below `index`. */
  #placeOf(index: number): number {
    let low = 0;
    let high = this.entities.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entities[middle]!.index < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
