import { DeltaBlock } from "../../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { VIEWERS, type Viewer } from "../../../src/game/replication/replica-plan.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { AGE_DESPAWNED, AGE_FULL, AGE_LEFT } from "../../../src/game/schema/record-ages.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { plainStore } from "../../game/replication/plain-store.ts";
import { hex } from "../hex.ts";

export interface Scripted {
  readonly id: number;
  [field: string]: unknown;
}

/** One record of a block: what it tells, on top of what age. */
type Told = readonly [entity: { readonly id: number }, age: number, viewer: Viewer];

/** A scripted world and one player who is told of it, block by block. */
export class DeltaScript {
  readonly world: GameWorld;
  readonly history: ReplicaHistory;
  readonly #block: DeltaBlock;
  readonly #store: ReplicaStore;
  readonly blocks: object[] = [];
  /** By entity index: the tick it was last told of, and to whom. */
  readonly #held = new Map<number, { tick: number; viewer: Viewer }>();

  constructor(game: Game<Shape>) {
    this.world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
    this.history = new ReplicaHistory(game);
    this.#block = new DeltaBlock(new DeltaEncoder(this.history));
    this.#store = new ReplicaStore(game);
  }

  spawn(kind: string, values: Record<string, unknown>, owner: number): Scripted {
    const view = this.world.spawn(kind, values);
    view.owner = (owner || undefined) as never;
    return view as unknown as Scripted;
  }

  /** Ends so many ticks; what has rates moves. */
  run(ticks: number): void {
    for (let n = 0; n < ticks; n += 1) {
      for (const view of this.world["~store"].views) {
        const fields = view as unknown as Record<string, number>;
        for (const { name, spec } of view?.["~table"].schema.fields ?? []) {
          if (spec.follows !== undefined) fields[name]! += fields[spec.follows]! * this.world.dt;
        }
      }
      this.world["~roundState"]();
      this.world["~endTick"]();
      this.history.capture(this.world["~store"], this.world.tick);
    }
  }

  /** The script says by itself what a server would send. */
  #expectAges(records: readonly Told[]): void {
    for (const [index, { tick, viewer }] of this.#held) {
      const told = records.find(([{ id }]) => Math.floor(id / 2 ** 20) === index);
      const age = this.history.ageFor(index, tick, viewer);
      const expected = told === undefined ? NOTHING_NEW : told[1];
      // Whoever only looks at some may leave out the others; full and gone are decisions of the view.
      const isFree =
        expected === AGE_FULL || expected >= AGE_LEFT || (told === undefined && records.length > 0);
      if (!isFree && age !== expected) throw new Error(`Entity ${index} has age ${age}, not ${expected}.`);
    }
    for (const [{ id }, age, viewer] of records) {
      if (age >= AGE_LEFT) this.#held.delete(Math.floor(id / 2 ** 20));
      else this.#held.set(Math.floor(id / 2 ** 20), { tick: this.world.tick, viewer });
    }
  }

  tell(meaning: string, records: readonly Told[]): void {
    const { tick } = this.world;
    this.#expectAges(records);
    this.#block.begin(tick, 1150);
    for (const [{ id }, age, viewer] of records) {
      const index = Math.floor(id / 2 ** 20);
      if (age < AGE_LEFT) this.#block.add(index, age, viewer);
      else this.#block.addGone(index, age === AGE_LEFT ? AGE_LEFT : AGE_DESPAWNED);
    }
    const writer = new MsgpackWriter().reset(new Uint8Array(1150));
    this.#block.write(writer);
    const block = writer.bytes.slice(0, writer.at);
    if (!this.#store.receive(block)) throw new Error(`The block of ${meaning} is refused.`);
    const told = records.map(([{ id }, age, viewer]) => ({
      index: Math.floor(id / 2 ** 20),
      age,
      class: VIEWERS[viewer],
    }));
    const events = this.#store.takeEvents().map(({ what, id }) => ({ what, id }));
    this.blocks.push({ meaning, tick, block: hex(block), told, events, state: plainStore(this.#store) });
  }
}
