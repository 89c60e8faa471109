import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import * as parser from "socket.io-msgpack-parser";
import { Fleet, PLACE_SCALE, TICK_MS } from "../fleet.ts";
import type { StartServer } from "../peer.ts";
import type { ClientEvents, ServerEvents, ShipRow } from "./events.ts";

/** The parser and the transport that its documentation names for speed; states may be dropped, inputs too. */
export const start: StartServer = async (host, log) => {
  const fleet = new Fleet(log);
  const http = createServer();
  const io = new Server<ClientEvents, ServerEvents>(http, {
    parser,
    transports: ["websocket"],
    serveClient: false,
  });
  io.on("connection", (socket) => {
    const id = fleet.join();
    socket.emit("welcome", id);
    socket.on("input", (serial, dx, dy) => fleet.steer(id, serial, dx, dy));
    socket.on("disconnect", () => fleet.leave(id));
  });
  http.listen(0, host);
  await once(http, "listening");
  setInterval(() => {
    fleet.step();
    const ships = [...fleet.ships].map(
      ([id, { x, y, vx, vy, hp, serial }]): ShipRow => [
        id,
        Math.floor(x * PLACE_SCALE),
        Math.floor(y * PLACE_SCALE),
        ...([vx, vy, hp, serial] as const),
      ],
    );
    io.volatile.emit("state", ships);
    log.told(fleet.ships.size);
  }, TICK_MS);
  return (http.address() as AddressInfo).port;
};
