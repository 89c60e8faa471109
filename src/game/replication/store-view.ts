import type { View } from "../schema/client-types.ts";
import type { Game } from "../schema/define-game.ts";
import type { Shape } from "../schema/shape.ts";
import type { HeldEntity, Onlooker, Version } from "./held-entity.ts";
import { numberAt } from "./held-entity.ts";
import { Form, type KindPlan, type PlannedField, replicaPlans } from "./replica-plan.ts";
import type { ReplicaStore } from "./replica-store.ts";

/** The tick that is shown, shared by all that show it. */
interface Shown {
  tick: number;
}

/**
 * An entity as a client sees it: the same object for as long as it is in sight; afterwards it gives what was seen
 * last. A subclass per game has a getter per field name, which computes the field at the shown tick: so a tick costs
 * nothing but what game code reads.
 */
class SeenEntity implements Onlooker {
  readonly id: number;
  readonly kind: string;
  readonly "~kind": number;
  readonly "~shown": Shown;
  "~entity": HeldEntity | undefined;
  /** Once it is gone: what was seen last, and when. */
  "~last": Version | undefined = undefined;
  "~lastTick" = 0;

  constructor(entity: HeldEntity, shown: Shown) {
    const { id, plan } = entity.newest!;
    this.id = id;
    this.kind = plan.kind.schema.name;
    this["~kind"] = plan.kind.schema.index;
    this["~shown"] = shown;
    this["~entity"] = entity;
  }

  get owner(): number | undefined {
    return this["~version"]().owner || undefined;
  }

  lost(last: Version): void {
    this["~entity"] = undefined;
    this["~last"] = last;
    this["~lastTick"] = Math.max(this["~shown"].tick, last.tick);
  }

  /** What is in force at the shown tick; before the first version the first. */
  "~version"(): Version {
    const entity = this["~entity"];
    if (entity === undefined) return this["~last"]!;
    return entity.versionAt(this["~shown"].tick) ?? entity.versions[0]!;
  }

  "~tick"(version: Version): number {
    const tick = this["~entity"] === undefined ? this["~lastTick"] : this["~shown"].tick;
    return tick < version.tick ? version.tick : tick;
  }
}

function seenClass(plans: readonly KindPlan[]): typeof SeenEntity {
  class GameSeenEntity extends SeenEntity {}
  const names = new Set(plans.flatMap(({ schema }) => schema.fields.map(({ name }) => name)));
  for (const name of names) {
    const byKind = plans.map(({ fields }) => reading(fields.find(({ schema }) => schema.name === name)));
    Object.defineProperty(GameSeenEntity.prototype, name, {
      enumerable: true,
      get(this: SeenEntity) {
        const read = byKind[this["~kind"]];
        if (read === undefined) return undefined;
        const version = this["~version"]();
        const { field, factor } = read;
        if (field.viewer > version.plan.viewer) return undefined;
        if (factor === 0) return unpacked(field, version);
        const replica =
          field.form === Form.follower
            ? numberAt(version, field, 0, this["~tick"](version))
            : version.numbers[field.place]!;
        return replica * factor;
      },
    });
  }
  return GameSeenEntity;
}

/** How a field is read: numbers that only need a factor without a call. */
function reading(
  field: PlannedField | undefined,
): { readonly field: PlannedField; readonly factor: number } | undefined {
  if (field === undefined) return undefined;
  const { scalar, width } = field.schema.codec;
  const isPlain = scalar !== undefined && width === 1 && scalar.direct !== "none";
  return { field, factor: isPlain ? scalar.step : 0 };
}

function unpacked({ form, place, schema }: PlannedField, { numbers, values }: Version): unknown {
  if (form === Form.value) return schema.codec.unpack(values[place]);
  if (form === Form.vector) return schema.codec.unpack([numbers[place]!, numbers[place + 1]!]);
  return schema.codec.unpack(numbers[place]!);
}

/** The entities of one kind in sight, in the order of ids. */
class SeenKind implements Iterable<SeenEntity> {
  readonly #class: typeof SeenEntity;
  readonly #store: ReplicaStore;
  readonly #kind: number;
  readonly #shown: Shown;

  constructor(seen: typeof SeenEntity, store: ReplicaStore, kind: number, shown: Shown) {
    this.#class = seen;
    this.#store = store;
    this.#kind = kind;
    this.#shown = shown;
  }

  get size(): number {
    return this.#store.present[this.#kind]!.entities.length;
  }

  get(id: number): SeenEntity | undefined {
    const entity = this.#store.get(id);
    return entity?.newest?.plan.kind.schema.index === this.#kind ? this.seen(entity) : undefined;
  }

  *[Symbol.iterator](): IterableIterator<SeenEntity> {
    for (const entity of this.#store.present[this.#kind]!.entities) yield this.seen(entity);
  }

  seen(entity: HeldEntity): SeenEntity {
    entity.onlooker ??= new this.#class(entity, this.#shown);
    return entity.onlooker as SeenEntity;
  }
}

/** Shows what a store holds, at whatever tick. One view per store. */
export class StoreView<S extends Shape> {
  /** What game code sees as `client.view`: the same object for good. */
  readonly view: View<S>;
  readonly #shown: Shown = { tick: 0 };
  readonly #store: ReplicaStore;
  readonly #kinds: readonly SeenKind[];

  constructor(game: Game<S>, store: ReplicaStore) {
    this.#store = store;
    const plans = replicaPlans(game as unknown as Game<Shape>);
    const seen = seenClass(plans);
    this.#kinds = plans.map((_, kind) => new SeenKind(seen, store, kind, this.#shown));
    const shown = this.#shown;
    const view = Object.defineProperty({}, "tick", { get: () => shown.tick, enumerable: true });
    for (const [kind, { schema }] of plans.entries()) {
      Object.defineProperty(view, schema.name, { value: this.#kinds[kind], enumerable: true });
    }
    this.view = view as View<S>;
  }

  /** Shows this tick from now on. Fields are computed when they are read. */
  show(tick: number): void {
    this.#shown.tick = tick;
  }

  /** The entity in sight that lives at this index, typed by the caller, who knows the game. */
  at(index: number): { readonly owner: number | undefined } | undefined {
    const entity = this.#store.at(index);
    return entity && this.#kinds[entity.newest!.plan.kind.schema.index]!.seen(entity);
  }
}
