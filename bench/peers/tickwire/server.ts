import { serve } from "../../../src/server-door.ts";
import type { StartServer } from "../peer.ts";
import { peersRoom } from "./arena-game.ts";

/** As in the guide: sealed packets, delta snapshots, congestion control, the limits that are there by default. */
export const start: StartServer = async (host, log) => {
  const server = await serve(peersRoom(log), {
    host,
    port: 0,
    // The link's addresses are no loopback, and no backend vouches for the players.
    insecureDev: true,
    onGameError: (error) => {
      throw error;
    },
  });
  return Number(new URL(server.url).port);
};
