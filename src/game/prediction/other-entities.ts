import { type HeldEntity, numberAt, type Version } from "../replication/held-entity.ts";
import { Form } from "../replication/replica-plan.ts";
import type { ReplicaStore } from "../replication/replica-store.ts";
import type { EntityView } from "../world/entity-view.ts";
import { type PredictedKind, storedOf, type ToldNumber } from "./predicted-kind.ts";
import type { PredictionGround } from "./prediction-ground.ts";

interface Other {
  readonly held: HeldEntity;
  readonly view: EntityView;
  readonly kind: PredictedKind;
}

/**
 * All in sight that is not predicted, in the world that steps run in: it stands where what the server told last foretells
 * it to be.
 */
export class OtherEntities {
  readonly #ground: PredictionGround;
  readonly #kinds: readonly PredictedKind[];
  /** By kind: its numbers that go on by themselves. */
  readonly #followers: readonly (readonly ToldNumber[])[];
  readonly #byIndex = new Map<number, Other>();

  constructor(ground: PredictionGround, kinds: readonly PredictedKind[]) {
    this.#ground = ground;
    this.#kinds = kinds;
    this.#followers = kinds.map(({ numbers }) =>
      numbers.filter(({ planned }) => planned.form === Form.follower),
    );
  }

  get size(): number {
    return this.#byIndex.size;
  }

  /** Makes room for what is to be put where another stands: what is predicted from now on, and who came in its place. */
  clear(store: ReplicaStore, isPredicted: (id: number) => boolean): void {
    for (const [index, { held, view }] of this.#byIndex) {
      const stays = held.isPresent && held.newest!.id === view.id && store.at(index) === held;
      if (stays && !isPredicted(view.id)) continue;
      this.#remove(index, view);
    }
  }

  /** Nobody stands at this index any more. */
  release(index: number): void {
    const other = this.#byIndex.get(index);
    if (other !== undefined) this.#remove(index, other.view);
  }

  /** Takes over what the store holds, as it is foretold for `tick`. After `clear`. */
  sync(store: ReplicaStore, tick: number, isPredicted: (id: number) => boolean): void {
    for (const [k, { entities }] of store.present.entries()) {
      const kind = this.#kinds[k]!;
      for (const held of entities) {
        const version = held.newest!;
        if (isPredicted(version.id)) continue;
        const other = this.#byIndex.get(held.index) ?? this.#add(held, version, kind);
        write(other.view, kind, version, tick);
      }
    }
  }

  /** Moves on what moves by itself. */
  moveTo(tick: number): void {
    for (const { held, view, kind } of this.#byIndex.values()) {
      const version = held.newest;
      // Gone since, which the next `clear` will find.
      if (version?.id !== view.id) continue;
      const { numbers } = view["~table"];
      const followers = this.#followers[kind.plan.schema.index]!;
      for (let i = 0; i < followers.length; i += 1) {
        const told = followers[i]!;
        if (told.planned.viewer > version.plan.viewer) continue;
        const replica = numberAt(version, told.planned, 0, tick > version.tick ? tick : version.tick);
        numbers[told.column]![view["~row"]] = storedOf(told, replica);
      }
    }
  }

  #add(held: HeldEntity, version: Version, kind: PredictedKind): Other {
    const table = this.#ground["~store"].tables[kind.plan.schema.index]!;
    const view = this.#ground.put(table, version.id, version.owner);
    const other = { held, view, kind };
    this.#byIndex.set(held.index, other);
    return other;
  }

  #remove(index: number, view: EntityView): void {
    this.#byIndex.delete(index);
    this.#ground.takeOut(view);
  }
}

/** All that is told of it; what is not for the player's eyes stays at its default. */
function write(view: EntityView, kind: PredictedKind, version: Version, tick: number): void {
  const table = view["~table"];
  const row = view["~row"];
  const { viewer } = version.plan;
  const at = tick > version.tick ? tick : version.tick;
  table.noteWritten(row);
  for (const told of kind.numbers) {
    if (told.planned.viewer > viewer) continue;
    table.numbers[told.column]![row] = storedOf(told, numberAt(version, told.planned, told.half, at));
  }
  for (const { place, schema, viewer: least } of kind.values) {
    if (least <= viewer) table.values[schema.column]![row] = version.values[place];
  }
  if (table.owners[row] !== version.owner) view.owner = (version.owner || undefined) as EntityView["owner"];
}
