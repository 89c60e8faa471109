import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Ship } from "../fleet.ts";
import type { Connect } from "../peer.ts";
import { HEADER_BYTES, INPUT_BYTES, readShips } from "./state-struct.ts";

export const hasTicks = false;
const HELLO_EVERY_MS = 200;

export const connect: Connect = async ({ host, port }, events) => {
  const ships = new Map<number, Ship>();
  const input = Buffer.alloc(INPUT_BYTES);
  const socket = createSocket("udp4");
  let [id, tick, bytesDown] = [0, 0, 0];
  socket.connect(port, host);
  await once(socket, "connect");
  await new Promise<void>((resolve) => {
    const hello = setInterval(() => socket.send(""), HELLO_EVERY_MS);
    socket.on("message", (bytes) => {
      bytesDown += bytes.length;
      if (bytes.length < HEADER_BYTES) id = bytes.readUInt16BE(0);
      // One that was overtaken is no news.
      else if (id !== 0 && bytes.readUInt32BE(0) > tick) {
        tick = bytes.readUInt32BE(0);
        readShips(bytes, ships);
        clearInterval(hello);
        resolve();
        events.onState(ships.get(id)!.serial, ships.size);
      }
    });
    socket.on("error", ({ message }) => events.onLost(message));
    socket.send("");
  });
  return {
    id,
    get bytesDown() {
      return bytesDown;
    },
    setInput(serial, dx, dy) {
      input.writeUInt16BE(serial, 0);
      input.writeInt8(dx, 2);
      input.writeInt8(dy, 3);
      // The kernel copies it: the next input does not overwrite this one.
      socket.send(Buffer.from(input));
    },
  };
};
