import type { OwnState } from "../replication/own-state.ts";
import { replicaPlans } from "../replication/replica-plan.ts";
import type { ReplicaStore } from "../replication/replica-store.ts";
import type { Game } from "../schema/define-game.ts";
import { MAX_REPEATED_TICKS, packInput, unpackInput } from "../schema/input-codec.ts";
import type { InputValues, Kind, Mover, Shape } from "../schema/shape.ts";
import type { EntityList } from "../schema/world-types.ts";
import { entityIndex } from "../world/entity-store.ts";
import { HISTORY_TICKS, type OwnLife } from "./own-life.ts";
import { OwnLives } from "./own-lives.ts";
import { predictedKinds } from "./predicted-kind.ts";
import { PredictedList } from "./predicted-list.ts";
import { type PredictedEntity, predictedClass, type ShownMoment } from "./predicted-view.ts";

/** Of one call to `confirm` or `advance`: what is left of a replay is done with the next ones. */
export const MAX_REPLAYED_TICKS = 20;
/** Farther ahead of what the server confirmed nothing is predicted. */
export const MAX_AHEAD_TICKS = 60;

export interface PredictionCounters {
  /** Ticks the server confirmed. */
  ticksConfirmed: number;
  /** Times that something of the player's was not as predicted. */
  corrections: number;
  /** Fields that were not, in all corrections. */
  correctedFields: number;
  /** Ticks that were run again. */
  replayedTicks: number;
  /** Corrections of an entity by so much that it was shown at once. */
  snaps: number;
  /** Entities of the player's that came without having been predicted. */
  entitiesAdopted: number;
  /** What was spawned ahead: matched with the server's, and never told of by it. */
  spawnsMatched: number;
  spawnsVanished: number;
  /** Steps that threw. */
  stepErrors: number;
  /** Steps that would have despawned what is not the player's. */
  foreignDespawns: number;
}

export interface PredictedWorldOptions {
  /** Seed of `world.random()` in steps: the server's, or what they draw is corrected. */
  readonly stepSeed: number;
}

/** What of the player's is predicted, by kind and in the order of ids. */
export type PredictedView<S extends Shape> = { readonly tick: number } & {
  readonly [K in Kind<S>]: EntityList<Readonly<Mover<S, K>>>;
};

/**
 * The player's own entities, ahead of what the server has told: stepped by the game's own `step` with the inputs that are
 * under way to it, and set right where it says otherwise. It reads no clock: pass in the ticks and the time.
 *
 * Call `advance` with each tick's input when that is sent, `confirm` whenever an own block or state was taken, and
 * `show` before you read.
 */
