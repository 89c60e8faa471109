/*
 * How the replica of a field that follows a rate goes on from tick to tick: the same integers on both ends, so that
 * only what they could not foresee has to be sent. All numbers are IEEE doubles, operations in the order written.
 *
 *   v        replica of the rate              k   `followFactor`: steps per tick and step of the rate
 *   t        full tick                        d   ⌊((v · k) · t) + ½⌋, the way a constant rate has come by tick t
 *
 *   going on from t0 to t1 > t0     R(t1) = R(t0) + (d(t1) − d(t0)), clamped into the field's range
 *   anchored at t, truth x steps    R(t)  = ⌊x − v·k·t + ½⌋ + d(t), clamped likewise
 *
 * Ticks are absolute, so the parts of a way add up to the whole and nothing drifts. A rate that changes at tick c
 * moves its followers from c − 1 to c already. Exact while |v·k·t| is below 2^52; beyond that it is merely in range.
 */

/** How far from the truth, in steps, a replica may go on before it is anchored anew. */
export const TOLERANCE_STEPS = 1.5;

/** ⌊v·k·t + ½⌋ */
export function travelled(rate: number, factor: number, tick: number): number {
  return Math.floor(rate * factor * tick + 0.5);
}

export function clampedReplica(replica: number, least: number, most: number): number {
  return replica < least ? least : replica > most ? most : replica;
}

/** What `replica` at tick `from` is at tick `to`, if the rate stays. */
export function carriedOn(
  replica: number,
  rate: number,
  factor: number,
  from: number,
  to: number,
  least: number,
  most: number,
): number {
  const way = travelled(rate, factor, to) - travelled(rate, factor, from);
  return clampedReplica(replica + way, least, most);
}

/** What `replica` at tick `from` is at tick `to`, if the rate changed from `before` to `after` at tick `changed`. */
export function carriedOverChange(
  replica: number,
  before: number,
  after: number,
  factor: number,
  from: number,
  changed: number,
  to: number,
  least: number,
  most: number,
): number {
  if (before === after) return carriedOn(replica, before, factor, from, to, least, most);
  const middle = carriedOn(replica, before, factor, from, changed - 1, least, most);
  return carriedOn(middle, after, factor, changed - 1, to, least, most);
}

/** The replica of a truth of `steps` (with fractions) from which going on stays within a step of steady motion. */
export function anchored(
  steps: number,
  rate: number,
  factor: number,
  tick: number,
  least: number,
  most: number,
): number {
  const start = Math.floor(steps - rate * factor * tick + 0.5);
  return clampedReplica(start + travelled(rate, factor, tick), least, most);
}

/** True while a replica may go on by itself. */
export function isNearTruth(replica: number, steps: number): boolean {
  const off = replica - steps;
  return off <= TOLERANCE_STEPS && off >= -TOLERANCE_STEPS;
}
