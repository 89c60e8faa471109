import { build, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import type { LatencyReport, RunReport } from "../../../bench/peers/reports.ts";
import type { Results } from "../../../bench/peers/results.ts";
import type { Run } from "../../../bench/peers/summary.ts";

export function latencyReport(msValues: readonly number[], unused = 0): LatencyReport {
  const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  for (const ms of msValues) histogram.recordValue(Math.round(ms * 1000));
  const encoded = encodeIntoCompressedBase64(histogram);
  return { all: encoded, used: encoded, inputs: msValues.length, unused, unanswered: 0 };
}

/** 300 ticks of 10 players in 10 s, at 30 µs per client-update. */
export function runReport(change: { readonly p99Ms?: number; readonly cpuUs?: number } = {}): RunReport {
  const { p99Ms = 100, cpuUs = 30 } = change;
  const latency = latencyReport([...new Array<number>(99).fill(50), p99Ms, p99Ms], 1);
  const count = { packets: 3000, lost: 60, overflowed: 0, bytes: 600_000, lateP99Ms: 0.5 };
  return {
    server: {
      ...{ seconds: 10, ticks: 300, updates: 3000, residentBytes: 90_000_000 },
      ...{ userUs: cpuUs * 2000, systemUs: cpuUs * 1000 },
    },
    players: {
      ...{
        players: 10,
        lost: 0,
        states: 3000,
        fewestShips: 10,
        bytesDown: 300_000,
        cpuShare: 0.2,
        latenessP99Ms: 1,
      },
      ...{ inTick: latency, anyTime: latency },
    },
    link: { up: count, down: count },
    versions: { node: "24.21.0" },
  };
}

export function resultsOf(runs: readonly Run[]): Results {
  return {
    ...{ date: "2026-11-20T12:00:00.000Z", command: "npm run bench:peers --", isPreliminary: false },
    machine: { cpu: "a processor", cores: 2, kernel: "6.1", memoryGb: 8, load: 0.01 },
    ...{ seconds: 10, warmUpSeconds: 3, repeats: 2, probes: 10 },
    cases: [
      { name: "loopback", clients: 10 },
      { name: "2 %", clients: 10, link: { rttMs: 80, jitterMs: 5, lossPercent: 2 } },
    ],
    peers: [
      { name: "quick", transport: "UDP", does: "all", settings: "none", versions: { quick: "1.0.0" } },
      {
        name: "absent",
        transport: "TCP",
        does: "nothing",
        settings: "none",
        versions: { absent: "not installed" },
      },
    ],
    runs,
  };
}
