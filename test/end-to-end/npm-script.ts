import { delimiter } from "node:path";
import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProcess } from "../cli/started-process.ts";
import { runningProcesses } from "./process-table.ts";

export const START_SCRIPTS: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: ["npm", "start"],
  bun: ["npm", "run", "start:bun"],
  deno: ["npm", "run", "start:deno"],
};

/** What a newcomer's shell has: none of what the npm that runs the tests has put before it. */
export function newcomersPath(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !/node_modules[/\\]\.bin$|node-gyp-bin$/.test(folder)).join(delimiter);
}

/** An npm script as typed in a shell: `args` go behind the `--`. */
export function startNpm(script: readonly string[], args: readonly string[]): StartedProcess {
  return new StartedProcess([...script, "--", ...args], { ownGroup: true, env: { PATH: newcomersPath() } });
}

/** Ends npm and what it started, if any of it still runs. */
export async function endGroup(npm: StartedProcess): Promise<void> {
  for (const { pid, group } of runningProcesses()) if (group === npm.pid) process.kill(pid, "SIGKILL");
  await npm.ended;
}
