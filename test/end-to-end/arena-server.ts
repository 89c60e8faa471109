import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProgram } from "../cli/started-program.ts";

const SERVE = "src/cli/main.ts";

/** A dedicated server of the arena that listens, in a process of its own. */
export interface ArenaServer {
  readonly program: StartedProgram;
  readonly url: string;
  readonly httpUrl: string;
}

/** Takes any free ports unless `args` say otherwise. `onTestFinished` or `afterAll` should end the program. */
export async function startArena(
  runtime: RuntimeName,
  args: readonly string[],
  keep: (program: StartedProgram) => void,
  { file = SERVE, runtimeFlags = [] }: { file?: string; runtimeFlags?: readonly string[] } = {},
): Promise<ArenaServer> {
  const all = ["serve", "--port", "0", "--http-port", "0", "--log", "json", "--seed", "1", ...args];
  const program = new StartedProgram(runtime, file, all, {}, runtimeFlags);
  keep(program);
  return { program, ...(await listening(program)) };
}

/** Waits for the line of JSON that tells the addresses. */
export async function listening(program: {
  prints(pattern: RegExp): Promise<RegExpExecArray>;
}): Promise<{ readonly url: string; readonly httpUrl: string }> {
  const [line] = await program.prints(/^\{.*"event":"listening".*\}$/m);
  const { udp, http } = JSON.parse(line);
  return { url: udp, httpUrl: http };
}
