import type { Surprises } from "../../../src/game/interest/surprises.ts";
import type { EntityStore } from "../../../src/game/world/entity-store.ts";

export interface Life {
  readonly id: number;
  owner: number | undefined;
  /** When it was born and handed over, which full records alone tell. */
  readonly handovers: number[];
  /** Ticks of surprises, by viewer class: who sees more is surprised more often. */
  readonly ticks: readonly [number[], number[], number[]];
}

/** Knows when entities surprised whom, and nothing of what they are. */
export class FakeEncoder implements Surprises {
  /** By entity index. */
  readonly lives: (Life | undefined)[] = [];
  /** Bytes of a record; replace it for other sizes. */
  sizeOf: (index: number, age: number, viewerClass: number) => number = (_index, age) => (age === 0 ? 20 : 5);
  readonly #store: EntityStore;
  #tick = -1;
  readonly #everyLife = new Map<number, Life>();

  constructor(store: EntityStore) {
    this.#store = store;
  }

  /** What spawned or changed hands since the last capture surprises all. */
  capture(tick: number): void {
    this.#tick = tick;
    for (const [index, view] of this.#store.views.entries()) {
      if (view === undefined) continue;
      const { id, owner } = view;
      const life = this.lives[index];
      if (life?.id !== id) {
        const born: Life = { id, owner, handovers: [tick], ticks: [[tick], [tick], [tick]] };
        this.lives[index] = born;
        this.#everyLife.set(id, born);
      } else if (life.owner !== owner) {
        life.owner = owner;
        life.handovers.push(tick);
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
    const life = this.lives[index]!;
    return Math.max(life.handovers.at(-1)!, life.ticks[viewerClass as 0 | 1 | 2].at(-1)!);
  }

  ageFor(index: number, heldTick: number, viewerClass: number): number {
    const life = this.lives[index]!;
    if (heldTick < life.handovers.at(-1)!) return 0;
    const first = life.ticks[viewerClass as 0 | 1 | 2].find((at) => at > heldTick);
    if (first === undefined) throw new Error("asked for a surprise that is not there");
    const age = this.#tick - first + 1;
    return age > 63 ? 0 : age;
  }

  recordBytes(index: number, age: number, viewerClass: number): number {
    return this.sizeOf(index, age, viewerClass);
  }
}