export class PredictedWorld<S extends Shape> {
  /** What game code reads: the same object for good. */
  readonly view: PredictedView<S>;
  readonly #counters: PredictionCounters = {
    ...{ ticksConfirmed: 0, corrections: 0, correctedFields: 0, replayedTicks: 0, snaps: 0 },
    ...{ entitiesAdopted: 0, spawnsMatched: 0, spawnsVanished: 0, stepErrors: 0, foreignDespawns: 0 },
  };
  readonly #lives: OwnLives;
  readonly #class: typeof PredictedEntity;
  readonly #shown: ShownMoment = { nowMs: 0 };
  /** Numbers by place, by kind. */
  readonly #exact: readonly Float64Array[];
  readonly #inputs: (object | undefined)[] = new Array(HISTORY_TICKS).fill(undefined);
  readonly #inputTicks = new Float64Array(HISTORY_TICKS).fill(-1);
  readonly #neutral: object;
  #confirmedTick = -1;
  /** The tick whose state is wanted, and the newest there ever was. */
  #target = 0;
  #reached = 0;

  constructor(game: Game<S>, { stepSeed }: PredictedWorldOptions) {
    const anyGame = game as unknown as Game<Shape>;
    const plans = replicaPlans(anyGame);
    this.#neutral = unpackInput(game, packInput(game, {}));
    const kinds = predictedKinds(plans);
    this.#exact = plans.map(({ numberPlaces }) => new Float64Array(numberPlaces));
    this.#class = predictedClass(anyGame, kinds);
    this.#lives = new OwnLives(anyGame, kinds, stepSeed);
    const view = Object.defineProperty({}, "tick", { get: () => this.tick, enumerable: true });
    for (const { plan } of kinds) {
      const list = new PredictedList(this.#lives, plan.schema.index, (life) => this.#viewOf(life));
      Object.defineProperty(view, plan.schema.name, { value: list, enumerable: true });
    }
    this.view = view as PredictedView<S>;
  }

  /** The tick of the predicted state: that after so many ticks. */
  get tick(): number {
    return this.#lives.ground.tick;
  }

  /** The newest tick that the server confirmed, −1 before the first. */
  get confirmedTick(): number {
    return this.#confirmedTick;
  }

  get corrections(): number {
    return this.#counters.corrections;
  }

  get counters(): Readonly<PredictionCounters> {
    const { spawnsMatched, spawnsVanished, ground } = this.#lives;
    return { ...this.#counters, spawnsMatched, spawnsVanished, foreignDespawns: ground.foreignDespawns };
  }

  /**
   * The player plays `tick` with this input, as `unpackInput` gives it: it must not change any more. Ticks that were left
   * out had the input of the last one; ticks that were played before are played anew.
   */
  advance(tick: number, input: Readonly<InputValues<S>>): void {
    this.#noteInput(tick, input);
    this.#target = tick + 1;
    if (this.#confirmedTick < 0) return;
    if (tick < this.tick && tick >= this.#confirmedTick) this.#lives.restore(tick);
    this.#run();
  }

  /**
   * Takes what the server confirmed: the state of `own.tick`, as far as the client has it, and whom else it sees. May be
   * called again for the same tick when more of it has come.
   */
  confirm(store: ReplicaStore, own: OwnState, nowMs: number): void {
    if (own.tick < 0 || own.tick < this.#confirmedTick) return;
    const lives = this.#lives;
    const { tick } = own;
    if (this.#confirmedTick < 0) lives.ground.tick = tick;
    if (tick > this.#confirmedTick) this.#counters.ticksConfirmed += 1;
    this.#confirmedTick = tick;
    lives.owner = own.playerId;
    lives.others.clear(store, lives.isOwn);
    lives.follow(store, tick);
    const { wrongFields, adopted } = this.#compare(store, own);
    lives.others.sync(store, tick, lives.isOwn);
    // Of ticks that were not played yet nothing was predicted.
    if (wrongFields > 0 && tick <= this.tick) {
      this.#counters.corrections += 1;
      this.#counters.correctedFields += wrongFields;
    }
    if (wrongFields > 0 || adopted > 0 || tick > this.tick) this.#replayFrom(tick, nowMs);
  }

  /** Shows this moment from now on: it tells how much of the corrections is shown. */
  show(nowMs: number): void {
    this.#shown.nowMs = nowMs;
  }

  /** What of the player's lives at the predicted tick under this id: the server's, or one of prediction's own. */
  get(id: number): Readonly<Mover<S, Kind<S>>> | undefined {
    const life = this.#lives.get(id);
    return life?.entity && (this.#viewOf(life) as unknown as Readonly<Mover<S, Kind<S>>>);
  }

  /** The same by the index of the server's entity, as `OwnState.avatarIndex` has it. */
  at(index: number): Readonly<Mover<S, Kind<S>>> | undefined {
    const life = this.#lives.lives.find(({ id, isTold }) => isTold && entityIndex(id) === index);
    return life && this.get(life.id);
  }

  /** True for what the server told of that is shown here, or has ended here already: it is not to be shown from the store. */
  hides(id: number): boolean {
    return this.#lives.isOwn(id);
  }

  /** By how much the number `field` is shown beside where it is predicted; 0 for what is shown as it is. */
  shownError(id: number, field: string): number {
    const life = this.#lives.get(id);
    const n = life?.kind.smoothed.findIndex((smoothed) => smoothed.field.name === field) ?? -1;
    return n < 0 ? 0 : life!.error.at(n, this.#shown.nowMs);
  }

  #compare(store: ReplicaStore, own: OwnState): { readonly wrongFields: number; readonly adopted: number } {
    const lives = this.#lives;
    let wrongFields = 0;
    let adopted = 0;
    let untold = 0;
    for (let record = 0; record < own.size; record += 1) {
      const held = store.at(own.indexes[record]!);
      const version = held && own.versionOf(record, held);
      const exact = version && this.#exact[version.plan.kind.schema.index]!;
      if (held === undefined || version === undefined || !own.exactNumbers(held, exact!)) {
        untold += 1;
        continue;
      }
      // Given away since.
      if (version.owner !== own.playerId || held.newest!.owner !== own.playerId) continue;
      const known = lives.get(version.id);
      // What has no step is moved by the server's rules alone: it is foretold better by its replica.
      if (known === undefined && version.plan.kind.schema.step === undefined) continue;
      const wrong = (known ?? lives.adopt(held)).takeExact(own.tick, exact!, version.values);
      if (known === undefined) adopted += 1;
      else wrongFields += wrong;
    }
    lives.endWaits(own.tick, untold);
    this.#counters.entitiesAdopted += adopted;
    return { wrongFields, adopted };
  }

  #replayFrom(tick: number, nowMs: number): void {
    const { lives } = this.#lives;
    for (const life of lives) life.keepShown();
    this.#lives.restore(tick);
    this.#run();
    for (const life of lives) {
      if (!life.wasShown || life.entity === undefined) continue;
      if (life.error.add(life.before, life.numbers, life.at, nowMs)) this.#counters.snaps += 1;
    }
  }

  /** Runs the ticks up to the one that is wanted, at most 20 of them. */
  #run(): void {
    const { ground } = this.#lives;
    const until = Math.min(
      this.#target,
      ground.tick + MAX_REPLAYED_TICKS,
      this.#confirmedTick + MAX_AHEAD_TICKS,
    );
    while (ground.tick < until) {
      if (ground.tick < this.#reached) this.#counters.replayedTicks += 1;
      this.#lives.step(this.#inputOf(ground.tick), this.#failed);
    }
    this.#reached = Math.max(this.#reached, ground.tick);
  }

  #noteInput(tick: number, input: object): void {
    const slot = tick % HISTORY_TICKS;
    this.#inputTicks[slot] = tick;
    this.#inputs[slot] = input;
  }

  /** What was played at `tick`, else what the server has stand in for it. */
  #inputOf(tick: number): object {
    for (let before = tick; before >= Math.max(0, tick - MAX_REPEATED_TICKS); before -= 1) {
      const slot = before % HISTORY_TICKS;
      if (this.#inputTicks[slot] === before) return this.#inputs[slot]!;
    }
    return this.#neutral;
  }

  #viewOf(life: OwnLife): PredictedEntity {
    life.view ??= new this.#class(life, this.#shown);
    return life.view as PredictedEntity;
  }

  readonly #failed = (): void => {
    this.#counters.stepErrors += 1;
  };
}
