/** A room of a random game that is served to two players, beside its whole truth of every tick. */
import { snapshotOfStore } from "../../src/game/replication/replica-snapshot.ts";
import { describeSnapshot, replicaAt, type Snapshot } from "../../src/game/replication/snapshot.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import { defineRoom } from "../../src/game/schema/define-room.ts";
import { sameReplica } from "../../src/game/schema/same-replica.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { entityIndex } from "../../src/game/world/entity-store.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { ServedRoom } from "../../src/served-room.ts";
import { saidAt } from "../game/replication/plain-store.ts";
import { entityOf, type GamePlan, moveAll } from "./random-game.ts";
import { GOOD_NETWORK, type Network, ServedPlayer, TICK_MS } from "./served-player.ts";
import { promise } from "./target.ts";

export interface Act {
  readonly do: "spawn" | "change" | "despawn" | "give" | "hide" | "tick";
  readonly n: number;
}

interface Entity {
  readonly id: number;
  readonly kind: string;
  owner: number | undefined;
}

/** What a good network and the slowest path need for all of a small world. */
const MOST_TICKS_TO_SETTLE = 900;

export class ServedStage {
  readonly players: readonly ServedPlayer[];
  readonly #game: Game<Shape>;
  readonly #plan: GamePlan;
  readonly #served: ServedRoom<Shape>;
  readonly #truths = new Map<number, Snapshot>();
  readonly #hidden = new Set<number>();
  #living: Entity[] = [];
  #nowMs = 1_000_000;

  constructor(game: Game<Shape>, plan: GamePlan, bytesPerSecond: number, seed: number) {
    this.#game = game;
    this.#plan = plan;
    const hooks = {
      onTick: (world: { readonly dt: number }) => moveAll(plan, world, world.dt),
      interest: { sees: (_player: object, entity: { readonly id: number }) => !this.#hidden.has(entity.id) },
    };
    this.#served = new ServedRoom(defineRoom(game, hooks as never), { seed: 1 });
    const rates = { startBytesPerSecond: bytesPerSecond, minBytesPerSecond: 2_000, maxBytesPerSecond: 1e6 };
    const chance = new SeededRandom(seed);
    this.players = [1, 2].map(() => new ServedPlayer(this.#served, game, rates, chance, this.#nowMs));
  }

  get entityCount(): number {
    return this.#living.length;
  }

  take({ do: what, n }: Act): void {
    const world = this.#served.room.world as unknown as {
      spawn(kind: string, values: object): Entity;
      despawn(entity: object): void;
    };
    const one = this.#living[n % (this.#living.length || 1)];
    const kinds = this.#plan.kinds;
    if (what === "spawn") {
      const kind = n % kinds.length;
      this.#living.push(world.spawn(`kind${kind}`, entityOf(kinds[kind]!, n)));
    } else if (what === "tick") this.tick();
    else if (one === undefined) return;
    else if (what === "change") Object.assign(one, entityOf(kinds[Number(one.kind.slice(4))]!, n));
    else if (what === "give") this.#give(one, n);
    else if (what === "hide" && !this.#hidden.delete(one.id)) this.#hidden.add(one.id);
    else if (what === "despawn") {
      world.despawn(one);
      this.#living = this.#living.filter((other) => other !== one);
    }
  }

  /** To one of the players, to steer it or just to have it; or to nobody. */
  #give(one: Entity, n: number): void {
    const { player } = this.players[n % 2]!.feed;
    if (n % 5 < 2) player.entity = one as never;
    else one.owner = n % 5 === 2 ? undefined : player.id;
  }

  set network(network: Network) {
    for (const player of this.players) player.network = network;
  }

  tick(): void {
    this.#nowMs += TICK_MS;
    this.#served.room.step();
    this.#served.capture();
    for (const { feed } of this.players) this.#served.tell(feed);
    const snapshot = this.#served.snapshot();
    this.#truths.set(snapshot.tick, snapshot);
    for (const player of this.players) {
      player.turn(this.#nowMs);
      this.#promiseTruth(player);
    }
  }

  /** Whatever a player holds was so when it was told of it, and no more of it than the player may see. */
  #promiseTruth({ store, feed }: ServedPlayer): void {
    const playerId = feed.player.id;
    for (const [k, { entities }] of store.present.entries()) {
      for (const { newest, newestTick } of entities) {
        const truth = this.#truths.get(newestTick);
        promise(truth !== undefined, "a player is not told of the future");
        const { id, owner, plan } = newest!;
        const kind = truth.kinds[k]!;
        const i = kind.ids.indexOf(id);
        promise(i >= 0, "what a player sees was there");
        promise(kind.owners[i] === owner, "it had that owner");
        promise(
          plan === plan.kind.views[owner === playerId ? 2 : 0],
          "only its owner is told what an owner sees",
        );
        for (const field of plan.fields) {
          const isSame = sameReplica(saidAt(newest!, field, newestTick), replicaAt(kind, i, field.schema));
          promise(isSame, "what a player holds was so");
        }
      }
    }
  }

  /** On a good network, with nothing hidden, everyone soon sees all as it is. */
  settle(): void {
    this.network = GOOD_NETWORK;
    this.#hidden.clear();
    const waiting = new Set(this.players);
    for (let n = 0; waiting.size > 0; n += 1) {
      promise(n < MOST_TICKS_TO_SETTLE, "on a good network everything arrives");
      this.tick();
      for (const player of waiting) if (this.#seesAll(player)) waiting.delete(player);
    }
    for (const player of this.players) this.#promiseOwn(player);
  }

  #seesAll({ store, shownTick }: ServedPlayer): boolean {
    const truth = this.#truths.get(shownTick);
    const counts = this.#game.schema.kinds.map((_, k) => store.present[k]!.entities.length);
    if (truth === undefined || counts.some((count, k) => count !== truth.kinds[k]!.ids.length)) return false;
    const told = snapshotOfStore(this.#game, store, shownTick);
    return JSON.stringify(describeSnapshot(told)) === JSON.stringify(describeSnapshot(truth));
  }

  #promiseOwn({ own, feed, store }: ServedPlayer): void {
    const { state } = own;
    promise(state.playerId === feed.player.id, "a player knows who it is");
    const avatar = feed.player["~entityId"];
    promise(state.avatarIndex === (avatar === 0 ? -1 : entityIndex(avatar)), "and what it steers");
    const numbers = new Float64Array(256);
    for (const { id, kind, owner } of this.#living) {
      const held = owner === feed.player.id ? store.get(id) : undefined;
      if (held === undefined || state.tick !== this.#served.room.tick) continue;
      if (!state.exactNumbers(held, numbers)) continue;
      const plan = held.newest!.plan;
      const table = this.#served.room["~store"].tables[Number(kind.slice(4))]!;
      const row = this.#served.room["~store"].views[entityIndex(id)]!["~row"];
      for (const { place, schema } of plan.fields) {
        for (let half = 0; schema.codec.scalar !== undefined && half < schema.codec.width; half += 1) {
          const stored = table.numbers[schema.column + half]![row];
          promise(Object.is(numbers[place + half], stored), "what is its own it has exactly");
        }
      }
    }
  }
}
