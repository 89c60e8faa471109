import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProgram } from "../cli/started-program.ts";

const BOTS = 20;

/** Twenty bots of another process, who play until they are told to go; answers when all are in. */
export async function playTwenty(
  runtime: RuntimeName,
  { url, httpUrl }: { readonly url: string; readonly httpUrl: string },
  onTestFinished: (cleanUp: () => Promise<void>) => void,
): Promise<StartedProgram> {
  const bots = new StartedProgram(runtime, "src/cli/main.ts", [
    ...["bots", "--url", url, "--http-url", httpUrl, "--count", String(BOTS), "--json", "-"],
  ]);
  onTestFinished(() => bots.end());
  await bots.until(() => bots.stderr.includes('"playing"'), "playing");
  return bots;
}

/** What they report at their end, and what they report when the server has told each of them to go. */
export async function reportOf(bots: StartedProgram): Promise<unknown> {
  return JSON.parse((await bots.ended).stdout);
}

export const ALL_WERE_TOLD = {
  connected: BOTS,
  failed: 0,
  disconnected: BOTS,
  errors: { draining: BOTS },
} as const;
