import type { OwnLife } from "./own-life.ts";
import type { OwnLives } from "./own-lives.ts";
import type { PredictedEntity } from "./predicted-view.ts";

/** What of one kind is predicted and alive, in the order of ids. */
export class PredictedList implements Iterable<PredictedEntity> {
  readonly #lives: OwnLives;
  readonly #kind: number;
  readonly #viewOf: (life: OwnLife) => PredictedEntity;

  constructor(lives: OwnLives, kind: number, viewOf: (life: OwnLife) => PredictedEntity) {
    this.#lives = lives;
    this.#kind = kind;
    this.#viewOf = viewOf;
  }

  get size(): number {
    let size = 0;
    for (const life of this.#lives.lives) if (this.#isIn(life)) size += 1;
    return size;
  }

  get(id: number): PredictedEntity | undefined {
    const life = this.#lives.get(id);
    return life !== undefined && this.#isIn(life) ? this.#viewOf(life) : undefined;
  }

  *[Symbol.iterator](): IterableIterator<PredictedEntity> {
    for (const life of this.#lives.lives) if (this.#isIn(life)) yield this.#viewOf(life);
  }

  #isIn(life: OwnLife): boolean {
    return life.entity !== undefined && life.kind.plan.schema.index === this.#kind;
  }
}
