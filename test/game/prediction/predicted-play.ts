/** One predicting player of a room, in ticks: a network that loses and delays what it is told, and inputs ahead of the server. */

import { PredictedWorld } from "../../../src/game/prediction/predicted-world.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { replicaPlans } from "../../../src/game/replication/replica-plan.ts";
import { Room } from "../../../src/game/room/room.ts";
import type { RoomPlayer } from "../../../src/game/room/room-player.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import type { RoomRules } from "../../../src/game/schema/define-room.ts";
import { encodeInputs, packInput, unpackInput } from "../../../src/game/schema/input-codec.ts";
import type { InputValues, Shape } from "../../../src/game/schema/shape.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { OwnPlayer } from "../replication/own-player.ts";
import { type Link, ToldPlayer } from "../replication/told-player.ts";
import { entityStateOf } from "./entity-state.ts";

const STATE_KEPT_TICKS = 200;

export interface PlayOptions<S extends Shape> {
  readonly seed: number;
  readonly link: Link;
  /** How many ticks ahead of the server the player plays. */
  readonly leadTicks: number;
  readonly input: (tick: number, random: SeededRandom) => Partial<InputValues<S>>;
  /** Inputs that never arrive. */
  readonly isLost?: (tick: number) => boolean;
  readonly stepSeed?: number;
  /** Whom the player sees; without it all. */
  readonly sees?: (id: number) => boolean;
}

export class PredictedPlay<S extends Shape> {
  readonly room: Room<S>;
  readonly player: RoomPlayer<S>;
  readonly predicted: PredictedWorld<S>;
  readonly told: ToldPlayer;
  readonly own: OwnPlayer;
  readonly errors: unknown[] = [];
  /** By tick, by id: what the player's entities were, and what they were predicted to be when that was predicted first. */
  readonly truth = new Map<number, Map<number, string>>();
  readonly #options: PlayOptions<S>;
  readonly #random: SeededRandom;
  readonly #history: ReplicaHistory;
  readonly #writer = new MsgpackWriter();
  readonly #bytes = new Uint8Array(500);
  #packed: ReturnType<typeof packInput>;

  constructor(rules: RoomRules<S>, options: PlayOptions<S>) {
    const { game } = rules;
    const anyGame = game as unknown as Game<Shape>;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.room = new Room(rules, { seed: options.seed, onError: (error) => this.errors.push(error) });
    this.#history = new ReplicaHistory(anyGame);
    this.player = this.room.join("me");
    this.told = new ToldPlayer(anyGame, this.#history, new DeltaEncoder(this.#history), 1, options.link);
    this.own = new OwnPlayer(this.told, 1, this.#history, this.room["~store"], options.link);
    this.predicted = new PredictedWorld(game, { stepSeed: options.stepSeed ?? options.seed });
    this.#packed = packInput(game, {});
    for (let tick = 0; tick < options.leadTicks; tick += 1) this.play(tick);
  }

  get nowMs(): number {
    return (this.room.tick * 1000) / this.room.game.tickRate;
  }

  /** The tick that the player plays next. */
  get nextTick(): number {
    return this.room.tick + this.#options.leadTicks;
  }

  play(tick: number): void {
    const { game } = this.room;
    this.#packed = packInput(game, this.#options.input(tick, this.#random), this.#packed);
    if (!this.#options.isLost?.(tick)) {
      const writer = this.#writer.reset(this.#bytes);
      encodeInputs(game as unknown as Game<Shape>, writer, tick, [this.#packed]);
      this.room.receiveInput(this.player, this.#bytes, 0, writer.at);
    }
    this.predicted.advance(tick, unpackInput(game, this.#packed));
  }

  /** A tick of both ends. */
  tick(): void {
    const { room, told, own, predicted } = this;
    this.play(this.nextTick);
    room.step();
    this.#history.capture(room["~store"], room.tick);
    this.truth.set(room.tick, this.#ownTruth());
    this.truth.delete(room.tick - STATE_KEPT_TICKS);
    const blockBytes = 1000;
    told.tell(this.#random, this.#options.sees ?? (() => true), blockBytes);
    own.tell(this.#random, blockBytes);
    told.receive(this.#random);
    own.receive();
    predicted.confirm(told.store, own.reader.state, this.nowMs);
    predicted.show(this.nowMs);
  }

  run(ticks: number, each: () => void = () => {}): void {
    for (let n = 0; n < ticks; n += 1) {
      this.tick();
      each();
    }
  }

  /** All that is predicted, as text, with the ids that it has by now. */
  predictedState(): Map<number, string> {
    const states = new Map<number, string>();
    for (const { name } of this.room.game.schema.kinds) {
      for (const entity of this.predicted.view[name as never] as Iterable<{ id: number }>) {
        const { "~life": life } = entity as never as { "~life": { entity: EntityView } };
        states.set(entity.id, entityStateOf(life.entity, this.#plans));
      }
    }
    return states;
  }

  get #plans() {
    return replicaPlans(this.room.game as unknown as Game<Shape>);
  }

  #ownTruth(): Map<number, string> {
    const states = new Map<number, string>();
    for (const view of this.room["~store"].views) {
      if (view?.owner === this.player.id) states.set(view.id, entityStateOf(view, this.#plans));
    }
    return states;
  }
}
