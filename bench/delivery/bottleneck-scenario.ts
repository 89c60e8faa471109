import { type LinkConditions, Simulation } from "tickwire/testing";
import type { GameClient } from "../../client/game-client.ts";
import { IP_UDP_HEADER_BYTES } from "../../src/net/bytes/datagram-limit.ts";
import { greedyRoom } from "./greedy-game.ts";

const WARM_UP_S = 10;
const MEASURED_S = 60;
const ONE_WAY_MS = 20;

export interface BottleneckCell {
  readonly kbps: number;
  readonly bufferMs: number;
  readonly lossPercent: number;
  /** When each flow starts, in seconds. */
  readonly startsS: readonly number[];
  readonly seed: number;
  readonly jitterMs?: number;
}

export interface BottleneckResult {
  /** Of what the link can carry, what arrived at the players. */
  readonly utilisation: number;
  /** Of all datagrams at the bottleneck, their own sending left out. */
  readonly queueP95Ms: number;
  /** Each flow's share of what arrived. */
  readonly shares: readonly number[];
  readonly queueDropped: number;
  /** Complete ticks that each player saw per second. */
  readonly statesPerSecond: readonly number[];
}

/** One cell: greedy flows from the server through one link, measured for a minute once all run for ten seconds. */
export function runBottleneck(cell: BottleneckCell): BottleneckResult {
  const { kbps, bufferMs, lossPercent, startsS, seed, jitterMs = 0 } = cell;
  const linkDown: Partial<LinkConditions> = { bandwidthKbps: kbps, bufferMs, bottleneck: "down", jitterMs };
  const simulation = new Simulation(greedyRoom, {
    seed,
    link: { latencyMs: ONE_WAY_MS, lossPercent },
    linkDown,
  });
  const flows: (typeof simulation.clients)[number][] = [];
  let nowS = 0;
  for (const [flow, startS] of [...startsS.entries()].sort(([, a], [, b]) => a - b)) {
    simulation.run(startS - nowS);
    nowS = startS;
    flows[flow] = simulation.join();
  }
  simulation.run(WARM_UP_S);
  const waits: number[] = [];
  simulation.network.watchQueue = (_to, _bytes, waitMs) => {
    if (waitMs >= 0) waits.push(waitMs);
  };
  const before = flows.map(arrivedBytes);
  const statesBefore = flows.map(({ stats }) => stats.stateTicks);
  const droppedBefore = simulation.network.queueDropped;
  simulation.run(MEASURED_S);
  const arrived = flows.map((flow, i) => arrivedBytes(flow) - before[i]!);
  const all = arrived.reduce((sum, bytes) => sum + bytes, 0);
  waits.sort((a, b) => a - b);
  return {
    utilisation: all / ((kbps / 8) * 1000 * MEASURED_S),
    queueP95Ms: waits[Math.floor(waits.length * 0.95)] ?? 0,
    shares: arrived.map((bytes) => bytes / all),
    queueDropped: simulation.network.queueDropped - droppedBefore,
    statesPerSecond: flows.map(({ stats }, i) => (stats.stateTicks - statesBefore[i]!) / MEASURED_S),
  };
}

function arrivedBytes({ counters }: { readonly counters: GameClient<never>["counters"] }): number {
  return counters.bytesReceived + IP_UDP_HEADER_BYTES * counters.datagramsReceived;
}
