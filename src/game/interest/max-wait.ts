/** Shortest time after which an entry goes before all that are not overdue, whatever they weigh. */
const MIN_OVERDUE_TICKS = 8;
/** Twice the time in which all would have their turn: so long, priorities decide. */
const OVERDUE_ROUNDS = 2;
/** Most of the budget that tells what has left, as a share. */
export const LEAVES_SHARE = 1 / 4;

/** How long an entry waits before its turn comes whatever it weighs. */
export function overdueAfterTicks(entries: number, meanEntryBytes: number, budgetBytes: number): number {
  return MIN_OVERDUE_TICKS + OVERDUE_ROUNDS * Math.ceil((entries * meanEntryBytes) / budgetBytes);
}

/**
 * The most ticks that a change of a visible entity waits until it is sent, with `visible` entries of at most
 * `entryBytes` each (gap and group head included) and a budget of at least `budgetBytes` per tick, of which the
 * avatar takes at most `avatarBytes`. A budget of several packets counts less, by `entryBytes` + 16 for each
 * packet after the first.
 *
 * Proof: it is overdue after `overdueAfterTicks` at the latest, for the mean is no greater than the most. From
 * then on only what has waited as long or longer goes before it, each at most once, for what was sent waits anew;
 * and of those at least one leaves per tick, and at least ⌊(¾ budget − avatar) / entryBytes⌋.
 */
export function maxWaitTicks(
  visible: number,
  entryBytes: number,
  budgetBytes: number,
  avatarBytes: number,
): number {
  const perTick = Math.floor((budgetBytes * (1 - LEAVES_SHARE) - avatarBytes) / entryBytes);
  return overdueAfterTicks(visible, entryBytes, budgetBytes) + Math.ceil(visible / Math.max(1, perTick));
}
