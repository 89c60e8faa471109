import { harnessVerdict } from "./harness-verdict.ts";
import type { Knee } from "./knee-search.ts";
import { type AskedWay, askedWay, type LinkPlan } from "./link-profiles.ts";
import type { LoadOutcome } from "./load-run.ts";
import { type HarnessProcess, lossPercent, type SeriesPoint, type WindowResult } from "./load-window.ts";
import {
  latenessBetween,
  type MeanPhases,
  phasesBetween,
  type TickTimes,
  tickTimesBetween,
} from "./server-reading.ts";
import type { HistogramBar, Percentiles, TimeHistogram } from "./time-histogram.ts";

/** A link as it was asked for, and as it was played. */
export interface ReportedLink extends LinkPlan {
  readonly asked: { readonly up: AskedWay; readonly down: AskedWay };
}

/** What a load test says of itself. Times in milliseconds; null where nothing could be measured. */
export interface LoadReport {
  /** Of the server, or of the harness where the server does not say. */
  readonly runtime: string;
  readonly clients: number;
  /** That were measured. */
  readonly seconds: number;
  /** Conditions of the way to the server; null: none but its own. */
  readonly link: ReportedLink | null;
  readonly server: {
    readonly cpuPercent: number;
    /** Of the whole process, for one client told of one tick, with the inputs that came for it. */
    readonly cpuMicrosPerClientUpdate: number;
    readonly rssBytes: number;
    /** How fast memory grew, once it had been used for a quarter of the time; null of less than ten points. */
    readonly rssBytesPerMinute: number | null;
    readonly tickMs: TickTimes;
    readonly tickLatenessP99Ms: number;
    /** What a tick was spent on, on average. */
    readonly tickPhasesMs: MeanPhases;
  } | null;
  readonly traffic: {
    /** UDP payload. */
    readonly bytesPerClientPerSecond: { readonly up: number; readonly down: number };
    /** All payload down, by states times entities in sight. */
    readonly bytesPerEntityUpdate: number;
    readonly packetsPerSecond: { readonly up: number; readonly down: number };
    readonly lossPercent: number;
    readonly lossPercentByWay: { readonly up: number; readonly down: number };
    /** What the link was seen to lose; null without one. */
    readonly lossCausedPercent: { readonly up: number; readonly down: number } | null;
    readonly updatesPerClientPerSecond: number;
  };
  readonly latency: {
    /** From when an input was due to the newest state that has it, read whole by the probes. */
    readonly inputToStateMs: Percentiles;
    /** The same of inputs set at a random moment between two ticks of their client, which sends them with the next. */
    readonly anyTimeToStateMs: Percentiles;
    readonly inputsNeverUsedPercent: number | null;
    /** The same of all clients, light ones included, who read no more than which tick it is. */
    readonly everyClientMs: Percentiles;
    readonly stateIntervalMs: Percentiles;
    /** How long ago the newest state came when a client played a tick. */
    readonly stateAgeMs: Percentiles;
    readonly samples: number;
    /** Inputs that were due while their client stood still or waited, and count from then. */
    readonly inputsSkipped: number;
    readonly inputsUnanswered: number;
  };
  /** Of probes: predictions that the server contradicted, for each probe and minute. */
  readonly correctionsPerMinute: number;
  readonly connected: number;
  readonly failed: number;
  readonly disconnected: number;
  readonly errors: Readonly<Record<string, number>>;
  /** A sentence for each reason. */
  readonly details: Readonly<Record<string, string>>;
  readonly harness: {
    /** True when the harness, not the server, decided some of the figures. */
    readonly isBottleneck: boolean;
    readonly why: readonly string[];
    readonly processes: readonly HarnessProcess[];
  };
  readonly thresholds: readonly ThresholdResult[];
  readonly knee: Knee | null;
  readonly scenario: string;
  readonly isInterrupted: boolean;
  readonly url: string;
  readonly game: string;
  readonly tickRate: number;
  readonly processes: number;
  readonly probes: number;
  readonly version: string;
  readonly startedAt: string;
  readonly series: readonly SeriesPoint[];
  readonly histogram: readonly HistogramBar[];
}

export interface Thresholds {
  readonly maxInputToStateP99Ms?: number;
  readonly maxTickP99Ms?: number;
  readonly minPlayers?: number;
}

export interface ThresholdResult {
  readonly name: keyof Thresholds;
  readonly limit: number;
  /** Null: it could not be measured, which is no success. */
  readonly value: number | null;
  readonly isMet: boolean;
}

/** What the report says that was not measured. */
export interface LoadFrame {
  readonly runtime: string;
  readonly clients: number;
  readonly link: LinkPlan | null;
  readonly scenario: string;
  readonly url: string;
  readonly game: string;
  readonly tickRate: number;
  readonly processes: number;
  readonly version: string;
  readonly startedAt: string;
  readonly thresholds: Thresholds;
}

const NOTHING: Percentiles = { p50: 0, p95: 0, p99: 0, max: 0 };
const BARS = 60;

/** Puts together what came of a load test. */
export function loadReport(frame: LoadFrame, outcome: LoadOutcome): LoadReport {
  const { window, knee, state, isInterrupted } = outcome;
  const { thresholds, runtime, clients, link, ...framed } = frame;
  const server = window === undefined ? null : serverOf(window);
  const harness = harnessOf(window, knee);
  const latency = latencyOf(window);
  const { connected, failed, disconnected, errors, details } = state;
  return {
    runtime: window?.server?.after.runtime ?? runtime,
    ...{ clients, seconds: window?.seconds ?? 0 },
    link: link && { ...link, asked: { up: askedWay(link.up), down: askedWay(link.down) } },
    server,
    traffic: trafficOf(window),
    latency,
    correctionsPerMinute: correctionsOf(window),
    ...{ connected, failed, disconnected, errors, details, harness },
    thresholds: judge(thresholds, {
      maxInputToStateP99Ms: latency.samples === 0 ? null : latency.inputToStateMs.p99,
      maxTickP99Ms: server?.tickMs.p99 ?? null,
      minPlayers: connected,
    }),
    knee: knee ?? null,
    isInterrupted,
    ...framed,
    probes: window?.probes ?? 0,
    series: window?.series ?? [],
    histogram: window?.latency.bars(BARS) ?? [],
  };
}

