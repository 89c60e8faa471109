import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { geckos } from "@geckos.io/server";
import { decode, encode } from "@msgpack/msgpack";
import { Fleet, PLACE_SCALE, TICK_MS } from "../fleet.ts";
import type { StartServer } from "../peer.ts";

/** Raw messages, which its documentation has for binary data; unordered and never sent again, as is its default. */
export const start: StartServer = async (host, log) => {
  const fleet = new Fleet(log);
  const http = createServer();
  const io = geckos();
  io.addServer(http);
  io.onConnection((channel) => {
    const id = fleet.join();
    channel.emit("welcome", id, { reliable: true });
    channel.onRaw((bytes) => {
      const [serial, dx, dy] = decode(bytes as ArrayBuffer) as [number, number, number];
      fleet.steer(id, serial, dx, dy);
    });
    channel.onDisconnect(() => fleet.leave(id));
  });
  http.listen(0, host);
  await once(http, "listening");
  let tick = 0;
  setInterval(() => {
    fleet.step();
    tick += 1;
    const ships = [...fleet.ships].map(([id, { x, y, vx, vy, hp, serial }]) => [
      id,
      Math.floor(x * PLACE_SCALE),
      Math.floor(y * PLACE_SCALE),
      ...[vx, vy, hp, serial],
    ]);
    io.raw.emit(encode([tick, ships]));
    log.told(fleet.ships.size);
  }, TICK_MS);
  return (http.address() as AddressInfo).port;
};
