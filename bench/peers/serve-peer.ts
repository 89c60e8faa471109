// serve-peer.ts PEER HOST: serves the game on this runtime, and tells of the time from "begin" to "end".
import { ServerLog } from "./fleet.ts";
import { heard, say } from "./line-talk.ts";
import type { ServerModule } from "./peer.ts";
import type { ServerReport } from "./reports.ts";

const [, , peer, host] = process.argv;
const log = new ServerLog();
const { start }: ServerModule = await import(`./${peer}/server.ts`);
say({ port: await start(host!, log), versions: { ...process.versions } });

let before = { cpu: process.cpuUsage(), ticks: 0, updates: 0, atMs: 0 };
for await (const { what } of heard()) {
  if (what === "begin") {
    before = { cpu: process.cpuUsage(), ticks: log.ticks, updates: log.updates, atMs: performance.now() };
  } else if (what === "end") {
    const { user, system } = process.cpuUsage(before.cpu);
    const report: ServerReport = {
      seconds: (performance.now() - before.atMs) / 1000,
      ticks: log.ticks - before.ticks,
      updates: log.updates - before.updates,
      userUs: user,
      systemUs: system,
      residentBytes: process.memoryUsage().rss,
    };
    say(report);
  } else if (what === "used") {
    say({ used: [...log.used].map(([id, serials]) => [id, [...serials]]) });
  } else break;
}
process.exit(0);
