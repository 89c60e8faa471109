import type { Game } from "../schema/define-game.ts";
import { AGE_FULL, MAX_AGE_TICKS } from "../schema/record-ages.ts";
import type { Shape } from "../schema/shape.ts";
import { type EntityStore, entityIndex } from "../world/entity-store.ts";
import { KindHistory, type LifeListener } from "./kind-history.ts";
import { replicaPlans, type Viewer } from "./replica-plan.ts";
import { FORGOTTEN, SurpriseTicks } from "./surprise-ticks.ts";

/** What `ageFor` answers when the player can foretell all there is. */
export const NOTHING_NEW = -1;

/**
 * What a room knows of the replicas of its entities at its newest tick and at the 63 before it. Capture once after
 * each tick that someone is to be told of; everything here is then about that tick until the next capture.
 */
export class ReplicaHistory implements LifeListener {
  tick = -1;
  /** By kind index. */
  readonly kinds: readonly KindHistory[];
  /** By entity index: the id of who lives there, 0 for nobody. */
  ids: Float64Array = new Float64Array(0);
  owners: Float64Array = new Float64Array(0);
  /** By entity index, of the living: kind index and row in its `KindHistory`. */
  kindOf: Uint8Array = new Uint8Array(0);
  rowOf: Int32Array = new Int32Array(0);
  /** By entity index: what was held before this tick cannot be built upon. */
  #fullSince = new Float64Array(0);
  /** By entity index × how many groups there are + group: classes that see the same of every kind are one. */
  readonly #surprises = new SurpriseTicks();
  /** By class. */
  readonly #groupOf: readonly [number, number, number];
  /** By group: bits of the classes whose first sight of a surprise is the group's, too. */
  readonly #seenBy: readonly number[];

  constructor(game: Game<Shape>) {
    const plans = replicaPlans(game);
    this.kinds = plans.map((plan) => new KindHistory(plan));
    const isMore = (viewer: 1 | 2): number =>
      plans.some(({ views }) => views[viewer] !== views[viewer - 1]) ? 1 : 0;
    this.#groupOf = [0, isMore(1), isMore(1) + isMore(2)];
    this.#seenBy = [1, 3, 7].filter((_, viewer) => this.#groupOf[viewer + 1] !== this.#groupOf[viewer]);
  }

  /**
   * Takes the state of a world as that of `tick`, which is newer than the one before.
   *
   * @throws RangeError for a tick that is not newer.
   */
  capture(store: EntityStore, tick: number): void {
    if (!(tick > this.tick)) throw new RangeError(`Tick ${tick} is not newer than ${this.tick}.`);
    this.tick = tick;
    if (store.views.length > this.ids.length) this.#grow(store.views.length);
    for (let k = 0; k < this.kinds.length; k += 1) {
      this.kinds[k]!.capture(store.tables[k]!, tick, tick - MAX_AGE_TICKS, this);
    }
  }

  /**
   * The first tick after `tick` at which what a class sees of the entity is not what the tick before foretold.
   * Infinity if it all was; −1 if it is too long ago to know.
   */
  firstSurpriseAfter(index: number, tick: number, viewer: Viewer): number {
    return this.#surprises.firstAfter(this.#slot(index, viewer), tick);
  }

  /**
   * The newest tick at which a class had to be told of the living entity `index`: by what the tick before did not
   * foretell, its birth first of all, or by another owner.
   */
  newest(index: number, viewer: Viewer): number {
    return Math.max(this.#surprises.newest(this.#slot(index, viewer)), this.#fullSince[index]!);
  }

  /**
   * How to tell a player of the entity as it is now: the age of the version to build upon, in ticks 1 … 63; `AGE_FULL`
   * or `NOTHING_NEW`. `heldTick` is the newest tick whose record of the entity the player has, −1 for none; what was
   * acked from before the player last lost sight of it, or from before its class of viewer changed, does not count.
   *
   * All whose held ticks lie between the same two surprises get the same age, so that one record serves them all.
   */
  ageFor(index: number, heldTick: number, viewer: Viewer): number {
    if (heldTick < this.#fullSince[index]!) return AGE_FULL;
    const surprise = this.#surprises.firstAfter(this.#slot(index, viewer), heldTick);
    if (surprise === Infinity) return NOTHING_NEW;
    const age = this.tick - surprise + 1;
    return surprise === FORGOTTEN || age > MAX_AGE_TICKS ? AGE_FULL : age;
  }

  born(kind: number, row: number, id: number, owner: number): void {
    const index = entityIndex(id);
    this.ids[index] = id;
    this.owners[index] = owner;
    this.kindOf[index] = kind;
    this.rowOf[index] = row;
    this.#fullSince[index] = this.tick;
    const groups = this.#seenBy.length;
    for (let group = 0; group < groups; group += 1) this.#surprises.begin(index * groups + group, this.tick);
  }

  died(id: number): void {
    const index = entityIndex(id);
    // Another may have been born there meanwhile.
    if (this.ids[index] === id) this.ids[index] = 0;
  }

  /** The owner is part of full records only. */
  handedOver(id: number, owner: number): void {
    const index = entityIndex(id);
    this.owners[index] = owner;
    this.#fullSince[index] = this.tick;
  }

  surprised(kind: number, rows: Int32Array, from: number, to: number, flags: Uint8Array): void {
    const { indexes } = this.kinds[kind]!;
    const groups = this.#seenBy.length;
    for (let group = 0; group < groups; group += 1) {
      const seen = this.#seenBy[group]!;
      this.#surprises.markAll(rows, from, to, flags, seen, indexes, groups, group, this.tick);
    }
  }

  #slot(index: number, viewer: Viewer): number {
    return index * this.#seenBy.length + this.#groupOf[viewer];
  }

  #grow(indexes: number): void {
    const room = Math.max(indexes, this.ids.length * 2, 64);
    const [ids, owners, fullSince] = [this.ids, this.owners, this.#fullSince];
    this.ids = new Float64Array(room);
    this.ids.set(ids);
    this.owners = new Float64Array(room);
    this.owners.set(owners);
    this.#fullSince = new Float64Array(room);
    this.#fullSince.set(fullSince);
    const [kindOf, rowOf] = [this.kindOf, this.rowOf];
    this.kindOf = new Uint8Array(room);
    this.kindOf.set(kindOf);
    this.rowOf = new Int32Array(room);
    this.rowOf.set(rowOf);
    this.#surprises.grow(room * this.#seenBy.length);
  }
}
