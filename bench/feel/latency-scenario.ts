/**
 * How long it takes from an input to a state that has it in, by way of links that lose packets: the game of the peers'
 * table, twelve players at 30 Hz and 80 ± 10 ms of round trip, in virtual time.
 */
import type { GameClient } from "../../client/game-client.ts";
import { replicaPlans } from "../../src/game/replication/replica-plan.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { IP_UDP_HEADER_BYTES } from "../../src/net/bytes/datagram-limit.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { Simulation } from "../../src/testing-door.ts";
import { Pilot, ServerLog } from "../peers/fleet.ts";
import { InputTimes } from "../peers/input-times.ts";
import { peersGame, peersRoom } from "../peers/tickwire/arena-game.ts";
import { percentile } from "./feel-scenario.ts";

const PLAYERS = 12;
const WARM_UP_SECONDS = 8;
const LATEST_ANSWER_SECONDS = 3;
const PATH = { latencyMs: 35, jitterMs: 10 };
const serialPlace = replicaPlans(peersGame as unknown as Game<Shape>)[0]!.views[0].fields.find(
  ({ schema }) => schema.name === "serial",
)!.place;

export interface LatencyRun {
  /** From `setInput`, called in the client's tick, to the newest decoded state of a tick that used it or of a later one. */
  readonly p50: number;
  readonly p99: number;
  readonly unusedPercent: number;
  /** Per player and second, IP and UDP headers counted. */
  readonly downBytes: number;
  readonly upBytes: number;
}

/** Both ways lose so much, each packet by itself. */
export function runLatency(lossPercent: number, seed: number, seconds: number): LatencyRun {
  const log = new ServerLog();
  const simulation = new Simulation(peersRoom(log), { seed, link: { ...PATH, lossPercent } });
  const players = Array.from({ length: PLAYERS }, (_, n) => join(simulation, n));
  simulation.run(WARM_UP_SECONDS);
  const before = { ...simulation.server.net.counters };
  for (const { times } of players) times.begin();
  simulation.run(seconds);
  for (const { times } of players) times.end();
  const after = { ...simulation.server.net.counters };
  simulation.run(LATEST_ANSWER_SECONDS);
  const judged = players.map(({ client, times }) =>
    times.judge(log.used.get(client.playerId!) ?? new Set(), simulation.nowMs),
  );
  const allMs = judged.flatMap((inputs) => inputs.allMs);
  const unused = judged.reduce((sum, inputs) => sum + inputs.unused, 0);
  const perSecond = (bytes: number, datagrams: number): number =>
    (bytes + IP_UDP_HEADER_BYTES * datagrams) / seconds / PLAYERS;
  return {
    p50: percentile(allMs, 50),
    p99: percentile(allMs, 99),
    unusedPercent: (100 * unused) / allMs.length,
    downBytes: perSecond(after.bytesSent - before.bytesSent, after.datagramsSent - before.datagramsSent),
    upBytes: perSecond(
      after.bytesReceived - before.bytesReceived,
      after.datagramsReceived - before.datagramsReceived,
    ),
  };
}

type PeersShape = typeof peersGame extends Game<infer S> ? S : never;

function join(simulation: Simulation<PeersShape>, n: number) {
  const chance = new SeededRandom(99 + n);
  const pilot = new Pilot(() => chance.next());
  const times = new InputTimes();
  const client: GameClient<PeersShape> = simulation.join((me) => {
    pilot.think();
    me.setInput({ serial: times.set(simulation.nowMs), dx: pilot.dx, dy: pilot.dy });
  });
  client.onState = () => {
    const ships = client["~store"].present[0]!.entities;
    const own = ships.find(({ newest }) => newest?.owner === client.playerId)?.newest;
    if (own !== undefined) times.answer(own.numbers[serialPlace]!, simulation.nowMs);
  };
  return { client, times };
}
