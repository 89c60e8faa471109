import type { Game } from "../schema/define-game.ts";
import type { PlayerId } from "../schema/field.ts";
import type { Shape } from "../schema/shape.ts";
import { entityIndex, GENERATIONS, MAX_ENTITIES } from "../world/entity-store.ts";
import type { EntityView } from "../world/entity-view.ts";
import { GameWorld } from "../world/game-world.ts";
import type { KindTable } from "../world/kind-table.ts";

/**
 * Ids of what the server has not told of yet: at the highest 4,096 indexes, where a server comes only with more than a
 * million entities. They sort behind all others.
 */
const PROVISIONAL_INDEXES = 4096;

/** True for what waits for the server to tell its id. */
export function isProvisional(id: number): boolean {
  return entityIndex(id) >= MAX_ENTITIES - PROVISIONAL_INDEXES;
}

/** Who answers for what steps spawn and despawn. */
export interface GroundKeeper {
  /** The step at hand spawns one. */
  spawn(table: KindTable<EntityView>): EntityView;
  isOwn(id: number): boolean;
}

/** The world that steps run in on a client: it has no players, and steps may despawn only what is the player's own. */
export class PredictionGround extends GameWorld {
  /** Despawns of others' entities, which were not done. */
  foreignDespawns = 0;
  readonly #keeper: GroundKeeper;
  #provisional = 0;

  constructor(game: Game<Shape>, stepSeed: number, keeper: GroundKeeper) {
    super(game, { seed: stepSeed, players: new Set(), broadcast() {} });
    this.#keeper = keeper;
  }

  override despawn(entity: { readonly id: number }): void {
    if (this.#keeper.isOwn(entity.id)) super.despawn(entity);
    else this.foreignDespawns += 1;
  }

  override "~newEntity"(table: KindTable<EntityView>): EntityView {
    return this.#keeper.spawn(table);
  }

  /** An id that nobody has. @throws RangeError when all are taken. */
  provisionalId(): number {
    const { views } = this["~store"];
    for (let tries = 0; tries < PROVISIONAL_INDEXES; tries += 1) {
      const n = this.#provisional;
      this.#provisional += 1;
      const index = MAX_ENTITIES - 1 - (n % PROVISIONAL_INDEXES);
      const generation = (Math.floor(n / PROVISIONAL_INDEXES) % (GENERATIONS - 1)) + 1;
      if (views[index] === undefined) return index * GENERATIONS + generation;
    }
    throw new RangeError(`At most ${PROVISIONAL_INDEXES} entities may wait to be confirmed.`);
  }

  put(table: KindTable<EntityView>, id: number, owner: number): EntityView {
    return this["~store"].place(table, id, (owner || undefined) as PlayerId | undefined);
  }

  /** Takes one out between ticks; its place is free at once. */
  takeOut(view: EntityView): void {
    this["~store"].despawn(view.id);
    this["~store"].releaseDead();
  }
}