function serverOf({ server, counts, seconds, series }: WindowResult): LoadReport["server"] {
  if (server === undefined) return null;
  const { before, after } = server;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    cpuPercent: (cpuSeconds / seconds) * 100,
    cpuMicrosPerClientUpdate: counts.updates === 0 ? 0 : (cpuSeconds * 1e6) / counts.updates,
    rssBytes: after.residentBytes,
    rssBytesPerMinute: growthPerMinute(series),
    tickMs: tickTimesBetween(before, after),
    tickLatenessP99Ms: latenessBetween(before, after),
    tickPhasesMs: phasesBetween(before, after),
  };
}

const LEAST_POINTS = 10;

/** The slope of the straight line that fits best. */
function growthPerMinute(series: readonly SeriesPoint[]): number | null {
  const points = series.slice(Math.floor(series.length / 4)).filter(({ server }) => server !== null);
  if (series.length < LEAST_POINTS || points.length < 2) return null;
  const mean = (of: (point: SeriesPoint) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const minutes = mean(({ atSeconds }) => atSeconds / 60);
  const bytes = mean(({ server }) => server!.rssBytes);
  const off = mean(({ atSeconds, server }) => (atSeconds / 60 - minutes) * (server!.rssBytes - bytes));
  return off / mean(({ atSeconds }) => (atSeconds / 60 - minutes) ** 2);
}

function trafficOf(window: WindowResult | undefined): LoadReport["traffic"] {
  const { counts, seconds, state, server, lossCaused } = window ?? {};
  if (counts === undefined || !seconds) {
    const none = { up: 0, down: 0 };
    return {
      ...{ bytesPerClientPerSecond: none, bytesPerEntityUpdate: 0, packetsPerSecond: none, lossPercent: 0 },
      ...{ lossPercentByWay: none, lossCausedPercent: null, updatesPerClientPerSecond: 0 },
    };
  }
  const each = seconds * Math.max(1, state!.connected);
  const seen = counts.looks === 0 ? 0 : counts.seen / counts.looks;
  const loss = lossPercent(counts, server?.before, server?.after);
  return {
    bytesPerClientPerSecond: { up: counts.bytesUp / each, down: counts.bytesDown / each },
    // Those who read the state tell how much there is to see, and the probes of them what came for that.
    bytesPerEntityUpdate: seen === 0 ? 0 : counts.bytesDown / (counts.updates * seen),
    packetsPerSecond: { up: counts.packetsUp / seconds, down: counts.packetsDown / seconds },
    lossPercent: loss.both,
    lossPercentByWay: { up: loss.up, down: loss.down },
    lossCausedPercent: lossCaused ?? null,
    updatesPerClientPerSecond: counts.updates / each,
  };
}

function latencyOf(window: WindowResult | undefined): LoadReport["latency"] {
  const of = (histogram: TimeHistogram | undefined): Percentiles => histogram?.percentiles() ?? NOTHING;
  return {
    inputToStateMs: of(window?.latency),
    anyTimeToStateMs: of(window?.anyTime),
    inputsNeverUsedPercent: window === undefined ? null : neverUsedPercent(window),
    everyClientMs: of(window?.everyLatency),
    stateIntervalMs: of(window?.interval),
    stateAgeMs: of(window?.age),
    samples: window?.latency.count ?? 0,
    inputsSkipped: window?.counts.inputsSkipped ?? 0,
    inputsUnanswered: window?.counts.inputsUnanswered ?? 0,
  };
}

/** Inputs that were sent, less those that the server took in time. Null without the server's word. */
function neverUsedPercent({ server, counts }: WindowResult): number | null {
  if (server === undefined || counts.inputsPlayed === 0) return null;
  const taken = server.after.inputsTaken - server.before.inputsTaken;
  return Math.max(0, (1 - taken / counts.inputsPlayed) * 100);
}

function correctionsOf(window: WindowResult | undefined): number {
  if (window === undefined || window.probes === 0 || window.seconds === 0) return 0;
  return window.probeCounts.corrections / window.probes / (window.seconds / 60);
}

/** Of a search every trial counts: what the harness spoilt may have been the server's best. */
function harnessOf(window: WindowResult | undefined, knee: Knee | undefined): LoadReport["harness"] {
  const processes = window?.harness ?? [];
  const why = [...harnessVerdict(processes)];
  const spoilt = knee?.trials.filter(({ isHarnessLate }) => isHarnessLate).length ?? 0;
  if (spoilt > 0) why.push(`it was in ${spoilt} of the ${knee!.trials.length} tries of the search`);
  return { isBottleneck: why.length > 0, why, processes };
}

function judge(
  thresholds: Thresholds,
  values: Readonly<Record<keyof Thresholds, number | null>>,
): readonly ThresholdResult[] {
  const names = Object.keys(values) as (keyof Thresholds)[];
  return names.flatMap((name) => {
    const limit = thresholds[name];
    if (limit === undefined) return [];
    const value = values[name];
    const isMet = value !== null && (name === "minPlayers" ? value >= limit : value <= limit);
    return [{ name, limit, value, isMet }];
  });
}
