/** While both wait, state gets so many times the bytes of messages. */
const STATE_WEIGHT = 2;
/** Neither is paid back more than this of what it did not use. */
const MOST_LEAD_BYTES = 4_800;

/** Whose turn it is on a path too narrow for both: so neither state nor messages starve. */
export class StateShare {
  /** Bytes of state beyond its share. */
  #lead = 0;

  get isMessagesTurn(): boolean {
    return this.#lead > 0;
  }

  /** What left of each while both waited. */
  note(stateBytes: number, messageBytes: number): void {
    const lead = this.#lead + stateBytes - STATE_WEIGHT * messageBytes;
    this.#lead = Math.max(-MOST_LEAD_BYTES, Math.min(MOST_LEAD_BYTES, lead));
  }
}
