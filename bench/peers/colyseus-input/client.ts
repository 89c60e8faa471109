import { joinRoom } from "../colyseus/join-room.ts";
import type { Connect } from "../peer.ts";
import { SteeringInput } from "./steering-schema.ts";

export const hasTicks = false;

export const connect: Connect = async (server, events) => {
  const { room, id } = await joinRoom(server, events);
  // "reliable" is what its documentation asks for on WebSocket.
  const input = room.input<SteeringInput>({ type: SteeringInput, mode: "reliable" });
  return {
    id,
    setInput(serial, dx, dy) {
      input.data.serial = serial;
      input.data.dx = dx;
      input.data.dy = dy;
      input.send();
    },
  };
};
