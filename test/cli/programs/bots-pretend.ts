import { Command } from "commander";
import { addBotsCommand, type RunBots, runBotsCommand } from "../../../src/cli/bots-command.ts";
import { writeLine } from "../../../src/runtime-adapters/process.ts";

// The bots command over bots that are pretended: they play until `seconds` are over or they are stopped.
const runBots: RunBots = async (game, _bot, options) => {
  const { signal, onLost, onReady, trace, ...plain } = options;
  writeLine("stderr", JSON.stringify({ event: "playing", game: game.name, ...plain }));
  for (const line of ["one", "two"]) trace?.(line);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, (options.seconds ?? 60) * 1_000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  const failed = process.env.PRETEND === "refused";
  return {
    connected: failed ? 0 : options.count,
    failed: failed ? options.count : 0,
    disconnected: 0,
    snapshotsPerSecondPerBot: 29.97,
    server: failed ? undefined : { tickMs: { p50: 0.1, p99: 0.5, max: 2 } },
    errors: failed ? { "connect-timeout": options.count } : {},
  };
};

const program = new Command();
addBotsCommand(program, (options) => runBotsCommand(options, runBots));
try {
  await program.parseAsync();
} catch (error) {
  writeLine("stderr", (error as Error).message);
  process.exit(1);
}
