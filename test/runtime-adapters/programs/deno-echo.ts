// Sends a hundred datagrams to itself, and tells what came and how large the receive buffer is.
import { Outbox } from "../../../src/net/ports/outbox.ts";
import { openDenoSocket } from "../../../src/runtime-adapters/deno-socket.ts";

const COUNT = 100;
let heard = 0;
let errors = 0;
const socket = await openDenoSocket(
  { host: "127.0.0.1", port: 0, receiveBufferBytes: 1 << 20 },
  {
    onDatagram: () => {
      heard += 1;
    },
    onError: () => {
      errors += 1;
    },
  },
);
const outbox = new Outbox();
for (let i = 0; i < COUNT; i += 1) {
  outbox.open();
  outbox.commit(4, socket.address);
}
const taken = socket.sendMany(outbox);
for (let i = 0; i < 500 && heard < COUNT; i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
console.log(JSON.stringify({ taken, heard, errors, receiveBufferBytes: socket.receiveBufferBytes ?? null }));
await socket.close();
