import { readdirSync, readFileSync } from "node:fs";

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** What runs now, as Linux tells it. A process that has ended and is only waited for is not among it. */
export function runningProcesses(): readonly RunningProcess[] {
  const running: RunningProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // The name before it may hold anything, closing brackets too.
      const [state, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" || state === "X") continue;
      running.push({
        pid: Number(entry),
        parent: Number(parent),
        group: Number(group),
        session: Number(session),
      });
    } catch {
      // Ended while we looked.
    }
  }
  return running;
}

/** How long the main thread of a process ran, and how long it wanted to run and had to wait for a core. */
export function runTimes(pid: number): { readonly ranMs: number; readonly waitedMs: number } {
  const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
}
