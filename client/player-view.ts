import type { PredictedWorld } from "../src/game/prediction/predicted-world.ts";
import type { View } from "../src/game/schema/client-types.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { EntityId } from "../src/game/schema/field.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { EntityList } from "../src/game/schema/world-types.ts";

interface Named {
  readonly id: EntityId;
}

type Lists = Readonly<Record<string, EntityList<Named>>>;

/** What the player's own entities of a kind are is predicted; the others stand where the server's states have them. */
class PlayerList implements EntityList<Named> {
  readonly #world: () => Lists;
  readonly #kind: string;
  readonly #own: () => PredictedWorld<Shape> | undefined;

  constructor(world: () => Lists, kind: string, own: () => PredictedWorld<Shape> | undefined) {
    this.#world = world;
    this.#kind = kind;
    this.#own = own;
  }

  get #told(): EntityList<Named> {
    return this.#world()[this.#kind]!;
  }

  get size(): number {
    const own = this.#own();
    if (own === undefined) return this.#told.size;
    let { size } = this.#predicted(own);
    for (const { id } of this.#told) if (!own.hides(id)) size += 1;
    return size;
  }

  get(id: EntityId): Named | undefined {
    const own = this.#own();
    if (own === undefined) return this.#told.get(id);
    return this.#predicted(own).get(id) ?? (own.hides(id) ? undefined : this.#told.get(id));
  }

  *[Symbol.iterator](): IterableIterator<Named> {
    const own = this.#own();
    if (own !== undefined) yield* this.#predicted(own);
    for (const entity of this.#told) if (own?.hides(entity.id) !== true) yield entity;
  }

  #predicted(own: PredictedWorld<Shape>): EntityList<Named> {
    return own.view[this.#kind] as unknown as EntityList<Named>;
  }
}

/**
 * A view that shows what is predicted in place of what was told of it, once there is a prediction. It stays the same
 * object when there is another world to tell of.
 */
export function playerView<S extends Shape>(
  game: Game<S>,
  told: () => View<S>,
  own: () => PredictedWorld<S> | undefined,
): View<S> {
  const view = Object.defineProperty({}, "tick", { get: () => told().tick, enumerable: true });
  // Kinds are known by their names from here on.
  const predicted = own as unknown as () => PredictedWorld<Shape> | undefined;
  const world = told as unknown as () => Lists;
  for (const { name } of game.schema.kinds) {
    const value = new PlayerList(world, name, predicted);
    Object.defineProperty(view, name, { value, enumerable: true });
  }
  return view as View<S>;
}
