/*
 * A change of a number that can take M values, least … most, as the msgpack integer that is shortest on the whole:
 * the difference modulo M, of which both d and d − M say the same. It is d up to the bound `wrap`, else d − M:
 *
 *   M ≤ 160    all changes lie within −32 … 127: one byte
 *   M ≤ 256    within −128 … 127: one byte for most
 *   above      the short way around, within ± M ÷ 2
 *
 * Whatever an attacker sends, old + d lands within least … most again.
 */
export interface DeltaBounds {
  readonly least: number;
  readonly most: number;
  /** How many values there are: M. */
  readonly values: number;
  readonly wrap: number;
  /** Bounds of what is written. */
  readonly leastDelta: number;
  readonly mostDelta: number;
}

export function deltaBounds(least: number, most: number): DeltaBounds {
  const values = most - least + 1;
  const wrap = Math.max(127, Math.ceil(values / 2) - 1);
  return {
    ...{ least, most, values, wrap },
    leastDelta: Math.min(0, wrap + 1 - values),
    mostDelta: Math.min(wrap, values - 1),
  };
}

/** What is written for the change from `before` to `after`; 0 for no change. */
export function wrappedDelta(bounds: DeltaBounds, before: number, after: number): number {
  let delta = after - before;
  if (delta < 0) delta += bounds.values;
  return delta > bounds.wrap ? delta - bounds.values : delta;
}

/** The value that `delta`, within its bounds, makes of `before`. */
export function unwrappedDelta(bounds: DeltaBounds, before: number, delta: number): number {
  const after = before + delta;
  if (after > bounds.most) return after - bounds.values;
  return after < bounds.least ? after + bounds.values : after;
}
