export interface LinkProbeRequest {
  readonly seconds: number;
  /** So many clients, whose datagrams take turns. */
  readonly flows: number;
  /** Datagrams of all clients together. */
  readonly perSecond: { readonly up: number; readonly down: number };
  /** Where the probe's server listens, and the proxy before it. */
  readonly serverPort: number;
  readonly proxyPort: number;
}

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
  readonly p25Ms: number;
  readonly p50Ms: number;
  readonly p75Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LinkProbeReport {
  readonly up: WayReport;
  readonly down: WayReport;
}
