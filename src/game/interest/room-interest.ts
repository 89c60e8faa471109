import type { GameSchema } from "../schema/game-schema.ts";
import type { EntityStore } from "../world/entity-store.ts";
import { Census, ROW_CELLS, RowCell } from "./census.ts";
import { IntList } from "./int-list.ts";
import { type InterestOptions, type InterestRules, interestRules } from "./interest-rules.ts";
import { OwnList } from "./own-list.ts";
import { PlaceGrid } from "./place-grid.ts";
import { type PlanLimits, Planner } from "./planner.ts";
import { PlayerInterest } from "./player-interest.ts";
import type { SendPlan } from "./send-plan.ts";
import { Sight } from "./sight.ts";
import { NO_TICK, type Surprises, ViewerClass } from "./surprises.ts";
import type { Watcher } from "./watcher.ts";

/** What a room is made of, as far as interest goes. */
export interface InterestParts {
  readonly schema: GameSchema;
  readonly store: EntityStore;
  readonly tickRate: number;
  readonly surprises: Surprises;
  /** Hears what the room's functions threw. */
  readonly failed: (error: unknown, where: string) => void;
}

/**
 * Who sees what in one room, and in which order it is sent. Once per tick, after the capture: `observe`, and for
 * each player to be sent something `look` and then `choose`.
 */
export class RoomInterest<V extends Watcher> {
  readonly players: ReadonlyMap<number, PlayerInterest<V>>;
  readonly #players = new Map<number, PlayerInterest<V>>();
  readonly #rules: InterestRules<V>;
  readonly #surprises: Surprises;
  readonly #census: Census;
  readonly #grid: PlaceGrid;
  readonly #sight: Sight<V>;
  readonly #planner: Planner;
  readonly #surprised = new IntList();
  readonly #own = new OwnList();
  #tick: number = NO_TICK;

  /** @throws Error with one sentence when the options cannot work. */
  constructor(options: InterestOptions<V>, parts: InterestParts) {
    const { schema, store } = parts;
    this.players = this.#players;
    this.#surprises = parts.surprises;
    this.#rules = interestRules(schema, options, parts.failed);
    this.#census = new Census(schema, store, this.#rules.isAlways);
    this.#grid = new PlaceGrid(this.#rules.radius);
    this.#sight = new Sight(this.#census, this.#grid, store, this.#rules, this.#surprised, parts.tickRate);
    this.#planner = new Planner(this.#census);
  }

  join(watcher: V): PlayerInterest<V> {
    const player = new PlayerInterest(watcher);
    this.#players.set(watcher.id, player);
    return player;
  }

  leave(player: PlayerInterest<V>): void {
    if (this.#players.get(player.watcher.id) === player) this.#players.delete(player.watcher.id);
  }

  /** Reads the world as it is after `tick` ticks. */
  observe(tick: number): void {
    for (const player of this.#players.values()) {
      player.team = player.watcher.team;
      player.firstOwned = -1;
    }
    const census = this.#census;
    census.read(this.#players);
    if (census.local.count > 0) this.#grid.build(census.local, census.x, census.y);
    const { rows, local } = census;
    for (let i = 0; i < local.count; i += 1) {
      const index = local.items[i]!;
      const newest = this.#surprises.newest(index, ViewerClass.Owner);
      if (newest > this.#tick) rows[index * ROW_CELLS + RowCell.News] = census.serial;
    }
    // Once for all: no player goes through what everyone sees and nothing happens to.
    this.#surprised.clear();
    const { items, count } = census.common;
    for (let i = 0; i < count; i += 1) {
      if (this.#surprises.newest(items[i]!, ViewerClass.Owner) > this.#tick) this.#surprised.push(items[i]!);
    }
    this.#tick = tick;
  }

  /** Finds what the player sees. `view.entered` and `view.left` tell what has changed since the last look. */
  look(player: PlayerInterest<V>): void {
    this.#sight.look(player, this.#surprises, this.#tick);
  }

  /** What the player owns and sees, as of its newest look. Good until the next call. */
  ownOf(player: PlayerInterest<V>): OwnList {
    this.#own.find(player, this.#census.nextOwned);
    return this.#own;
  }

  /** Chooses what to send. Once entries have left in a packet, tell `PlayerInterest.sent`. */
  choose(player: PlayerInterest<V>, limits: PlanLimits): SendPlan {
    const { radius } = this.#rules;
    const sight = radius < Infinity ? radius : this.#census.extent / 2;
    return this.#planner.make(player, this.#surprises, this.#tick, sight, limits);
  }
}
