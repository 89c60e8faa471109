import type { HarnessProcess } from "./load-window.ts";

/** A probe that wakes up so late measures itself; players may, as long as their inputs leave before their tick. */
const MOST_PROBE_LATE_MS = 5;
const MOST_PLAYER_LATE_MS = 16;
/** A link that is late is longer than was asked. */
const MOST_LINK_LATE_MS = 2;
const MOST_CPU_PERCENT = 92;

/** Why the harness decided some of the figures, and not the server; none when it did not. */
export function harnessVerdict(processes: readonly HarnessProcess[]): readonly string[] {
  return processes.flatMap(({ what, cpuPercent, lateMs }) => [
    ...(cpuPercent > MOST_CPU_PERCENT ? [`${what} used ${cpuPercent.toFixed(0)} % of a core`] : []),
    ...(lateMs.p99 > mostLateMs(what)
      ? [`${what} woke up late, ${lateMs.p99.toFixed(1)} ms in the worst of a hundred times`]
      : []),
  ]);
}

function mostLateMs(what: string): number {
  if (what === "probes") return MOST_PROBE_LATE_MS;
  return what === "link" ? MOST_LINK_LATE_MS : MOST_PLAYER_LATE_MS;
}
