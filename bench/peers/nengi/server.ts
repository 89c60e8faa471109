import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Channel, Instance, NetworkEvent, type User } from "nengi";
import { Fleet, PLACE_SCALE, TICK_MS } from "../fleet.ts";
import type { StartServer } from "../peer.ts";
import { context, Kind, type ShipEntity, type SteeringCommand } from "./context.ts";
import { listenForNengi } from "./ws-server-adapter.ts";

interface Player {
  readonly id: number;
  readonly entity: ShipEntity;
}

/** A plain channel: everyone sees everything in it. */
export const start: StartServer = async (host, log) => {
  const fleet = new Fleet(log);
  const instance = new Instance(context);
  instance.onConnect = async () => true;
  const sockets = listenForNengi(instance.network, host);
  const channel = new Channel(instance.localState);
  instance.registerChannel(channel);
  const players = new Map<User, Player>();

  const join = (user: User): void => {
    const id = fleet.join();
    const entity: ShipEntity = {
      ...{ nid: 0, ntype: Kind.ship, x: 0, y: 0, vx: 0, vy: 0, hp: 0, serial: 0 },
    };
    // −1 until the client's first tick, which its own writer refuses.
    user.lastReceivedClientTick = 0;
    channel.subscribe(user);
    channel.addEntity(entity);
    players.set(user, { id, entity });
    user.queueMessage({ ntype: Kind.welcome, nid: 0, ship: entity.nid, id });
  };
  const leave = (user: User): void => {
    const player = players.get(user);
    if (player === undefined) return;
    players.delete(user);
    fleet.leave(player.id);
    channel.unsubscribe(user);
    channel.removeEntity(player.entity);
  };

  setInterval(() => {
    while (!instance.queue.isEmpty()) {
      const { type, user, command } = instance.queue.dequeue();
      if (type === NetworkEvent.UserConnected) join(user);
      else if (type === NetworkEvent.UserDisconnected) leave(user);
      else if (type === NetworkEvent.Command) {
        const { serial, dx, dy } = command as SteeringCommand;
        fleet.steer(players.get(user)!.id, serial, dx, dy);
      }
    }
    fleet.step();
    for (const { id, entity } of players.values()) {
      const { x, y, vx, vy, hp, serial } = fleet.ships.get(id)!;
      entity.x = Math.floor(x * PLACE_SCALE);
      entity.y = Math.floor(y * PLACE_SCALE);
      Object.assign(entity, { vx, vy, hp, serial });
    }
    instance.step();
    log.told(players.size);
  }, TICK_MS);
  await once(sockets, "listening");
  return (sockets.address() as AddressInfo).port;
};
