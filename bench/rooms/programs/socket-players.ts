// socket-players.ts PORT COUNT: as many sockets as players, on which as much comes and goes as for players, with
// nothing above them. Answers "end" on standard input with what came since "begin".
import { createInterface } from "node:readline";
import { Outbox } from "../../../src/net/ports/outbox.ts";
import { openDatagramSocket } from "../../../src/runtime-adapters/open-socket.ts";

const TICK_MS = 1000 / 30;
/** As long as what a player of the crowd says in a tick. */
const INPUT_BYTES = 44;
/** The players of a process tick in so many groups, as real ones do who are turned together. */
const GROUPS = 8;

const to = { host: "127.0.0.1", port: Number(process.argv[2]) };
const outbox = new Outbox();
let came = 0;
const events = {
  onDatagram(): void {
    came += 1;
  },
  onError(): void {},
};
const sockets = await Promise.all(
  Array.from({ length: Number(process.argv[3]) }, () =>
    openDatagramSocket({ host: "0.0.0.0", port: 0 }, events),
  ),
);

let step = 0;
function sendGroup(): void {
  for (let i = step % GROUPS; i < sockets.length; i += GROUPS) {
    outbox.open();
    outbox.commit(INPUT_BYTES, to);
    sockets[i]!.sendMany(outbox);
    outbox.clear();
  }
  step += 1;
  const dueMs = beganMs + (step * TICK_MS) / GROUPS;
  setTimeout(sendGroup, Math.max(0, dueMs - performance.now()));
}
const beganMs = performance.now();
sendGroup();
console.log(JSON.stringify({ sockets: sockets.length }));

let cpuBefore = process.cpuUsage();
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "begin") {
    came = 0;
    cpuBefore = process.cpuUsage();
  } else if (line === "end") {
    const { user, system } = process.cpuUsage(cpuBefore);
    console.log(JSON.stringify({ updates: came, cpuUs: user + system }));
  } else break;
}
process.exit(0);
