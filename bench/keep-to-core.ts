import { spawnSync } from "node:child_process";
import { cpus } from "node:os";

/**
 * Keeps a process's main thread to the machine's first core, or to its last: what really runs on another machine must
 * not take the server's core away in the middle of a tick, and have that counted as the server's time. Threads that
 * compile or collect garbage stay free: kept to the same core they would take it from the tick. Does nothing where there
 * is only one core, or no `taskset` (Linux has it). Answers whether it did.
 */
export function keepToCore(pid: number, which: "first" | "last"): boolean {
  const last = cpus().length - 1;
  if (last < 1) return false;
  const core = which === "first" ? 0 : last;
  const { status } = spawnSync("taskset", ["-p", "-c", `${core}`, `${pid}`], { stdio: "ignore" });
  return status === 0;
}
