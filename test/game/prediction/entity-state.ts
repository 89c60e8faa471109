import type { KindPlan } from "../../../src/game/replication/replica-plan.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";

/** All that anyone is told of an entity, as it is stored, to the last bit: as text. */
export function entityStateOf(view: EntityView, plans: readonly KindPlan[]): string {
  const table = view["~table"];
  const parts = plans[table.schema.index]!.fields.map(({ schema: { name, codec, column } }) => {
    if (codec.scalar === undefined) return `${name} ${JSON.stringify(table.values[column]![view["~row"]])}`;
    const halves = codec.width === 2 ? [column, column + 1] : [column];
    return `${name} ${halves.map((half) => table.numbers[half]![view["~row"]]).join(" ")}`;
  });
  return `${view.kind} ${parts.join(", ")}`;
}
