import { defineRoom, defineServer, type Room } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { freePort } from "../free-port.ts";
import { ROOM_NAME } from "./room-name.ts";

export const MAX_PLAYERS = 500;

/** Serves rooms of this class; answers the port. */
export async function serveRoom(room: new () => Room, host: string): Promise<number> {
  const port = await freePort(host);
  const server = defineServer({
    greet: false,
    transport: new WebSocketTransport(),
    rooms: { [ROOM_NAME]: defineRoom(room) },
  });
  await server.listen(port, host);
  return port;
}
