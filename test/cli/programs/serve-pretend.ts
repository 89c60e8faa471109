import { Command } from "commander";
import type { ServeDedicated } from "../../../src/cli/dedicated-server.ts";
import { addServeCommand, runServe } from "../../../src/cli/serve-command.ts";
import { writeLine } from "../../../src/runtime-adapters/process.ts";

// The serve command over a server that is pretended: PRETEND_CLOSE_MS is how long its drain takes, PRETEND_START
// "fails" makes it not start.
const serve: ServeDedicated = async (room, options) => {
  if (process.env.PRETEND_START === "fails") throw new Error("The UDP port 127.0.0.1:7777 is taken.");
  const { promise, resolve } = Promise.withResolvers<void>();
  const keepAlive = setInterval(() => {}, 1_000);
  const { log, bot, ...plain } = options;
  writeLine("stderr", JSON.stringify({ game: room.game.name, bot: bot !== undefined, ...plain }));
  return {
    url: "udp://127.0.0.1:7777",
    httpUrl: options.http === false ? undefined : "http://127.0.0.1:7780",
    seed: options.seed ?? 0,
    stats: {
      rooms: options.rooms,
      players: 0,
      bots: 0,
      recentTickP99Ms: 0,
      bytesUp: 0,
      bytesDown: 0,
    },
    closed: promise,
    async close(detail) {
      log.info("closing", { detail });
      await new Promise((done) => setTimeout(done, Number(process.env.PRETEND_CLOSE_MS ?? 0)));
      clearInterval(keepAlive);
      resolve();
    },
  };
};

const program = new Command();
addServeCommand(program, (file, options) => runServe(file, options, serve));
try {
  await program.parseAsync();
} catch (error) {
  writeLine("stderr", (error as Error).message);
  process.exit(1);
}
