// echo.ts: sends each datagram back to where it came from, and says its port.
import { Outbox } from "../../../src/net/ports/outbox.ts";
import { openDatagramSocket } from "../../../src/runtime-adapters/open-socket.ts";

const BUFFER_BYTES = 4 * 2 ** 20;
/** As long as what a server of the crowd says in a tick. */
const ANSWER_BYTES = 53;

const outbox = new Outbox();
const socket = await openDatagramSocket(
  { host: "127.0.0.1", port: 0, receiveBufferBytes: BUFFER_BYTES },
  {
    onDatagram(_bytes, from) {
      outbox.open();
      outbox.commit(ANSWER_BYTES, from);
      socket.sendMany(outbox);
      outbox.clear();
    },
    onError() {},
  },
);
console.log(JSON.stringify({ port: socket.address.port }));
process.stdin.on("data", () => process.exit(0));
