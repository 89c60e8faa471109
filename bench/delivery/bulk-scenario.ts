import { defineRoom } from "tickwire";
import { Simulation } from "tickwire/testing";
import { IP_UDP_HEADER_BYTES } from "../../src/net/bytes/datagram-limit.ts";
import { BLOB_BYTES, bulkGame, spawnDrifters } from "./greedy-game.ts";

const QUIET_S = 20;
const GIVE_UP_S = 120;

export interface BulkLink {
  readonly kbps: number;
  readonly rttMs: number;
  readonly lossPercent: number;
  readonly seed: number;
}

export interface BulkResult {
  /** From `send` to the player's handler. */
  readonly seconds: number;
  /** Of what the link could carry in that time: all that arrived, headers included, and the blob alone. */
  readonly utilisation: number;
  readonly goodput: number;
  /** 99 % of the steps from one tick that the player was told of to the next were no longer, in ticks. */
  readonly quietIntervalP99: number;
  readonly busyIntervalP99: number;
  /** Whether it arrived, byte for byte. */
  readonly isWhole: boolean;
}

/** One blob of 4 MB to a player who plays on, through one link; before it the game alone. */
export function runBulk({ kbps, rttMs, lossPercent, seed }: BulkLink): BulkResult {
  const blob = Uint8Array.from({ length: BLOB_BYTES }, (_, i) => (i * 31) >> 7);
  const room = defineRoom(bulkGame, {
    onCreate: spawnDrifters,
    onJoin(world, player) {
      player.entity = world.spawn("ship", {});
    },
  });
  const simulation = new Simulation(room, {
    seed,
    link: { latencyMs: rttMs / 2, lossPercent },
    linkDown: { bandwidthKbps: kbps, bottleneck: "down" },
  });
  const client = simulation.join();
  const shownAtMs: number[] = [];
  client.onState = () => shownAtMs.push(simulation.network.nowMs);
  let heard: Uint8Array | undefined;
  let heardAtMs = 0;
  client.on("blob", ({ data }) => {
    heard = data;
    heardAtMs = simulation.network.nowMs;
  });
  simulation.run(5);
  shownAtMs.length = 0;
  simulation.run(QUIET_S);
  const quiet = intervalP99(shownAtMs);
  const sentAtMs = simulation.network.nowMs;
  const { counters } = client;
  const before = counters.bytesReceived + IP_UDP_HEADER_BYTES * counters.datagramsReceived;
  shownAtMs.length = 0;
  const [player] = simulation.server.room.players;
  player!.send("blob", { data: blob });
  for (let s = 0; heard === undefined && s < GIVE_UP_S * 10; s += 1) simulation.run(0.1);
  const arrived = counters.bytesReceived + IP_UDP_HEADER_BYTES * counters.datagramsReceived - before;
  const seconds = (heardAtMs - sentAtMs) / 1000;
  const bytesPerSecond = (kbps * 1000) / 8;
  return {
    seconds,
    utilisation: arrived / (bytesPerSecond * ((simulation.network.nowMs - sentAtMs) / 1000)),
    goodput: BLOB_BYTES / (bytesPerSecond * seconds),
    quietIntervalP99: quiet,
    busyIntervalP99: intervalP99(shownAtMs),
    isWhole:
      heard !== undefined && heard.length === blob.length && heard.every((byte, i) => byte === blob[i]),
  };
}

function intervalP99(shownAtMs: readonly number[]): number {
  const ticks = shownAtMs.slice(1).map((atMs, i) => ((atMs - shownAtMs[i]!) * bulkGame.tickRate) / 1000);
  return ticks.sort((a, b) => a - b)[Math.floor(ticks.length * 0.99)]!;
}
