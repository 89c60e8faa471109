import { io, type Socket } from "socket.io-client";
import * as parser from "socket.io-msgpack-parser";
import type { Connect } from "../peer.ts";
import type { ClientEvents, ServerEvents } from "./events.ts";

export const hasTicks = false;

export const connect: Connect = async ({ host, port }, events) => {
  const socket: Socket<ServerEvents, ClientEvents> = io(`http://${host}:${port}`, {
    ...{ parser, transports: ["websocket"] },
    // One connection for each player.
    forceNew: true,
  });
  let id = 0;
  socket.on("disconnect", (why) => events.onLost(why));
  await new Promise<void>((resolve, reject) => {
    socket.on("connect_error", reject);
    socket.on("welcome", (given) => {
      id = given;
    });
    socket.on("state", (ships) => {
      const own = ships.find((ship) => ship[0] === id);
      if (own === undefined) return;
      resolve();
      events.onState(own[6], ships.length);
    });
  });
  return { id, setInput: (serial, dx, dy) => socket.volatile.emit("input", serial, dx, dy) };
};
