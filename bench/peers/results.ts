import type { Case } from "./options.ts";
import { type Run, type Summary, summarize } from "./summary.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly memoryGb: number;
  /** Of the minute before the first run: what else the machine had to do. */
  readonly load: number;
}

export interface PeerFacts {
  readonly name: string;
  readonly transport: string;
  readonly does: string;
  readonly settings: string;
  /** Of its packages and of its runtime. */
  readonly versions: Readonly<Record<string, string>>;
}

/** All there is of one bench, as `--json` writes it. */
export interface Results {
  /** ISO 8601. */
  readonly date: string;
  readonly command: string;
  readonly isPreliminary: boolean;
  readonly machine: Machine;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly repeats: number;
  readonly probes: number;
  readonly cases: readonly Case[];
  readonly peers: readonly PeerFacts[];
  readonly runs: readonly Run[];
}

/** What came of a peer in a case: a summary, or why there is none. */
export interface Cell {
  readonly summary?: Summary;
  /** Of runs that failed. */
  readonly failures: readonly string[];
}

export function cellOf({ runs }: Results, peer: string, { name, clients }: Case): Cell {
  const own = runs.filter((run) => run.peer === peer && run.case === name);
  const reports = own.flatMap(({ report }) => (report === undefined ? [] : [report]));
  const failures = [...new Set(own.flatMap(({ failure }) => (failure === undefined ? [] : [failure])))];
  return { ...(reports.length > 0 && { summary: summarize(reports, clients) }), failures };
}

/** More of a core than this, and what is measured may be the bench. */
const BUSY_PERCENT = 80;
/** More than this, and the link or the bench's timers made latencies longer. */
const LATE_MS = 5;
const LEAST_TICKS_PER_SECOND = 29;
/** Of updates that were sent where nothing should be lost. */
const LEAST_STATES_PERCENT = 98;

/** What makes a cell's figures doubtful, in a few words each. */
export function doubtsOf(summary: Summary, clients: number): string[] {
  const doubts: string[] = [];
  const { playersCorePercent, linkLateP99Ms, latenessP99Ms, ticksPerSecond, playersLost } = summary;
  const { statesPercent, linkLossPercent, fewestShips } = summary;
  if (playersCorePercent.median > BUSY_PERCENT) {
    doubts.push(`the players took ${playersCorePercent.median.toFixed(0)} % of their core`);
  }
  if ((linkLateP99Ms?.median ?? 0) > LATE_MS) {
    doubts.push(`the link was ${linkLateP99Ms!.median.toFixed(0)} ms late (p99)`);
  }
  if (latenessP99Ms.median > LATE_MS) {
    doubts.push(`the players' timers were ${latenessP99Ms.median.toFixed(0)} ms late (p99)`);
  }
  if (ticksPerSecond.median < LEAST_TICKS_PER_SECOND) {
    doubts.push(`the server made ${ticksPerSecond.median.toFixed(1)} ticks a second instead of 30`);
  }
  if (linkLossPercent === undefined && statesPercent.median < LEAST_STATES_PERCENT) {
    doubts.push(`only ${statesPercent.median.toFixed(0)} % of the states were read`);
  }
  if (fewestShips < clients) doubts.push(`a state had ${fewestShips} ships of ${clients}`);
  if (playersLost > 0) doubts.push(`${playersLost} players were lost`);
  return doubts;
}
