import type { Connect } from "../peer.ts";
import { joinRoom } from "./join-room.ts";

export const hasTicks = false;

export const connect: Connect = async (server, events) => {
  const { room, id } = await joinRoom(server, events);
  return { id, setInput: (serial, dx, dy) => room.send("input", { serial, dx, dy }) };
};
