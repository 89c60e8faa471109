import { type HeldEntity, numberAt } from "../replication/held-entity.ts";
import { sameReplica } from "../schema/same-replica.ts";
import { HISTORY_TICKS, type OwnLife } from "./own-life.ts";
import { differenceOf, firstVersionOf } from "./predicted-kind.ts";

/** What counts as far as one step of a number, where nothing is nearer or farther. */
const OTHER_VALUE_STEPS = 1;

/** Of what has ended in prediction already: it is the one only if there is no other. */
const ENDED_STEPS = Number.MAX_VALUE;

/**
 * Which of the spawns that wait to be confirmed the server's entity is: one of its kind, spawned before it was first told
 * of, that stood nearest to it then, summed over its fields in steps. Of those that stood as near the first, which is the
 * one spawned first. Undefined if none waits.
 */
export function spawnOf(held: HeldEntity, waiting: readonly OwnLife[]): OwnLife | undefined {
  let nearest: OwnLife | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const life of waiting) {
    const steps = distanceInSteps(held, life);
    if (steps >= least) continue;
    least = steps;
    nearest = life;
  }
  return nearest;
}

function distanceInSteps(held: HeldEntity, life: OwnLife): number {
  const first = firstVersionOf(held.versions);
  const { plan, tick } = first;
  const { kind } = life;
  if (plan.kind !== kind.plan || life.spawnTick >= tick) return Number.POSITIVE_INFINITY;
  if (!life.livedAt(tick)) return life.entity === undefined ? ENDED_STEPS : Number.POSITIVE_INFINITY;
  const at = life.offsetOf(tick);
  let sum = 0;
  for (const { planned, half, column, scalar } of kind.numbers) {
    // Ids of others that wait are not the server's.
    if (planned.viewer > plan.viewer || planned.schema.spec.type === "id") continue;
    const replica = numberAt(first, planned, half, tick);
    const turn = planned.schema.spec.type === "angle" ? scalar.most + 1 : 0;
    sum += Math.abs(differenceOf(scalar.quantize(life.numbers[at + column]!), replica, turn));
  }
  const valuesAt = (tick % HISTORY_TICKS) * kind.valueColumns;
  for (const { place, schema, viewer } of kind.values) {
    if (viewer > plan.viewer) continue;
    if (!sameReplica(life.values[valuesAt + schema.column], first.values[place])) sum += OTHER_VALUE_STEPS;
  }
  return sum;
}
