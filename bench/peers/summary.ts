import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { median } from "../repetitions.ts";
import type { LatencyReport, RunReport } from "./reports.ts";

/** A run of one peer through one case, or why there was none. */
export interface Run {
  readonly peer: string;
  readonly case: string;
  readonly repeat: number;
  readonly report?: RunReport;
  readonly failure?: string;
}

/** The middle of all repeats, and half of how far they lie apart. */
export interface Figure {
  readonly median: number;
  readonly halfRange: number;
}

export interface LatencySummary {
  readonly p50Ms: Figure;
  readonly p95Ms: Figure;
  readonly p99Ms: Figure;
  readonly maxMs: Figure;
  /** Of inputs that a tick ran with, those that were superseded left out. */
  readonly usedP99Ms: Figure;
  readonly unusedPercent: Figure;
  readonly unanswered: number;
  readonly inputs: number;
}

export interface Summary {
  readonly cpuUs: Figure;
  /** Of that, in the kernel. */
  readonly systemUs: Figure;
  readonly serverCorePercent: Figure;
  readonly ticksPerSecond: Figure;
  /** Payload down per entity and update. */
  readonly bytesPerEntity: Figure;
  /** The same with all headers, what was lost included; undefined on loopback. */
  readonly wireBytesPerEntity: Figure | undefined;
  readonly residentMb: Figure;
  readonly inTick: LatencySummary;
  readonly anyTime: LatencySummary;
  readonly playersCorePercent: Figure;
  /** States that were read, of updates that were sent. */
  readonly statesPercent: Figure;
  /** How late the bench's own timers and its link were. */
  readonly latenessP99Ms: Figure;
  readonly linkLateP99Ms: Figure | undefined;
  readonly linkLossPercent: Figure | undefined;
  readonly playersLost: number;
  /** In any state; all see all. */
  readonly fewestShips: number;
}

const MB = 1_000_000;

/** @throws RangeError without a run. */
export function summarize(reports: readonly RunReport[], clients: number): Summary {
  const over = (value: (report: RunReport) => number): Figure => figureOf(reports.map(value));
  const entities = ({ server }: RunReport): number => server.updates * clients;
  const hasLink = reports.every(({ link }) => link !== undefined);
  return {
    cpuUs: over(({ server }) => (server.userUs + server.systemUs) / server.updates),
    systemUs: over(({ server }) => server.systemUs / server.updates),
    serverCorePercent: over(({ server }) => (server.userUs + server.systemUs) / server.seconds / 10_000),
    ticksPerSecond: over(({ server }) => server.ticks / server.seconds),
    bytesPerEntity: over((report) => report.players.bytesDown / entities(report)),
    wireBytesPerEntity: hasLink ? over((report) => report.link!.down.bytes / entities(report)) : undefined,
    residentMb: over(({ server }) => server.residentBytes / MB),
    inTick: summarizeLatency(reports.map(({ players }) => players.inTick)),
    anyTime: summarizeLatency(reports.map(({ players }) => players.anyTime)),
    playersCorePercent: over(({ players }) => players.cpuShare * 100),
    statesPercent: over(({ server, players }) => (100 * players.states) / server.updates),
    latenessP99Ms: over(({ players }) => players.latenessP99Ms),
    linkLateP99Ms: hasLink
      ? over(({ link }) => Math.max(link!.up.lateP99Ms, link!.down.lateP99Ms))
      : undefined,
    linkLossPercent: hasLink ? over(({ link }) => lossPercent(link!)) : undefined,
    fewestShips: Math.min(...reports.map(({ players }) => players.fewestShips)),
    playersLost: reports.reduce((sum, { players }) => sum + players.lost, 0),
  };
}

export function figureOf(values: readonly number[]): Figure {
  if (values.length === 0) throw new RangeError("There is nothing to summarize.");
  return { median: median(values), halfRange: (Math.max(...values) - Math.min(...values)) / 2 };
}

function summarizeLatency(reports: readonly LatencyReport[]): LatencySummary {
  const all = reports.map(({ all: encoded }) => decodeFromCompressedBase64(encoded));
  const used = reports.map(({ used: encoded }) => decodeFromCompressedBase64(encoded));
  const at = (histograms: typeof all, percent: number): Figure =>
    figureOf(histograms.map((histogram) => histogram.getValueAtPercentile(percent) / 1000));
  return {
    p50Ms: at(all, 50),
    p95Ms: at(all, 95),
    p99Ms: at(all, 99),
    maxMs: at(all, 100),
    usedP99Ms: at(used, 99),
    unusedPercent: figureOf(
      reports.map(({ unused, inputs }) => (inputs === 0 ? 0 : (100 * unused) / inputs)),
    ),
    unanswered: reports.reduce((sum, report) => sum + report.unanswered, 0),
    inputs: reports.reduce((sum, report) => sum + report.inputs, 0),
  };
}

function lossPercent({ up, down }: NonNullable<RunReport["link"]>): number {
  const packets = up.packets + down.packets;
  return packets === 0 ? 0 : (100 * (up.lost + down.lost)) / packets;
}
