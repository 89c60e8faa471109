import { type Scalar, TAU } from "../schema/scalar.ts";

/*
 * `Scalar.quantize` for rows of a column of numbers, and in the same pass a flag for each row whose replica is not the
 * one that was known: a call or a pass more per value would double what a capture costs.
 */

/** 1 ÷ step where multiplying gives the same bits as dividing: for powers of two. Else 0. */
export function stepsPerUnit(step: number): number {
  const perUnit = 1 / step;
  return 2 ** Math.round(Math.log2(step)) === step && Number.isFinite(perUnit) ? perUnit : 0;
}

/**
 * Fills `into` with the replicas of `stored` in the first `count` rows that `list` names, one after the other, and sets
 * `bit` of `flags` where they differ from `known`, which has `width` numbers per row; theirs is at `place`.
 */
export function quantizeRows(
  scalar: Scalar,
  stored: Float64Array,
  list: Int32Array,
  count: number,
  into: Float64Array,
  known: Float64Array,
  width: number,
  place: number,
  flags: Uint8Array,
  bit: number,
): void {
  const { direct, step, most } = scalar;
  const perUnit = stepsPerUnit(step);
  if (direct !== "any") copyRows(stored, list, count, into, known, width, place, flags, bit);
  else if (step === 0) quantizeAngles(most + 1, stored, list, count, into, known, width, place, flags, bit);
  else if (perUnit > 0) {
    quantizeBinary(perUnit, scalar, stored, list, count, into, known, width, place, flags, bit);
  } else quantizeFixed(scalar, stored, list, count, into, known, width, place, flags, bit);
}

function quantizeFixed(
  { step, least, most }: Scalar,
  stored: Float64Array,
  list: Int32Array,
  count: number,
  into: Float64Array,
  known: Float64Array,
  width: number,
  place: number,
  flags: Uint8Array,
  bit: number,
): void {
  for (let n = 0; n < count; n += 1) {
    const row = list[n]!;
    const multiple = Math.floor(stored[row]! / step + 0.5);
    const replica = multiple < least ? least : multiple > most ? most : multiple;
    into[n] = replica;
    flags[row]! |= replica === known[row * width + place] ? 0 : bit;
  }
}

function quantizeBinary(
  perUnit: number,
  { least, most }: Scalar,
  stored: Float64Array,
  list: Int32Array,
  count: number,
  into: Float64Array,
  known: Float64Array,
  width: number,
  place: number,
  flags: Uint8Array,
  bit: number,
): void {
  for (let n = 0; n < count; n += 1) {
    const row = list[n]!;
    const multiple = Math.floor(stored[row]! * perUnit + 0.5);
    const replica = multiple < least ? least : multiple > most ? most : multiple;
    into[n] = replica;
    flags[row]! |= replica === known[row * width + place] ? 0 : bit;
  }
}

function quantizeAngles(
  directions: number,
  stored: Float64Array,
  list: Int32Array,
  count: number,
  into: Float64Array,
  known: Float64Array,
  width: number,
  place: number,
  flags: Uint8Array,
  bit: number,
): void {
  for (let n = 0; n < count; n += 1) {
    const row = list[n]!;
    const direction = Math.floor((stored[row]! / TAU) * directions + 0.5);
    const replica = direction === directions ? 0 : direction;
    into[n] = replica;
    flags[row]! |= replica === known[row * width + place] ? 0 : bit;
  }
}

/** Numbers that are stored as their replicas. */
function copyRows(
  stored: Float64Array,
  list: Int32Array,
  count: number,
  into: Float64Array,
  known: Float64Array,
  width: number,
  place: number,
  flags: Uint8Array,
  bit: number,
): void {
  for (let n = 0; n < count; n += 1) {
    const row = list[n]!;
    into[n] = stored[row]!;
    flags[row]! |= stored[row] === known[row * width + place] ? 0 : bit;
  }
}
