import { type Client, Room } from "@colyseus/core";
import { MAX_PLAYERS, serveRoom } from "../colyseus/serve-room.ts";
import { ColyseusShip, ColyseusState } from "../colyseus/ship-schema.ts";
import { newShip, type ServerLog, stepShip, TICK_RATE } from "../fleet.ts";
import type { StartServer } from "../peer.ts";
import { SteeringInput } from "./steering-schema.ts";

/** The input stream of Colyseus 0.18: each input moves its ship by one step, as its guide has it for such games. */
export const start: StartServer = (host, log) => serveRoom(roomOf(log), host);

function roomOf(log: ServerLog): new () => Room {
  return class FleetRoom extends Room<{ state: ColyseusState; input: SteeringInput }> {
    override state = new ColyseusState();
    override maxClients = MAX_PLAYERS;
    override inputs = this.defineInput(SteeringInput);
    #joined = 0;

    override onCreate(): void {
      this.setFixedTimestep(() => this.#step(), TICK_RATE);
      // Patches go out with the tick instead of on a timer of their own. Set before, it would tick the clock besides.
      this.patchRate = null;
    }

    override onJoin({ sessionId }: Client): void {
      this.#joined += 1;
      const { x, y } = newShip(this.#joined);
      this.state.ships.set(sessionId, new ColyseusShip({ id: this.#joined, x, y }));
    }

    override onLeave({ sessionId }: Client): void {
      this.state.ships.delete(sessionId);
    }

    #step(): void {
      for (const [sessionId, ship] of this.state.ships) {
        for (const input of this.inputs.get(sessionId)) {
          stepShip(ship, input, Math.random);
          log.use(ship.id, input.serial);
        }
      }
      this.broadcastPatch();
      log.told(this.clients.length);
    }
  };
}
