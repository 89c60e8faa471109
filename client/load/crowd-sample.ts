import { TimeHistogram } from "./time-histogram.ts";

/** What is counted of a crowd since its start. */
export interface CrowdCounts {
  /** Ticks that its members were told of. */
  updates: number;
  /** UDP payload and datagrams, from the members' side: up is what they sent. */
  bytesUp: number;
  bytesDown: number;
  packetsUp: number;
  packetsDown: number;
  /** Of packets up, those given up as lost. */
  lostUp: number;
  /** Datagrams that our own sockets did not take. */
  unsent: number;
  /** Datagrams that were refused for any reason. */
  refused: number;
  inputsPlayed: number;
  inputsSkipped: number;
  inputsUnanswered: number;
  /** Of probes: predictions that the server's state contradicted, and ticks run again for it. */
  corrections: number;
  replayedTicks: number;
  /** Entities in sight over all looks of those who read the state. */
  seen: number;
  looks: number;
}

/** How a crowd stands, and what it measured since the last sample. Plain JSON, so that it can come from another process. */
export interface CrowdSample {
  /** Members that were asked to join so far, and those who play now. */
  readonly begun: number;
  readonly playing: number;
  /** Never got in; and got in and were lost, unasked. */
  readonly failed: number;
  readonly disconnected: number;
  /** Are to join, and have not got in or failed yet. */
  readonly knocking: number;
  /** How often each reason ended a member's play, and one sentence of each. */
  readonly errors: Readonly<Record<string, number>>;
  readonly details: Readonly<Record<string, string>>;
  readonly counts: CrowdCounts;
  /**
   * Encoded histograms: input → state, of inputs set in ticks and of probes' between ticks; time between states; age of
   * the newest state when a tick is played.
   */
  readonly latency: string;
  readonly anyTime: string;
  readonly interval: string;
  readonly age: string;
  /** How late the event loop of the crowd's process was. */
  readonly late: string;
  /** Of the whole process, since its start. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export function newCrowdCounts(): CrowdCounts {
  return {
    ...{
      updates: 0,
      bytesUp: 0,
      bytesDown: 0,
      packetsUp: 0,
      packetsDown: 0,
      lostUp: 0,
      unsent: 0,
      refused: 0,
    },
    ...{ inputsPlayed: 0, inputsSkipped: 0, inputsUnanswered: 0, corrections: 0, replayedTicks: 0 },
    ...{ seen: 0, looks: 0 },
  };
}

/** The sum of both, or with −1 as `factor` the difference. */
export function addCounts(a: CrowdCounts, b: CrowdCounts, factor: 1 | -1 = 1): CrowdCounts {
  const sum = { ...a };
  for (const name of Object.keys(sum) as (keyof CrowdCounts)[]) sum[name] += factor * b[name];
  return sum;
}

/** How often each reason came, over several crowds. */
export function addReasons(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const each of all) {
    for (const [reason, count] of Object.entries(each)) sum[reason] = (sum[reason] ?? 0) + count;
  }
  return sum;
}

/** All in one histogram. */
export function mergeEncoded(encoded: readonly string[]): TimeHistogram {
  const sum = new TimeHistogram();
  for (const text of encoded) sum.add(TimeHistogram.decode(text));
  return sum;
}
