import { connect as connectPlayer } from "../../../client/mod.ts";
import type { HeldEntity } from "../../../src/game/replication/held-entity.ts";
import { replicaPlans } from "../../../src/game/replication/replica-plan.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { issueDevelopmentToken } from "../../../src/token-door.ts";
import type { Connect } from "../peer.ts";
import { peersGame } from "./arena-game.ts";

export const hasTicks = true;

const shipPlan = replicaPlans(peersGame as unknown as Game<Shape>)[0]!;
const serialPlace = shipPlan.views[0].fields.find(({ schema }) => schema.name === "serial")!.place;

export const connect: Connect = async ({ host, port }, events) => {
  const client = await connectPlayer(peersGame, `udp://${host}:${port}`, {
    token: issueDevelopmentToken(),
  });
  const [ships] = client["~store"].present;
  let own: HeldEntity | undefined;
  client.onTick = () => events.onTick();
  // What the server told, neither predicted nor interpolated.
  client.onState = () => {
    if (own?.newest?.owner !== client.playerId) {
      own = ships!.entities.find(({ newest }) => newest?.owner === client.playerId);
    }
    if (own?.newest !== undefined) events.onState(own.newest.numbers[serialPlace]!);
  };
  void client.closed.then(({ reason, detail }) => events.onLost(`${detail} (${reason})`));
  return {
    id: client.playerId!,
    get bytesDown() {
      return client.stats.bytesDown;
    },
    setInput: (serial, dx, dy) => client.setInput({ serial, dx, dy }),
  };
};
