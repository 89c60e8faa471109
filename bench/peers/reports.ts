/** What the server's process says of the time that was measured. */
export interface ServerReport {
  readonly seconds: number;
  readonly ticks: number;
  /** One tick told to one player. */
  readonly updates: number;
  readonly userUs: number;
  readonly systemUs: number;
  readonly residentBytes: number;
}

/** Latencies of one way to set inputs. */
export interface LatencyReport {
  /** Histograms of microseconds, encoded. */
  readonly all: string;
  readonly used: string;
  readonly inputs: number;
  readonly unused: number;
  readonly unanswered: number;
}

/** What the process of all players says of it. */
export interface PlayersReport {
  readonly players: number;
  readonly lost: number;
  /** States that were read, over all players. */
  readonly states: number;
  /** In any of these. */
  readonly fewestShips: number;
  /** Payload of TCP or UDP, or of WebRTC's channel. */
  readonly bytesDown: number;
  /** In the client's tick, and at any time between two ticks. */
  readonly inTick: LatencyReport;
  readonly anyTime: LatencyReport;
  readonly cpuShare: number;
  /** How late the bench's own timers came, all but one of a hundred. */
  readonly latenessP99Ms: number;
}

/** What the link says of one direction, since it was made; of lateness, since it was asked last. */
export interface LinkCount {
  readonly packets: number;
  readonly lost: number;
  readonly overflowed: number;
  /** With IP headers, those of lost packets included: what was sent. */
  readonly bytes: number;
  /** How much later than it should a packet was handed on, by the relay's own fault. */
  readonly lateP99Ms: number;
}

export interface LinkReport {
  readonly up: LinkCount;
  readonly down: LinkCount;
}

/** One run of one peer. */
export interface RunReport {
  readonly server: ServerReport;
  readonly players: PlayersReport;
  /** Over the same time; undefined on loopback. */
  readonly link?: LinkReport;
  readonly versions: Readonly<Record<string, string>>;
}
