// link-ends.ts echo HOST: sends back what comes, and says at which port.
// link-ends.ts send HOST PORT COUNT: sends numbered datagrams, and says which came back, in which order and how soon.
import { createSocket } from "node:dgram";
import { once } from "node:events";

const [, , role, host, port, count] = process.argv;
/** So many at once, and then a pause: what a kernel keeps for a reader. */
const BATCH = 20;
const PAUSE_MS = 4;
const LINGER_MS = 600;
/** Nobody waits for this program longer. */
const LONGEST_MS = 60_000;

const socket = createSocket("udp4");
setTimeout(() => process.exit(1), LONGEST_MS);
process.stdin.resume().on("end", () => process.exit(0));

if (role === "echo") {
  socket.on("message", (bytes, from) => socket.send(Buffer.from(bytes), from.port, from.address));
  socket.bind(0, host);
  await once(socket, "listening");
  console.log(JSON.stringify({ port: socket.address().port }));
} else {
  const sentMs: number[] = [];
  const back: number[] = [];
  const tripsMs: number[] = [];
  socket.on("message", (bytes) => {
    const number = bytes.readUInt32BE(0);
    back.push(number);
    tripsMs.push(performance.now() - sentMs[number]!);
  });
  socket.connect(Number(port), host);
  await once(socket, "connect");
  for (let number = 0; number < Number(count); number += 1) {
    const bytes = Buffer.alloc(100);
    bytes.writeUInt32BE(number, 0);
    sentMs.push(performance.now());
    socket.send(bytes);
    if (number % BATCH === BATCH - 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
  const inOrder = back.every((number, n) => n === 0 || number > back[n - 1]!);
  console.log(JSON.stringify({ back: back.length, inOrder, shortestMs: Math.min(...tripsMs) }));
  process.exit(0);
}
