// crowd-server.ts SHAPE: serves, says where, and measures from a line "begin" to a line "end" on standard input.
import { createInterface } from "node:readline";
import { type ServeOptions, serve } from "../../../src/server-door.ts";
import { CROWDS, crowdRoom } from "../crowd-game.ts";
import type { ServerReport } from "../reports.ts";

const shape = CROWDS[Number(process.argv[2])]!;
/** A crowd that comes at once, from one address. */
const handshakeLimits = {
  perAddressPerSecond: 10_000,
  perAddressAtOnce: 10_000,
  perSecond: 10_000,
  atOnce: 10_000,
};
let turns: number[] = [];
let latenesses: number[] = [];
const options: ServeOptions = {
  port: 0,
  seed: 1,
  rooms: shape.rooms,
  net: { handshakeLimits },
  onTick(durationMs, latenessMs) {
    turns.push(durationMs);
    latenesses.push(latenessMs);
  },
  onGameError(error) {
    throw error;
  },
};
const server = await serve(crowdRoom(shape), options);
const say = (value: object): void => console.log(JSON.stringify(value));
say({ url: server.url });

function counts(): Readonly<Record<string, number>> {
  const all: Record<string, number> = { overruns: server.stats.overruns };
  for (const [, name, value] of server.counters()) all[name] = value;
  return all;
}

let before = counts();
let cpuBefore = process.cpuUsage();
let beganMs = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "begin") {
    turns = [];
    latenesses = [];
    before = counts();
    cpuBefore = process.cpuUsage();
    beganMs = performance.now();
  } else if (line === "end") {
    const { user, system } = process.cpuUsage(cpuBefore);
    const after = counts();
    const of = (name: string): number => after[name]! - before[name]!;
    const report: ServerReport = {
      seconds: (performance.now() - beganMs) / 1000,
      players: server.stats.players,
      turns,
      latenesses,
      cpuUs: user + system,
      systemUs: system,
      dropped: of("overruns"),
      bytesSent: of("bytesSent"),
      datagramsSent: of("datagramsSent"),
      datagramsReceived: of("datagramsReceived"),
      packetsLost: of("packetsLost"),
      inputsMissing: of("inputsRepeated") + of("inputsNeutral"),
      residentBytes: process.memoryUsage().rss,
    };
    say(report);
  } else break;
}
await server.close();
process.exit(0);
