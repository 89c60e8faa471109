import { Client } from "nengi";
import { TICK_RATE } from "../fleet.ts";
import type { Connect } from "../peer.ts";
import { context, Kind, type ShipEntity } from "./context.ts";
import { WsClientAdapter } from "./ws-client-adapter.ts";

export const hasTicks = false;

interface Welcome {
  readonly id: number;
  readonly ship: number;
}

export const connect: Connect = async ({ host, port }, events) => {
  const client = new Client(context, WsClientAdapter, TICK_RATE);
  const adapter = client.adapter as WsClientAdapter;
  const { network } = client;
  const ships = new Map<number, ShipEntity>();
  let welcome: Welcome | undefined;
  adapter.onClose = (why) => events.onLost(why);
  const playing = new Promise<void>((resolve) => {
    adapter.onSnapshot = () => {
      for (const message of network.messages.splice(0)) welcome = message as Welcome;
      // Snapshots as they come, instead of the interpolator's.
      for (const { createEntities, updateEntities, deleteEntities } of network.snapshots.splice(0)) {
        for (const entity of createEntities) ships.set(entity.nid, { ...entity } as unknown as ShipEntity);
        for (const { nid, prop, value } of updateEntities) Object.assign(ships.get(nid)!, { [prop]: value });
        for (const nid of deleteEntities) ships.delete(nid);
      }
      const own = welcome && ships.get(welcome.ship);
      if (own === undefined) return;
      resolve();
      events.onState(own.serial, ships.size);
    };
  });
  await client.connect(`ws://${host}:${port}`, {});
  await playing;
  return {
    id: welcome!.id,
    setInput(serial, dx, dy) {
      client.addCommand({ ntype: Kind.steering, nid: 0, serial, dx, dy });
      client.flush();
    },
  };
};
