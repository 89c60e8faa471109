import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runtimeName } from "../src/runtime-adapters/current-runtime.ts";

const DENO_ARGUMENTS = ["run", "-A", "--unstable-net"];

/**
 * Runs a file of the project to its end, in a process of its own of the runtime that this one is: what another variant
 * has warmed up or littered is not there. Answers what it printed.
 *
 * @param file URL of the file.
 * @throws Error if it fails; what it says goes to this process's standard error.
 */
export function runInFreshProcess(file: URL, ...args: readonly string[]): string {
  const before = runtimeName() === "deno" ? DENO_ARGUMENTS : [];
  return execFileSync(process.execPath, [...before, fileURLToPath(file), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
