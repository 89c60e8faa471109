/** What carries make exact, as plain data. */
import type { OwnState } from "../../src/game/replication/own-state.ts";
import type { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import { float64Bits } from "./source/game-vectors.ts";

export interface PlainExact {
  readonly id: number;
  readonly kind: string;
  /** By field name: the bits of each stored number, two for a vec2. */
  readonly numbers: Readonly<Record<string, readonly string[]>>;
}

/** Of whom all is known, in the order of ids. */
export function plainExact(state: OwnState, store: ReplicaStore): PlainExact[] {
  const exact: PlainExact[] = [];
  for (const { entities } of store.present) {
    for (const held of entities) {
      const { id, plan } = held.newest!;
      const stored = new Float64Array(plan.kind.numberPlaces);
      if (!state.exactNumbers(held, stored)) continue;
      const numbers: Record<string, string[]> = {};
      for (const { place, schema } of plan.fields) {
        if (schema.codec.scalar === undefined) continue;
        numbers[schema.name] = Array.from(stored.slice(place, place + schema.codec.width), float64Bits);
      }
      exact.push({ id, kind: plan.kind.schema.name, numbers });
    }
  }
  return exact.sort((a, b) => a.id - b.id);
}
