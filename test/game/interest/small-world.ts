import type { InterestOptions } from "../../../src/game/interest/interest-rules.ts";
import type { PlayerInterest } from "../../../src/game/interest/player-interest.ts";
import { RoomInterest } from "../../../src/game/interest/room-interest.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import type { PlayerId, Vec2 } from "../../../src/game/schema/field.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { entityIndex } from "../../../src/game/world/entity-store.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import { FakeEncoder } from "./fake-encoder.ts";

const place = { x: t.fixed(-1000, 1000, 1 / 64), y: t.fixed(-1000, 1000, 1 / 64) };

export const smallGame = defineGame({
  name: "small",
  tickRate: 10,
  input: {},
  entities: { ship: place, shot: place, flag: place, score: { points: t.uint(9) } },
});

/** A player as interest knows one. */
export class TestPlayer {
  readonly id: number;
  team: number | undefined = undefined;
  viewpoint: Vec2 | undefined = undefined;
  readonly #world: GameWorld;
  #entityId = 0;

  constructor(id: number, world: GameWorld) {
    this.id = id;
    this.#world = world;
  }

  get "~entityId"(): number {
    const entity = this.#world.get(this.#entityId);
    return entity?.owner === this.id ? entity.id : 0;
  }

  steer(entity: EntityView | undefined): void {
    if (entity !== undefined) entity.owner = this.id as PlayerId;
    this.#entityId = entity?.id ?? 0;
  }
}

/** A world without rules, its interest, and an encoder that only knows when things surprised. */
export class SmallWorld {
  readonly world = new GameWorld(smallGame, { seed: 1, players: new Set(), broadcast() {} });
  readonly encoder = new FakeEncoder(this.world["~store"]);
  readonly errors: unknown[] = [];
  /** Indexes of entities that surprise all in the next tick. */
  readonly surprising = new Set<number>();
  readonly interest: RoomInterest<TestPlayer>;
  #lastPlayer = 0;

  constructor(options: InterestOptions<TestPlayer>) {
    this.interest = new RoomInterest<TestPlayer>(options, {
      schema: smallGame.schema,
      store: this.world["~store"],
      tickRate: smallGame.tickRate,
      surprises: this.encoder,
      failed: (error) => this.errors.push(error),
    });
  }

  get tick(): number {
    return this.world.tick;
  }

  join(entity?: EntityView): PlayerInterest<TestPlayer> {
    this.#lastPlayer += 1;
    const player = new TestPlayer(this.#lastPlayer, this.world);
    player.steer(entity);
    return this.interest.join(player);
  }

  spawn(kind: string, x = 0, y = 0): EntityView {
    return this.world.spawn(kind, kind === "score" ? {} : { x, y });
  }

  move(entity: EntityView, x: number, y = 0): void {
    Object.assign(entity, { x, y });
  }

  /** Ends a tick, and lets all look. */
  next(ticks = 1): void {
    for (let i = 0; i < ticks; i += 1) {
      this.world["~endTick"]();
      this.encoder.capture(this.tick);
      for (const index of this.surprising) this.encoder.surprise(index, this.tick);
      this.surprising.clear();
      this.interest.observe(this.tick);
      for (const player of this.interest.players.values()) this.interest.look(player);
    }
  }
}

/** What a player sees: viewer classes by entity id. */
export function seen(player: PlayerInterest<TestPlayer>): Map<number, number> {
  const { view } = player;
  const classes = new Map<number, number>();
  for (let slot = 0; slot < view.slotEnd; slot += 1) {
    if (view.isSeen(slot)) classes.set(view.id(slot), view.viewerClass(slot));
  }
  return classes;
}

export interface PlannedEntry {
  readonly slot: number;
  readonly index: number;
  readonly id: number;
  readonly age: number;
  readonly viewerClass: number;
}

export function planned(player: PlayerInterest<TestPlayer>): PlannedEntry[] {
  const { view, plan } = player;
  return Array.from({ length: plan.count }, (_, i) => {
    const slot = plan.slot(i);
    return {
      slot,
      index: view.index(slot),
      id: view.id(slot),
      age: plan.age(i),
      viewerClass: view.viewerClass(slot),
    };
  });
}

export const indexOf = entityIndex;
