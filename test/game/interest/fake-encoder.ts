import { NO_TICK, type Surprises } from "../../../src/game/interest/surprises.ts";
import type { EntityStore } from "../../../src/game/world/entity-store.ts";

export interface Life {
  readonly id: number;
  /** Ticks of surprises, by viewer class: who sees more is surprised more often. */
  readonly ticks: readonly [number[], number[], number[]];
}

/** Knows when entities surprised whom, and nothing of what they are. */
export class FakeEncoder implements Surprises {
  /** By entity index. */
  readonly lives: (Life | undefined)[] = [];
  /** Bytes of a record; replace it for other sizes. */
  sizeOf: (index: number, viewerClass: number, baselineTick: number) => number = (
    _index,
    _class,
    baseline,
  ) => (baseline === NO_TICK ? 20 : 5);
  readonly #store: EntityStore;
  readonly #everyLife = new Map<number, Life>();

  constructor(store: EntityStore) {
    this.#store = store;
  }

  /** What spawned since the last capture surprises all. */
  capture(tick: number): void {
    for (const [index, view] of this.#store.views.entries()) {
      if (view !== undefined && this.lives[index]?.id !== view.id) {
        const life: Life = { id: view.id, ticks: [[tick], [tick], [tick]] };
        this.lives[index] = life;
        this.#everyLife.set(view.id, life);
      }
    }
  }

  /** Of the dead as well. */
  everyLife(id: number): Life | undefined {
    return this.#everyLife.get(id);
  }

  /** Something happens to a field that `leastClass` and those who see more can see. */
  surprise(index: number, tick: number, leastClass = 0): void {
    for (const ticks of this.lives[index]!.ticks.slice(leastClass))
      if (ticks.at(-1) !== tick) ticks.push(tick);
  }

  newest(index: number, viewerClass: number): number {
    return this.lives[index]!.ticks[viewerClass]!.at(-1)!;
  }

  firstAfter(index: number, viewerClass: number, tick: number): number {
    const first = this.lives[index]!.ticks[viewerClass]!.find((at) => at > tick);
    if (first === undefined) throw new Error("asked for a surprise that is not there");
    return first;
  }

  recordBytes(index: number, viewerClass: number, baselineTick: number): number {
    return this.sizeOf(index, viewerClass, baselineTick);
  }
}
