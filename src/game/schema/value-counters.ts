/** What was wrong with values that game code wrote to fields. Each is a mistake of the game, not of a peer. */
export interface ValueCounters {
  /** Numbers out of their range, moved to its nearest bound. */
  clamped: number;
  /** Fractions written to whole numbers, rounded. */
  rounded: number;
  /** Not a number, an unknown choice, a wrong type: the old value stayed. A message its schema refuses: it is not sent. */
  refused: number;
  /** Texts or lists over their limit, cut. */
  cut: number;
}

export function newValueCounters(): ValueCounters {
  return { clamped: 0, rounded: 0, refused: 0, cut: 0 };
}
