import { type Client, Room } from "@colyseus/core";
import { newShip, type ServerLog, type Steering, stepShip, TICK_MS } from "../fleet.ts";
import type { StartServer } from "../peer.ts";
import { MAX_PLAYERS, serveRoom } from "./serve-room.ts";
import { ColyseusShip, ColyseusState } from "./ship-schema.ts";

/** Inputs are room messages, and the newest is in force. */
export const start: StartServer = (host, log) => serveRoom(roomOf(log), host);

function roomOf(log: ServerLog): new () => Room {
  return class FleetRoom extends Room<{ state: ColyseusState }> {
    override state = new ColyseusState();
    override maxClients = MAX_PLAYERS;
    readonly #steering = new Map<string, Steering>();
    #joined = 0;

    override messages = {
      input: (client: Client, steering: Steering) => {
        const { serial, dx, dy } = steering;
        this.#steering.set(client.sessionId, { serial, dx, dy });
      },
    };

    override onCreate(): void {
      this.setTimestep(() => this.#step(), TICK_MS);
      // Patches go out with the tick instead of on a timer of their own. Set before, it would tick the clock besides.
      this.patchRate = null;
    }

    override onJoin({ sessionId }: Client): void {
      this.#joined += 1;
      const { x, y } = newShip(this.#joined);
      this.#steering.set(sessionId, { serial: 0, dx: 0, dy: 0 });
      this.state.ships.set(sessionId, new ColyseusShip({ id: this.#joined, x, y }));
    }

    override onLeave({ sessionId }: Client): void {
      this.#steering.delete(sessionId);
      this.state.ships.delete(sessionId);
    }

    #step(): void {
      for (const [sessionId, ship] of this.state.ships) {
        const steering = this.#steering.get(sessionId)!;
        stepShip(ship, steering, Math.random);
        log.use(ship.id, steering.serial);
      }
      this.broadcastPatch();
      log.told(this.clients.length);
    }
  };
}
