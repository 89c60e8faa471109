/** What the server's process says of the time that was measured. */
export interface ServerReport {
  readonly seconds: number;
  readonly players: number;
  /** How long each turn with a tick took, and how late it began, in milliseconds. */
  readonly turns: readonly number[];
  readonly latenesses: readonly number[];
  /** Of the whole process, receiving and garbage collection included. */
  readonly cpuUs: number;
  /** Of that, in the kernel. */
  readonly systemUs: number;
  /** How often time was dropped because ticks could not be caught up. */
  readonly dropped: number;
  readonly bytesSent: number;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
  readonly packetsLost: number;
  /** Ticks of players for which no input had come in time. */
  readonly inputsMissing: number;
  readonly residentBytes: number;
}

/** What a process of players says of it. */
export interface PlayersReport {
  /** Ticks that the server told its players of. */
  readonly updates: number;
  readonly cpuUs: number;
  /** Others in sight of those who read the state, and how often that was counted. */
  readonly seen: number;
  readonly looks: number;
  /** The middle one of all round trips. */
  readonly rttMs: number;
  /** Blocks that could not be read. */
  readonly refused: number;
}
