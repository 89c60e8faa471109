import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { decode, encode } from "@msgpack/msgpack";
import { WebSocketServer } from "ws";
import { Fleet, PLACE_SCALE, TICK_MS } from "../fleet.ts";
import type { StartServer } from "../peer.ts";

export const start: StartServer = async (host, log) => {
  const fleet = new Fleet(log);
  // Compression is off by default, as ws recommends.
  const server = new WebSocketServer({ host, port: 0 });
  server.on("connection", (socket) => {
    const id = fleet.join();
    socket.send(encode(["welcome", id]));
    socket.on("message", (data: Buffer) => {
      const [serial, dx, dy] = decode(data) as [number, number, number];
      fleet.steer(id, serial, dx, dy);
    });
    socket.on("close", () => fleet.leave(id));
  });
  await once(server, "listening");
  setInterval(() => {
    fleet.step();
    const ships = [...fleet.ships].map(([id, { x, y, vx, vy, hp, serial }]) => [
      id,
      Math.floor(x * PLACE_SCALE),
      Math.floor(y * PLACE_SCALE),
      ...[vx, vy, hp, serial],
    ]);
    // Encoded once for all.
    const bytes = encode(["state", ships]);
    for (const client of server.clients) client.send(bytes);
    log.told(server.clients.size);
  }, TICK_MS);
  return (server.address() as AddressInfo).port;
};
