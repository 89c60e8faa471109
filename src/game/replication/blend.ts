/*
 * What is shown between two ticks. At a tick itself a field is what was told of it, exactly.
 *
 *   a, b   replicas at the tick before and at the one after      p   how far it is from one to the other, 0 … 1
 *
 *   fixed, halves of a vec2   a + (b − a) · p
 *   angle                     the same the short way round; of two ways that are as short, the one that turns back
 *   all else                  a, until it is the tick of b
 *
 * Whole numbers are among "all else": half a hit point is nothing that the server ever had. So is what jumps: a ship that
 * is put elsewhere must not be seen flying there.
 */
import { numberAt, type Version } from "./held-entity.ts";
import { Form, type PlannedField } from "./replica-plan.ts";

/** A follower jumps if it gets on by so many times what its rates explain, and by so many steps. */
const JUMP_RATIO = 4;
const JUMP_STEPS = 64;
/** What follows no rate jumps if it gets on by more than this share of its range. */
const JUMP_SHARE = 1 / 4;

/** How a field is shown between two ticks. */
export const Blend = { none: 0, number: 1, angle: 2, vector: 3 } as const;
export type Blend = (typeof Blend)[keyof typeof Blend];

export function blendOf({ schema }: PlannedField): Blend {
  switch (schema.spec.type) {
    case "fixed":
      return Blend.number;
    case "angle":
      return Blend.angle;
    case "vec2":
      return Blend.vector;
    default:
      return Blend.none;
  }
}

/** The replica, with fractions, of a number between `tick`, when `from` is in force, and the next, when `to` is. */
export function numberBetween(
  from: Version,
  to: Version,
  field: PlannedField,
  tick: number,
  part: number,
): number {
  const a = numberAt(from, field, 0, tick);
  const b = numberAt(to, field, 0, tick + 1);
  return jumps(from, to, field, b - a) ? a : a + (b - a) * part;
}

/** Of one of `directions`, in directions too, below that many. */
export function angleBetween(a: number, b: number, directions: number, part: number): number {
  let turn = b - a;
  if (turn >= directions / 2) turn -= directions;
  else if (turn < -directions / 2) turn += directions;
  const shown = a + turn * part;
  const wrapped = shown < 0 ? shown + directions : shown;
  // Just below 0 rounding comes to a whole turn.
  return wrapped >= directions ? wrapped - directions : wrapped;
}

/** Both halves of a vector, which jump together. */
export function vectorBetween(
  from: Version,
  to: Version,
  field: PlannedField,
  part: number,
): readonly [number, number] {
  const { place } = field;
  const [x, y] = [from.numbers[place]!, from.numbers[place + 1]!];
  const wayX = to.numbers[place]! - x;
  const wayY = to.numbers[place + 1]! - y;
  if (jumps(from, to, field, wayX) || jumps(from, to, field, wayY)) return [x, y];
  return [x + wayX * part, y + wayY * part];
}

function jumps(from: Version, to: Version, field: PlannedField, way: number): boolean {
  // Going on by itself it may only be held at the end of its range.
  if (from === to || way === 0) return false;
  const steps = Math.abs(way);
  if (field.form === Form.follower) {
    const { factor, ratePlace } = field;
    const before = Math.abs(from.numbers[ratePlace]! * factor);
    const after = Math.abs(to.numbers[ratePlace]! * factor);
    return steps > JUMP_STEPS + JUMP_RATIO * Math.max(before, after);
  }
  const { least, most } = field.bounds;
  return steps > (most - least) * JUMP_SHARE;
}
