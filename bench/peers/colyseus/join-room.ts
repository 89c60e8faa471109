import { Client, type Room } from "@colyseus/sdk";
import type { ClientEvents, ServerPlace } from "../peer.ts";
import { ROOM_NAME } from "./room-name.ts";
import { type ColyseusShip, ColyseusState } from "./ship-schema.ts";

export interface Joined {
  readonly room: Room;
  readonly id: number;
}

/** Joins with the SDK, and tells of each state it decoded. */
export async function joinRoom({ host, port }: ServerPlace, events: ClientEvents): Promise<Joined> {
  const room = await new Client(`http://${host}:${port}`).joinOrCreate(ROOM_NAME, {}, ColyseusState);
  room.onLeave((code, reason) => events.onLost(`${reason ?? ""} (${code})`));
  const own = (): ColyseusShip | undefined => room.state.ships?.get(room.sessionId);
  await new Promise<void>((resolve) => {
    room.onStateChange(() => {
      const ship = own();
      if (ship === undefined) return;
      resolve();
      events.onState(ship.serial, room.state.ships.size);
    });
  });
  return { room: room as unknown as Room, id: own()!.id };
}
