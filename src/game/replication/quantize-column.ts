import { type Scalar, TAU } from "../schema/scalar.ts";

/*
 * `Scalar.quantize` for whole columns of numbers, and in the same pass a flag for each row whose replica is not the one
 * that was known: a call or a pass more per value would double what a capture costs.
 */

/** 1 ÷ step where multiplying gives the same bits as dividing: for powers of two. Else 0. */
export function stepsPerUnit(step: number): number {
  const perUnit = 1 / step;
  return 2 ** Math.round(Math.log2(step)) === step && Number.isFinite(perUnit) ? perUnit : 0;
}

/** Fills `into` with the replicas of `stored`, and sets `bit` of `flags` where they differ from `known`. */
export function quantizeColumn(
  scalar: Scalar,
  stored: Float64Array,
  into: Float64Array,
  known: Float64Array,
  flags: Uint8Array,
  rows: number,
  bit: number,
): void {
  const { step, least, most, low, high } = scalar;
  if (step === 0) {
    quantizeAngles(most + 1, stored, into, known, flags, rows, bit);
    return;
  }
  const perUnit = stepsPerUnit(step);
  // What lies between two multiples does so after rounding: nothing to clamp.
  const isWhole = least * step === low && most * step === high;
  if (perUnit > 0 && isWhole) {
    quantizePlain(perUnit, stored, into, known, flags, rows, bit);
    return;
  }
  for (let row = 0; row < rows; row += 1) {
    const multiple = Math.floor(stored[row]! / step + 0.5);
    const replica = multiple < least ? least : multiple > most ? most : multiple;
    into[row] = replica;
    if (replica !== known[row]) flags[row]! |= bit;
  }
}

function quantizePlain(
  perUnit: number,
  stored: Float64Array,
  into: Float64Array,
  known: Float64Array,
  flags: Uint8Array,
  rows: number,
  bit: number,
): void {
  for (let row = 0; row < rows; row += 1) {
    const replica = Math.floor(stored[row]! * perUnit + 0.5);
    into[row] = replica;
    if (replica !== known[row]) flags[row]! |= bit;
  }
}

function quantizeAngles(
  directions: number,
  stored: Float64Array,
  into: Float64Array,
  known: Float64Array,
  flags: Uint8Array,
  rows: number,
  bit: number,
): void {
  for (let row = 0; row < rows; row += 1) {
    const direction = Math.floor((stored[row]! / TAU) * directions + 0.5);
    const replica = direction === directions ? 0 : direction;
    into[row] = replica;
    if (replica !== known[row]) flags[row]! |= bit;
  }
}

/** Sets `bit` of `flags` where `stored`, replicas as they are, differs from `known`. */
export function flagNumbers(
  stored: Float64Array,
  known: Float64Array,
  flags: Uint8Array,
  rows: number,
  bit: number,
): void {
  for (let row = 0; row < rows; row += 1) if (stored[row] !== known[row]) flags[row]! |= bit;
}
