import type { Shape } from "./game/schema/shape.ts";
import type { Connection } from "./net/connection/connection.ts";
import type { PlayerFeed } from "./player-feed.ts";
import type { ServedRoom } from "./served-room.ts";
import type { PlayerInfo } from "./server-parts.ts";

/** A player's place in a room. */
export interface Seat<S extends Shape> {
  readonly served: ServedRoom<S>;
  readonly feed: PlayerFeed<S>;
}

/** What the owner of a server is told of who sits there. */
export function infoOf<S extends Shape>({ served, feed }: Seat<S>): PlayerInfo {
  const { id, name, isSpectator } = feed.player;
  return { id, name, room: served.room.name, isSpectator };
}

/** The seat that a connection has. It is kept with it: a look-up per packet in a map of a thousand costs more than that. */
export function seatOf<S extends Shape>(connection: Connection): Seat<S> | undefined {
  return connection.attachment as Seat<S> | undefined;
}
