import type { HeldEntity } from "../replication/held-entity.ts";
import type { ReplicaStore } from "../replication/replica-store.ts";
import type { Game } from "../schema/define-game.ts";
import type { Shape } from "../schema/shape.ts";
import { entityIndex } from "../world/entity-store.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";
import { OtherEntities } from "./other-entities.ts";
import { OwnLife } from "./own-life.ts";
import type { PredictedKind } from "./predicted-kind.ts";
import { type GroundKeeper, PredictionGround } from "./prediction-ground.ts";
import { spawnOf } from "./spawn-match.ts";

/** What the server's exact state was not known of for so long is no longer predicted. */
const MAX_UNCHECKED_TICKS = 60;
/** A spawn waits no longer than so for the server's, once that has run its tick. */
const MAX_WAIT_TICKS = 20;

/** All that is predicted, and the world that it is predicted in. */
export class OwnLives implements GroundKeeper {
  readonly ground: PredictionGround;
  readonly others: OtherEntities;
  /** In the order of ids: that in which they step. */
  readonly lives: OwnLife[] = [];
  /** Spawns the server has not told of, from old to new. */
  readonly waiting: OwnLife[] = [];
  owner = 0;
  /** Server's entities that took the place of what was spawned ahead; spawns that the server never had. */
  spawnsMatched = 0;
  spawnsVanished = 0;
  readonly #kinds: readonly PredictedKind[];
  readonly #byId = new Map<number, OwnLife>();
  /** By kind: how many were spawned in the tick that runs. */
  readonly #spawned: Int32Array;
  readonly #stepping: EntityView[] = [];

  constructor(game: Game<Shape>, kinds: readonly PredictedKind[], stepSeed: number) {
    this.#kinds = kinds;
    this.#spawned = new Int32Array(kinds.length);
    this.ground = new PredictionGround(game, stepSeed, this);
    this.others = new OtherEntities(this.ground, kinds);
  }

  readonly isOwn = (id: number): boolean => this.#byId.has(id);

  get(id: number): OwnLife | undefined {
    return this.#byId.get(id);
  }

  /** A step spawns one: the same as when this tick was predicted before, if it was. */
  spawn(table: KindTable<EntityView>): EntityView {
    const { ground, owner } = this;
    const { index } = table.schema;
    const nth = this.#spawned[index]!;
    this.#spawned[index]! += 1;
    let life = this.lives.find(
      (known) => known.spawnTick === ground.tick && known.table === table && known.nth === nth,
    );
    if (life === undefined) {
      life = new OwnLife(this.#kinds[index]!, table, ground.provisionalId(), owner, ground.tick, nth);
      this.waiting.push(life);
      this.#add(life);
    }
    life.entity = ground.put(table, life.id, owner);
    return life.entity;
  }

  /** Runs one tick for all that is the player's own. */
  step(input: object, failed: (error: unknown, kind: string) => void): void {
    const { ground, lives } = this;
    this.#spawned.fill(0);
    this.others.moveTo(ground.tick);
    this.#stepping.length = 0;
    for (const { entity } of lives) if (entity !== undefined) this.#stepping.push(entity);
    ground["~stepThese"](this.#stepping, input, failed);
    ground["~roundState"]();
    ground["~endTick"]();
    for (const life of lives) life.record(ground.tick);
    this.#dropUnborn();
  }

  /** The world is as it was predicted, or confirmed, to be at `tick`. */
  restore(tick: number): void {
    const { ground } = this;
    ground.tick = tick;
    for (const life of this.lives) {
      if (life.livedAt(tick)) {
        life.entity ??= ground.put(life.table, life.id, life.owner);
        life.restore(tick);
      } else {
        this.#takeOut(life);
        if (life.spawnTick >= tick) life.forget();
      }
    }
  }

  /** Of what the server told of, takes over what it has, and lets go of what it has no more. */
  follow(store: ReplicaStore, tick: number): void {
    for (let i = this.lives.length - 1; i >= 0; i -= 1) {
      const life = this.lives[i]!;
      if (!life.isTold) continue;
      const newest = store.at(entityIndex(life.id))?.newest;
      const isHeld = newest?.id === life.id && newest.owner === this.owner;
      if (!isHeld || tick - life.exactTick > MAX_UNCHECKED_TICKS) this.remove(life);
    }
    if (this.waiting.length === 0) return;
    for (const { entities } of store.present) {
      for (const held of entities) {
        const { id, owner } = held.newest!;
        if (owner !== this.owner || this.#byId.has(id)) continue;
        const life = spawnOf(held, this.waiting);
        if (life !== undefined) this.#tell(life, id, tick);
      }
    }
  }

  /** Something of the player's that was not predicted, of a kind with a step. */
  adopt(held: HeldEntity): OwnLife {
    const { id, owner, plan } = held.newest!;
    const { index } = plan.kind.schema;
    const { ground } = this;
    const life = new OwnLife(this.#kinds[index]!, ground["~store"].tables[index]!, id, owner, -1, 0);
    this.others.release(held.index);
    life.entity = ground.put(life.table, id, owner);
    // Its defaults: what nobody is sent stays so. It begins to live when the world is set to the confirmed tick.
    life.record(ground.tick);
    life.forget();
    this.#takeOut(life);
    this.#add(life);
    return life;
  }

  /**
   * The server has run all ticks before `tick`: what was spawned in them and is not matched it does not have, but for
   * as many as it has told that there are without having told what.
   */
  endWaits(tick: number, untold: number): void {
    let left = untold;
    for (let i = 0; i < this.waiting.length; i += 1) {
      const life = this.waiting[i]!;
      if (life.spawnTick >= tick) continue;
      left -= 1;
      if (left >= 0 && tick - life.spawnTick <= MAX_WAIT_TICKS) continue;
      this.spawnsVanished += 1;
      this.remove(life);
      i -= 1;
    }
  }

  remove(life: OwnLife): void {
    this.#takeOut(life);
    this.#byId.delete(life.id);
    this.lives.splice(this.lives.indexOf(life), 1);
    const waits = this.waiting.indexOf(life);
    if (waits >= 0) this.waiting.splice(waits, 1);
  }

  /** The server's entity `id` is what was spawned ahead. */
  #tell(life: OwnLife, id: number, tick: number): void {
    const before = life.id;
    const { ground } = this;
    this.spawnsMatched += 1;
    this.waiting.splice(this.waiting.indexOf(life), 1);
    this.others.release(entityIndex(id));
    const wasAlive = life.entity !== undefined;
    this.#takeOut(life);
    this.#byId.delete(before);
    life.id = id;
    life.isTold = true;
    life.exactTick = tick;
    this.#byId.set(id, life);
    this.lives.sort(byId);
    if (wasAlive) {
      life.entity = ground.put(life.table, id, life.owner);
      life.restore(ground.tick);
    }
    for (const other of this.lives) other.rename(before, id);
  }

  #add(life: OwnLife): void {
    this.#byId.set(life.id, life);
    this.lives.push(life);
    this.lives.sort(byId);
  }

  #takeOut(life: OwnLife): void {
    if (life.entity !== undefined) this.ground.takeOut(life.entity);
    life.entity = undefined;
  }

  /** What was spawned when a tick was predicted first, but not when it was again, or did not outlive its first tick. */
  #dropUnborn(): void {
    const { waiting, ground } = this;
    for (let i = waiting.length - 1; i >= 0; i -= 1) {
      const life = waiting[i]!;
      if (life.spawnTick === ground.tick - 1 && life.entity === undefined) this.remove(life);
    }
  }
}

function byId(a: OwnLife, b: OwnLife): number {
  return a.id - b.id;
}
