import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { type Ending, rootFolder, StartedProcess } from "./started-process.ts";

export type { Ending } from "./started-process.ts";

const at = (path: string): string => rootFolder + path;

// By path: under Bun, "node" would be Bun; elsewhere it may be any Node of the machine.
const runtimes: Record<RuntimeName, readonly string[]> = {
  node: [at("node_modules/node/bin/node")],
  bun: [at("node_modules/.bin/bun")],
  deno: [at("node_modules/.bin/deno"), "run", "-A", "--unstable-net"],
};

/** What runs a file of the repository in a runtime of its own. */
export function programCommand(
  runtime: RuntimeName,
  file: string,
  args: readonly string[],
  runtimeFlags: readonly string[] = [],
): readonly string[] {
  return [...runtimes[runtime], ...runtimeFlags, at(file), ...args];
}

/** A file of the repository running in a runtime of its own. */
export class StartedProgram extends StartedProcess {
  constructor(
    runtime: RuntimeName,
    file: string,
    args: readonly string[],
    env: Record<string, string> = {},
    runtimeFlags: readonly string[] = [],
  ) {
    super(programCommand(runtime, file, args, runtimeFlags), { env });
  }
}

export function run(
  runtime: RuntimeName,
  file: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<Ending> {
  return new StartedProgram(runtime, file, args, env).ended;
}
