import type { Game } from "../schema/define-game.ts";
import type { PlayerId, Vec2 } from "../schema/field.ts";
import type { StepFunction } from "../schema/game-schema.ts";
import type { Shape } from "../schema/shape.ts";
import { newValueCounters, type ValueCounters } from "../schema/value-counters.ts";
import { type ValueWarning, ValueWarnings } from "../schema/value-warnings.ts";
import type { DeterministicMath } from "../schema/world-types.ts";
import { deterministicMath } from "./deterministic-math.ts";
import { LiveEntityList, LivingRows } from "./entity-list.ts";
import { EntityStore } from "./entity-store.ts";
import type { EntityView } from "./entity-view.ts";
import { hashedRandom } from "./hashed-random.ts";
import type { KindTable } from "./kind-table.ts";
import { SimulationGrid } from "./simulation-grid.ts";
import { SpatialGrid } from "./spatial-grid.ts";

/** What a world gets from the room around it; a client's world has neither. */
export interface WorldSurroundings {
  readonly seed: number;
  /** Of what steps draw, which clients are told so that they draw the same. Without it `seed`. */
  readonly stepSeed?: number;
  readonly players: Iterable<unknown> & { readonly size: number };
  broadcast(name: string, message: unknown): void;
  readonly onValueWarning?: (warning: ValueWarning) => void;
  /** Runs `fn` in the past of a player. Without it there is only the present. */
  readonly rewind?: <T>(player: unknown, fn: () => T) => T;
}

/** The world behind the `World` type, where an entity is an `EntityView` whatever the game. Its lists are properties by kind. */
export class GameWorld {
  tick = 0;
  readonly dt: number;
  readonly math: DeterministicMath = deterministicMath;
  readonly players: WorldSurroundings["players"];
  readonly "~store": EntityStore;
  /** What was wrong with values that rules wrote. */
  readonly "~counters": ValueCounters = newValueCounters();
  /** Tells of them; undefined where nobody listens. */
  readonly "~warnings": ValueWarnings | undefined;
  readonly #surroundings: WorldSurroundings;
  readonly #stepSeed: number;
  readonly #grid: SpatialGrid;
  readonly #simulationGrid: SimulationGrid;
  readonly #tableByName: ReadonlyMap<string, KindTable<EntityView>>;
  /** The entity whose step runs. */
  #stepping: EntityView | undefined;
  #stepCalls = 0;
  #hookCalls = 0;

  constructor(game: Game<Shape>, surroundings: WorldSurroundings) {
    this.dt = 1 / game.tickRate;
    this.players = surroundings.players;
    this.#surroundings = surroundings;
    this.#stepSeed = surroundings.stepSeed ?? surroundings.seed;
    const store = new EntityStore(game.schema, this["~counters"]);
    this["~store"] = store;
    const { onValueWarning: hear } = surroundings;
    const warnings = hear && new ValueWarnings(this["~counters"], hear);
    if (warnings !== undefined) for (const table of store.tables) table.warnBy(warnings);
    this["~warnings"] = warnings;
    this.#grid = new SpatialGrid(store);
    this.#simulationGrid = new SimulationGrid(store);
    this.#tableByName = new Map(store.tables.map((table) => [table.schema.name, table]));
    for (const table of store.tables) {
      Object.defineProperty(this, table.schema.name, { value: new LiveEntityList(store, table) });
    }
  }

  random(): number {
    const stepping = this.#stepping;
    if (stepping !== undefined) {
      this.#stepCalls += 1;
      return hashedRandom(this.#stepSeed, this.tick, stepping.id, this.#stepCalls);
    }
    this.#hookCalls += 1;
    return hashedRandom(this.#surroundings.seed, this.tick, 0, this.#hookCalls);
  }

  spawn(kind: string, values: Readonly<Record<string, unknown>> = {}): EntityView {
    const table = this.#tableByName.get(kind);
    if (table === undefined) throw new Error(`There is no kind "${kind}".`);
    const view = this["~newEntity"](table, this.#stepping?.owner);
    for (const field of table.schema.fields) {
      if (field.name in values) table.write(view["~row"], field, values[field.name]);
    }
    this.#grid.noteSpawned(view);
    return view;
  }

  /** Where prediction gives ids of its own. */
  "~newEntity"(table: KindTable<EntityView>, owner: PlayerId | undefined): EntityView {
    return this["~store"].spawn(table, owner);
  }

  despawn(entity: { readonly id: number }): void {
    this["~store"].despawn(entity.id);
  }

  get(id: number | undefined): EntityView | undefined {
    return this["~store"].get(id);
  }

  near(at: Readonly<Vec2>, radius: number, kind?: string): Iterable<EntityView> {
    const table = kind === undefined ? undefined : this.#tableByName.get(kind);
    if (kind !== undefined && table === undefined) throw new Error(`There is no kind "${kind}".`);
    return new LivingRows(this.#grid.near(at.x, at.y, radius, table), this["~store"].serial);
  }

  /** @throws Error inside a step, or inside another `fn`. */
  rewind<T>(player: unknown, fn: () => T): T {
    if (this.#stepping !== undefined)
      throw new Error("world.rewind is for a room's hooks: steps run on clients, too.");
    const { rewind } = this.#surroundings;
    return rewind === undefined ? fn() : rewind(player, fn);
  }

  broadcast(name: string, message: unknown): void {
    this.#surroundings.broadcast(name, message);
  }

  /**
   * Steps every entity that was there before, in the order of ids. `inputOf` answers for an owner; `failed`
   * hears what a step threw, and the others go on.
   */
  "~step"(
    inputOf: (owner: PlayerId | undefined) => object,
    failed: (error: unknown, kind: string) => void,
  ): void {
    this.#grid.forget();
    const store = this["~store"];
    const { views, serial } = store;
    for (let index = 0; index < views.length; index += 1) {
      const view = views[index];
      if (view === undefined || (store.serial !== serial && view["~serial"] > serial)) continue;
      const { step } = view["~table"];
      if (step !== undefined) this.#stepOne(view, step, inputOf(view.owner), failed);
    }
    this.#stepping = undefined;
    this.#grid.forget();
  }

  /** Steps these alone, in their order, as prediction does with what a player owns; who died before its turn is skipped. */
  "~stepThese"(
    views: readonly EntityView[],
    input: object,
    failed: (error: unknown, kind: string) => void,
  ): void {
    this.#grid.forget();
    for (const view of views) {
      const { step } = view["~table"];
      if (view["~alive"] && step !== undefined) this.#stepOne(view, step, input, failed);
    }
    this.#stepping = undefined;
    this.#grid.forget();
  }

  #stepOne(
    view: EntityView,
    step: StepFunction,
    input: object,
    failed: (error: unknown, kind: string) => void,
  ): void {
    this.#stepping = view;
    this.#stepCalls = 0;
    try {
      step(view, input, this);
    } catch (error) {
      failed(error, view.kind);
    }
  }

  /** Entities were moved behind the world's back. */
  "~forgetPlaces"(): void {
    this.#grid.forget();
  }

  /** Rounds every fixed and angle to the simulation grid: the last thing before a tick ends. */
  "~roundState"(): void {
    this.#simulationGrid.round();
  }

  /** Ends the tick: the dead cannot be read any more. */
  "~endTick"(): void {
    this["~store"].releaseDead();
    this.tick += 1;
    this.#hookCalls = 0;
  }

  /** Despawns all that a player owns. */
  "~despawnOwned"(owner: PlayerId): void {
    for (const view of this["~store"].views) if (view?.owner === owner) this.despawn(view);
  }
}
