import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Fleet, TICK_MS } from "../fleet.ts";
import type { StartServer } from "../peer.ts";
import { INPUT_BYTES, writeShips } from "./state-struct.ts";

interface Player {
  readonly id: number;
  readonly address: string;
  readonly port: number;
}

export const start: StartServer = async (host, log) => {
  const fleet = new Fleet(log);
  const players = new Map<string, Player>();
  const socket = createSocket("udp4");
  socket.on("message", (bytes, { address, port }) => {
    const key = `${address}:${port}`;
    let player = players.get(key);
    if (player === undefined) {
      player = { id: fleet.join(), address, port };
      players.set(key, player);
    }
    if (bytes.length === INPUT_BYTES) {
      fleet.steer(player.id, bytes.readUInt16BE(0), bytes.readInt8(2), bytes.readInt8(3));
      return;
    }
    // Whoever says hello is told who it is.
    const welcome = Buffer.alloc(2);
    welcome.writeUInt16BE(player.id);
    socket.send(welcome, port, address);
  });
  socket.bind(0, host);
  await once(socket, "listening");
  let tick = 0;
  setInterval(() => {
    fleet.step();
    tick += 1;
    const bytes = writeShips(tick, fleet.ships);
    for (const { port, address } of players.values()) socket.send(bytes, port, address);
    log.told(players.size);
  }, TICK_MS);
  return socket.address().port;
};
