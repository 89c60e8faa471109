import type { GameSchema } from "../schema/game-schema.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { Watcher } from "./watcher.ts";

/** What a room says about interest, as `defineRoom` takes it, behind the types. */
export interface InterestOptions<V extends Watcher> {
  readonly radius?: number;
  readonly always?: readonly string[] | ((entity: EntityView) => boolean);
  readonly sees?: (player: V, entity: EntityView) => boolean;
}

/** The same, ready to be asked. */
export interface InterestRules<V extends Watcher> {
  /** Infinity where everyone sees everything. */
  readonly radius: number;
  readonly isAlways: (view: EntityView) => boolean;
  readonly sees: ((player: V, view: EntityView) => boolean) | undefined;
}

/**
 * `failed` hears what the room's functions threw. An entity for which `sees` throws is not seen.
 *
 * @throws Error with one sentence for a radius or a kind that cannot be.
 */
export function interestRules<V extends Watcher>(
  schema: GameSchema,
  options: InterestOptions<V>,
  failed: (error: unknown, where: string) => void,
): InterestRules<V> {
  const { radius = Infinity, always = [], sees } = options;
  if (typeof radius !== "number" || !(radius > 0)) {
    throw new Error(`interest.radius: must be a number greater than 0, not ${String(radius)}`);
  }
  return {
    radius,
    isAlways: radius === Infinity ? () => true : alwaysRule(schema, always, failed),
    sees: sees && guarded(sees, "interest.sees", failed),
  };
}

function alwaysRule(
  schema: GameSchema,
  always: readonly string[] | ((entity: EntityView) => boolean),
  failed: (error: unknown, where: string) => void,
): (view: EntityView) => boolean {
  if (typeof always === "function") return guarded(always, "interest.always", failed);
  for (const name of always) {
    if (!schema.kindByName.has(name)) throw new Error(`interest.always: there is no kind "${name}"`);
  }
  const isAlways = schema.kinds.map(({ name }) => always.includes(name));
  return (view) => isAlways[view["~table"].schema.index]!;
}

/** The same question; what throws is false. */
function guarded<A extends readonly unknown[]>(
  ask: (...about: A) => boolean,
  where: string,
  failed: (error: unknown, where: string) => void,
): (...about: A) => boolean {
  return (...about) => {
    try {
      return ask(...about) === true;
    } catch (error) {
      failed(error, where);
      return false;
    }
  };
}
