/** How it stands with the way to a player, as this end knows it. */
export interface LinkQuality {
  /** Smoothed round trip in milliseconds; undefined before the first. */
  readonly rttMs: number | undefined;
  /** How much round trips vary. */
  readonly jitterMs: number;
  /** Share of our packets that got lost of late, 0 to 1. */
  readonly lossRatio: number;
  /** How long our packets wait in queues on their way. */
  readonly queueingDelayMs: number;
  /** What may be sent. */
  readonly bytesPerSecond: number;
  /** What arrived of late. */
  readonly deliveredBytesPerSecond: number;
}

/** Of a player without a connection, as in a room that is tested alone. */
export const NO_LINK: LinkQuality = {
  rttMs: undefined,
  jitterMs: 0,
  lossRatio: 0,
  queueingDelayMs: 0,
  bytesPerSecond: 0,
  deliveredBytesPerSecond: 0,
};
