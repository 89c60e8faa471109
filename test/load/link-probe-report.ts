import type { ProxyProgramCounters } from "../../client/load/proxy-orders.ts";

/** One direction as its two ends saw it. */
export interface WayReport {
  readonly sent: number;
  readonly received: number;
  /** Arrived after one of their flow that was sent later. */
  readonly overtaken: number;
  readonly meanMs: number;
  /** Standard deviation. */
  readonly deviationMs: number;
  readonly minMs: number;
  readonly p1Ms: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LinkProbeReport {
  readonly up: WayReport;
  readonly down: WayReport;
  /** What the proxy says of it. */
  readonly counters: ProxyProgramCounters;
}
