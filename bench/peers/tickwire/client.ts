import { BotCrew } from "../../../client/bot-crew.ts";
import { ClientDriver } from "../../../client/client-driver.ts";
import { definitionDigest } from "../../../src/definition-digest.ts";
import type { HeldEntity } from "../../../src/game/replication/held-entity.ts";
import { replicaPlans } from "../../../src/game/replication/replica-plan.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../../src/net/crypto/token-issuer.ts";
import { MonotonicClock } from "../../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../../src/runtime-adapters/open-socket.ts";
import { systemRandom } from "../../../src/runtime-adapters/system-random.ts";
import { TimerTicker } from "../../../src/runtime-adapters/timer-ticker.ts";
import { unixMs } from "../../../src/runtime-adapters/wall-clock.ts";
import type { Connect } from "../peer.ts";
import { peersGame } from "./arena-game.ts";

export const hasTicks = true;

const CONNECT_TIMEOUT_MS = 20_000;
const shipPlan = replicaPlans(peersGame as unknown as Game<Shape>)[0]!;
const serialPlace = shipPlan.views[0].fields.find(({ schema }) => schema.name === "serial")!.place;
const sodium = await loadSodium();
const crypto = { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, peersGame) };
const clock = new MonotonicClock();
/** One for all, as `tickwire bots` has it. */
const driver = new ClientDriver({ clock, ticker: new TimerTicker(clock), openSocket: openDatagramSocket });

/** As `tickwire bots`: whole clients that decode and interpolate all they are told, and do not predict. */
export const connect: Connect = async (server, events) => {
  const crew = new BotCrew(peersGame, undefined, {
    ...{ server, crypto, seed: 1, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    token: () => issueToken(sodium, systemRandom, DEVELOPMENT_KEY, {}, unixMs()),
    random: systemRandom,
  });
  const client = crew.next();
  let own: HeldEntity | undefined;
  client.onTick = () => events.onTick();
  const playing = new Promise<void>((resolve) => {
    // What the server told, neither predicted nor interpolated.
    client.onState = () => {
      const { entities } = client["~store"].present[0]!;
      if (own?.newest?.owner !== client.playerId) {
        own = entities.find(({ newest }) => newest?.owner === client.playerId);
      }
      if (own?.newest === undefined) return;
      resolve();
      events.onState(own.newest.numbers[serialPlace]!, entities.length);
    };
  });
  await driver.add(client, server);
  const ended = client.closed.then(({ reason, detail }) => `${detail} (${reason})`);
  const why = await Promise.race([playing, ended]);
  if (why !== undefined) throw new Error(why);
  void ended.then((late) => events.onLost(late));
  return {
    id: client.playerId!,
    get bytesDown() {
      return client.stats.bytesDown;
    },
    setInput: (serial, dx, dy) => client.setInput({ serial, dx, dy }),
  };
};
