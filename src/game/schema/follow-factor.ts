/**
 * k: how many steps of a follower one step of its rate moves it per tick. The order of these operations is part of
 * the wire: both ends multiply by this very double.
 */
export function followFactor(rateStep: number, step: number, tickRate: number): number {
  return rateStep / (step * tickRate);
}
