/** Whole ticks as plain columns, for dumps and tests: a server's from what it captured, a client's from what it was told. */
import type { Game } from "../schema/define-game.ts";
import type { Replica } from "../schema/field-codec.ts";
import type { Shape } from "../schema/shape.ts";
import { type HeldEntity, numberAt } from "./held-entity.ts";
import { CURRENT } from "./kind-history.ts";
import type { ReplicaHistory } from "./replica-history.ts";
import { Form, type PlannedField, replicaPlans } from "./replica-plan.ts";
import type { ReplicaStore } from "./replica-store.ts";
import type { KindSnapshot, Snapshot } from "./snapshot.ts";

/** The newest captured tick, with all fields that anyone is sent. */
export function snapshotOfHistory(history: ReplicaHistory): Snapshot {
  const { tick, kinds, ids, owners, kindOf, rowOf } = history;
  const indexesByKind: number[][] = kinds.map(() => []);
  for (const [index, id] of ids.entries()) if (id !== 0) indexesByKind[kindOf[index]!]!.push(index);
  return joined(
    tick,
    kinds.map((kind, k) => {
      const indexes = indexesByKind[k]!;
      const read = (index: number, field: PlannedField, half: number): Replica => {
        const row = rowOf[index]!;
        if (field.form === Form.value) return kind.value(row, CURRENT, field.place);
        return kind.numberAt(row, CURRENT, field, half, tick);
      };
      return {
        schema: kind.plan.schema,
        ids: Float64Array.from(indexes, (index) => ids[index]!),
        owners: Float64Array.from(indexes, (index) => owners[index]!),
        ...columnsOf(kind.plan.fields, indexes, read),
      };
    }),
  );
}

/** What a client holds at `tick`, with the fields that everyone may see. */
export function snapshotOfStore(game: Game<Shape>, store: ReplicaStore, tick: number): Snapshot {
  const versionOf = (entity: HeldEntity) => entity.versionAt(tick) ?? entity.versions[0]!;
  return joined(
    tick,
    replicaPlans(game).map((plan, k) => {
      const { entities } = store.present[k]!;
      const read = (entity: HeldEntity, field: PlannedField, half: number): Replica => {
        const version = versionOf(entity);
        if (field.form === Form.value) return version.values[field.place];
        return numberAt(version, field, half, Math.max(tick, version.tick));
      };
      return {
        schema: plan.schema,
        ids: Float64Array.from(entities, (entity) => versionOf(entity).id),
        owners: Float64Array.from(entities, (entity) => versionOf(entity).owner),
        ...columnsOf(plan.views[0].fields, entities, read),
      };
    }),
  );
}

function columnsOf<E>(
  fields: readonly PlannedField[],
  entities: readonly E[],
  read: (entity: E, field: PlannedField, half: number) => Replica,
): Pick<KindSnapshot, "numbers" | "values"> {
  const numbers: Float64Array[] = [];
  const values: Replica[][] = [];
  for (const field of fields) {
    const { codec, column } = field.schema;
    if (field.form === Form.value) values[column] = entities.map((entity) => read(entity, field, 0));
    for (let half = 0; codec.scalar !== undefined && half < codec.width; half += 1) {
      numbers[column + half] = Float64Array.from(entities, (entity) => read(entity, field, half) as number);
    }
  }
  return { numbers, values };
}

function joined(tick: number, kinds: readonly KindSnapshot[]): Snapshot {
  return { tick, kinds, size: kinds.reduce((sum, { ids }) => sum + ids.length, 0) };
}
