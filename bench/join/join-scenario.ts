import { defineGame, defineRoom, t } from "tickwire";
import { type LinkConditions, Simulation } from "tickwire/testing";
import { IP_UDP_HEADER_BYTES } from "../../src/net/bytes/datagram-limit.ts";
import { LOOPBACK_RATES } from "../../src/net/congestion/rate-limits.ts";

const SIDE = 4_096;
export const HOUSES = 10_000;
/** So many are what a newcomer looks at first. */
const NEAREST = 100;
const GIVE_UP_S = 60;
const STEP_S = 0.002;

/** A world of things that rest, each about 30 bytes in full; and the same as one message. */
const game = defineGame({
  ...{ name: "village", tickRate: 30, avatar: "ship" },
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: {
    ship: { x: t.fixed(-SIDE, SIDE, 1 / 64), y: t.fixed(-SIDE, SIDE, 1 / 64) },
    house: {
      x: t.fixed(-SIDE, SIDE, 1 / 64),
      y: t.fixed(-SIDE, SIDE, 1 / 64),
      facing: t.angle(8),
      hp: t.uint(1_000),
      name: t.text(16),
    },
  },
  messages: { village: { from: "server", channel: "bulk", fields: { data: t.bytes(1_000_000) } } },
});

export interface JoinLink {
  readonly name: string;
  /** Infinity where there is no link to share. */
  readonly kbps: number;
  readonly link: Partial<LinkConditions>;
}

export const JOIN_LINKS: readonly JoinLink[] = [
  { name: "2 Mbit/s, 80 ms, 2 % loss", kbps: 2_000, link: { latencyMs: 40, lossPercent: 2 } },
  { name: "loopback", kbps: Number.POSITIVE_INFINITY, link: {} },
];

export interface JoinResult {
  /** From the moment the player was let in until it held its ship, the nearest, half of all and all. */
  readonly shipSeconds: number;
  readonly nearestSeconds: number;
  readonly halfSeconds: number;
  readonly allSeconds: number;
  /** Blocks of state that came until then. */
  readonly stateBytes: number;
  /** All that came from the first state until then, IP and UDP headers included, of what the link carries. */
  readonly utilisation: number;
}

/** A newcomer to a world of `HOUSES`, of which so many change each second, through one link. */
export function runJoin({ kbps, link }: JoinLink, changesPerSecond: number, seed: number): JoinResult {
  const room = defineRoom(game, {
    onCreate(world) {
      for (let i = 0; i < HOUSES; i += 1) {
        const [x, y] = [(world.random() - 0.5) * 2 * SIDE, (world.random() - 0.5) * 2 * SIDE];
        world.spawn("house", { x, y, facing: world.random() * 6, hp: 900, name: `house ${i}` });
      }
    },
    onJoin(world, player) {
      player.entity = world.spawn("ship", {});
    },
    onTick(world) {
      const houses = [...world.house];
      for (let i = 0; i < changesPerSecond / game.tickRate; i += 1) {
        const house = houses[Math.floor(world.random() * HOUSES)]!;
        house.hp = (house.hp + 1) % 1_000;
      }
    },
  });
  const simulation = simulationOf(room, kbps, link, seed);
  const client = simulation.join();
  const store = client["~store"];
  const houses = [...simulation.server.room.world.house];
  const nearest = houses
    .sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y))
    .slice(0, NEAREST)
    .map(({ id }) => id);
  const connection = client["~connection"];
  const { readState } = connection;
  let stateBytes = 0;
  connection.readState = (bytes, start, end) => {
    stateBytes += end - start;
    return readState(bytes, start, end);
  };
  const { counters } = client;
  let [joinedMs, firstMs, shipMs, nearestMs, halfMs] = [0, 0, 0, 0, 0];
  for (let s = 0; store.size <= HOUSES && s < GIVE_UP_S; s += STEP_S) {
    simulation.run(STEP_S);
    const { nowMs } = simulation;
    if (client.state === "playing") joinedMs ||= nowMs;
    if (store.size > 0) firstMs ||= nowMs;
    if (client.entity !== undefined) shipMs ||= nowMs;
    if (nearestMs === 0 && nearest.every((id) => store.get(id) !== undefined)) nearestMs = nowMs;
    if (store.size > HOUSES / 2) halfMs ||= nowMs;
  }
  const bytes = counters.bytesReceived + IP_UDP_HEADER_BYTES * counters.datagramsReceived;
  const seconds = (atMs: number): number => (atMs - joinedMs) / 1000;
  return {
    shipSeconds: seconds(shipMs),
    nearestSeconds: seconds(nearestMs),
    halfSeconds: seconds(halfMs),
    allSeconds: seconds(simulation.nowMs),
    stateBytes,
    utilisation: bytes / ((kbps / 8) * (simulation.nowMs - firstMs)),
  };
}

/** The same world in one message of `bytes`, to a player who is told of nothing else; from being let in to having it. */
export function runBulkJoin({ kbps, link }: JoinLink, bytes: number, seed: number): number {
  const room = defineRoom(game, {
    onJoin(world, player) {
      player.entity = world.spawn("ship", {});
      player.send("village", { data: new Uint8Array(bytes) });
    },
  });
  const simulation = simulationOf(room, kbps, link, seed);
  const client = simulation.join();
  let [joinedMs, heardMs] = [0, 0];
  client.on("village", () => {
    heardMs = simulation.nowMs;
  });
  for (let s = 0; heardMs === 0 && s < GIVE_UP_S; s += STEP_S) {
    simulation.run(STEP_S);
    if (client.state === "playing") joinedMs ||= simulation.nowMs;
  }
  return (heardMs - joinedMs) / 1000;
}

function simulationOf(
  room: ReturnType<typeof defineRoom<(typeof game)["~shape"]>>,
  kbps: number,
  link: Partial<LinkConditions>,
  seed: number,
): Simulation<(typeof game)["~shape"]> {
  const isLoopback = kbps === Number.POSITIVE_INFINITY;
  return new Simulation(room, {
    ...{ seed, link },
    ...(isLoopback ? { net: { loopbackRates: LOOPBACK_RATES } } : { linkDown: { bandwidthKbps: kbps } }),
  });
}
