import { spawnSync } from "node:child_process";
import { cpus } from "node:os";

/**
 * Where there is more than one core, gives the machine's first to a process's main thread alone, or keeps a whole
 * process to the last: what really runs on another machine must not take the server's core away in the middle of a tick,
 * and have that counted as the server's time. Nor must threads that compile or collect garbage, the server's own or
 * others': wherever a server runs, they find another core. Threads that are made later start where the one that makes
 * them is, so it is worth saying again when all is warm. Does nothing without `taskset` (Linux has it). Answers whether
 * it did.
 */
export function keepToCore(pid: number, which: "first" | "last"): boolean {
  const last = cpus().length - 1;
  if (last < 1) return false;
  if (which === "last") return allow(pid, `${last}`, "-a");
  return allow(pid, `1-${last}`, "-a") && allow(pid, "0");
}

/** With `-a` this is of all threads there are, else of the main one. */
function allow(pid: number, cores: string, ...of: readonly string[]): boolean {
  return spawnSync("taskset", [...of, "-p", "-c", cores, `${pid}`], { stdio: "ignore" }).status === 0;
}
