import type { View } from "../schema/client-types.ts";
import type { Game } from "../schema/define-game.ts";
import type { Shape } from "../schema/shape.ts";
import { entityIndex } from "../world/entity-store.ts";
import type { HeldEntity } from "./held-entity.ts";
import { replicaPlans } from "./replica-plan.ts";
import type { ReplicaStore } from "./replica-store.ts";
import { type SeenEntity, type ShownTime, seenClass } from "./seen-entity.ts";
import type { SightEvent, SightWatcher } from "./sight-event.ts";

/** So many comings and goings wait for their time; the oldest go ahead of it when there are more. */
const MAX_WAITING = 16_384;

/** Who comes or goes once it is time. */
interface Waiting {
  readonly event: SightEvent;
  readonly seen: SeenEntity;
}

/** The entities of one kind in the view, in the order of ids. */
class SeenKind implements Iterable<SeenEntity> {
  readonly #entities: SeenEntity[] = [];

  get size(): number {
    return this.#entities.length;
  }

  get(id: number): SeenEntity | undefined {
    const entity = this.#entities[this.#placeOf(entityIndex(id))];
    return entity?.id === id ? entity : undefined;
  }

  [Symbol.iterator](): IterableIterator<SeenEntity> {
    return this.#entities[Symbol.iterator]();
  }

  "~add"(seen: SeenEntity): void {
    this.#entities.splice(this.#placeOf(seen["~index"]), 0, seen);
  }

  "~remove"(seen: SeenEntity): void {
    this.#entities.splice(this.#placeOf(seen["~index"]), 1);
  }

  /** The first place whose index is not below `index`: no two have the same at a time. */
  #placeOf(index: number): number {
    const entities = this.#entities;
    let low = 0;
    let high = entities.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entities[middle]!["~index"] < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Shows what a store holds, at whatever time: between two ticks what lies between. An entity is in the view from the
 * tick at which it came in sight until that at which it is gone, whenever that was heard of. One view per store.
 */
export class StoreView<S extends Shape> implements SightWatcher {
  /** What game code sees as `client.view`: the same object for good. */
  readonly view: View<S>;
  readonly #shown: ShownTime = { time: 0, tick: 0, part: 0 };
  /** Up to here came and went who had to. */
  #time = Number.NEGATIVE_INFINITY;
  readonly #kinds: readonly SeenKind[];
  readonly #names: readonly string[];
  readonly #class: typeof SeenEntity;
  /** By entity index: who is in the view. */
  readonly #byIndex = new Map<number, SeenEntity>();
  /** By rising tick; of the same tick, as it was heard of. */
  readonly #waiting: Waiting[] = [];
  #sightings: SightEvent[] = [];

  constructor(game: Game<S>, store: ReplicaStore) {
    const plans = replicaPlans(game as unknown as Game<Shape>);
    this.#class = seenClass(plans);
    this.#names = plans.map(({ schema }) => schema.name);
    this.#kinds = plans.map(() => new SeenKind());
    const shown = this.#shown;
    const view = Object.defineProperty({}, "tick", { get: () => shown.time, enumerable: true });
    for (const [kind, name] of this.#names.entries()) {
      Object.defineProperty(view, name, { value: this.#kinds[kind], enumerable: true });
    }
    this.view = view as View<S>;
    store.watcher = this;
    for (const [kind, { entities }] of store.present.entries()) {
      for (const entity of entities) {
        const { id, tick } = entity.newest!;
        this.sighted({ what: "entered", tick, id, kind }, entity);
      }
    }
  }

  /**
   * Shows this time from now on, in ticks with fractions. Fields are computed when they are read. Who came or went by
   * then does so now; showing an earlier time brings nobody back.
   */
  show(time: number): void {
    const shown = this.#shown;
    shown.time = time;
    shown.tick = Math.floor(time);
    shown.part = time - shown.tick;
    if (time > this.#time) this.#time = time;
    this.#pass();
  }

  /** Who came into the view and went from it since the last call, by rising tick. */
  takeSightings(): readonly SightEvent[] {
    const sightings = this.#sightings;
    if (sightings.length > 0) this.#sightings = [];
    return sightings;
  }

  /** The entity in the view that lives at this index, typed by the caller, who knows the game. */
  at(index: number): { readonly owner: number | undefined } | undefined {
    return this.#byIndex.get(index);
  }

  sighted(event: SightEvent, entity: HeldEntity): void {
    let seen: SeenEntity;
    if (event.what === "entered") {
      seen = new this.#class(event, this.#names[event.kind]!, entity, this.#shown);
      entity.shownAs = seen;
    } else {
      seen = entity.shownAs as SeenEntity;
      seen["~end"](entity.newest!, event.tick);
    }
    const waiting = this.#waiting;
    let place = waiting.length;
    while (place > 0 && waiting[place - 1]!.event.tick > event.tick) place -= 1;
    waiting.splice(place, 0, { event, seen });
    if (waiting.length > MAX_WAITING) this.#do(waiting.shift()!);
  }

  #pass(): void {
    const waiting = this.#waiting;
    let passed = 0;
    for (; passed < waiting.length && waiting[passed]!.event.tick <= this.#time; passed += 1) {
      this.#do(waiting[passed]!);
    }
    if (passed > 0) waiting.splice(0, passed);
  }

  #do({ event, seen }: Waiting): void {
    const kind = this.#kinds[event.kind]!;
    if (event.what === "entered") {
      kind["~add"](seen);
      this.#byIndex.set(seen["~index"], seen);
    } else {
      kind["~remove"](seen);
      this.#byIndex.delete(seen["~index"]);
      seen["~entity"] = undefined;
    }
    // Of those that nobody takes only so many are kept.
    if (this.#sightings.length < MAX_WAITING) this.#sightings.push(event);
  }
}
