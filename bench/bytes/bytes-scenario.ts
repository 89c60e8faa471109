import { defineBot, defineRoom, type EntityId, type WorldOf } from "tickwire";
import { Simulation } from "tickwire/testing";
import { TOLERANCE_STEPS } from "../../src/game/replication/replica-rule.ts";
import type { Snapshot } from "../../src/game/replication/snapshot.ts";
import { POSITION_STEP, SIDE, TURN_SHARE, torusGame } from "../torus/torus-game.ts";

const PLAYERS = 100;
/** Some clients look whether what they see is so: all would take long. */
const WITNESSES = 10;
const REMEMBERED_TICKS = 64;
/** Places that are fractions of a step are rounded as well. */
const MOST_OFF = (TOLERANCE_STEPS + 0.5) * POSITION_STEP;

export interface BytesScenario {
  /** There and back again, beside the moment that clients wait for their ticks. */
  readonly addedRttMs: number;
  readonly seed: number;
  /** Of virtual time. */
  readonly warmUpS: number;
  readonly measuredS: number;
}

export interface BytesResult {
  /** UDP payload down per client, tick of the server and entity. */
  readonly perEntity: number;
  /** The same of the client that was sent most. */
  readonly mostPerEntity: number;
  readonly datagramsPerTick: number;
  readonly perDatagram: number;
  /** Of the server's ticks, those that clients were told something of. */
  readonly toldShare: number;
  readonly rttMs: number;
  /** How often a client looked at a ship of the tick it was told of, and how often it saw another than there was. */
  readonly looks: number;
  readonly wrongLooks: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

/** Flies straight on, and turns with p = 0.05 per tick. */
const bot = defineBot(torusGame, ({ entity }, random) => {
  const isTurning = random() < TURN_SHARE;
  const angle = random() * 2 * Math.PI;
  const isAtRest = entity !== undefined && entity.vx === 0 && entity.vy === 0;
  return isTurning || isAtRest ? { dx: Math.cos(angle), dy: Math.sin(angle) } : {};
});

/** The benchmark game, played by a hundred who all see each other, by way of everything that lies between them. */
export function runBytes({ addedRttMs, seed, warmUpS, measuredS }: BytesScenario): BytesResult {
  const truth = new Truth();
  const room = defineRoom(torusGame, {
    maxPlayers: PLAYERS,
    onJoin(world, player) {
      player.entity = world.spawn("ship", { x: world.random() * SIDE, y: world.random() * SIDE });
    },
    onTick: (world) => truth.note(world),
  });
  const simulation = new Simulation(room, { seed, link: { latencyMs: addedRttMs / 2 }, bot });
  const clients = Array.from({ length: PLAYERS }, () => simulation.join());
  simulation.run(warmUpS);
  let looks = 0;
  let wrongLooks = 0;
  for (const client of clients.slice(0, WITNESSES)) {
    client.onState = (tick) => {
      const told = placesOf(client.snapshot());
      for (const [id, place] of truth.at(tick)) {
        looks += 1;
        const seen = told.get(id);
        if (seen === undefined || !isAlike(seen, place)) wrongLooks += 1;
      }
    };
  }
  const before = clients.map(({ counters, stats }) => ({ ...counters, ...stats }));
  const tickBefore = simulation.server.room.tick;
  simulation.run(measuredS);
  const ticks = simulation.server.room.tick - tickBefore;
  const bytes = clients.map(({ counters }, i) => counters.bytesReceived - before[i]!.bytesReceived);
  const datagrams = clients.map(
    ({ counters }, i) => counters.datagramsReceived - before[i]!.datagramsReceived,
  );
  const told = clients.map(({ stats }, i) => stats.stateTicks - before[i]!.stateTicks);
  const perEntity = (of: number): number => of / ticks / PLAYERS;
  return {
    perEntity: perEntity(mean(bytes)),
    mostPerEntity: perEntity(Math.max(...bytes)),
    datagramsPerTick: mean(datagrams) / ticks,
    perDatagram: mean(bytes) / mean(datagrams),
    toldShare: mean(told) / ticks,
    rttMs: mean(clients.map(({ stats }) => stats.rttMs ?? Number.NaN)),
    looks,
    wrongLooks,
  };
}

/** Where ships were, at the last ticks. */
class Truth {
  readonly #ticks = new Map<number, ReadonlyMap<EntityId, Place>>();

  note(world: WorldOf<typeof torusGame>): void {
    // What runs as one tick is the state after so many and one.
    const tick = world.tick + 1;
    const ships = Array.from(world.ship, ({ id, x, y, vx, vy }) => [id, { x, y, vx, vy }] as const);
    this.#ticks.set(tick, new Map(ships));
    this.#ticks.delete(tick - REMEMBERED_TICKS);
  }

  /** @throws Error for a tick that is forgotten or never was. */
  at(tick: number): ReadonlyMap<EntityId, Place> {
    const places = this.#ticks.get(tick);
    if (places === undefined) throw new Error(`Nobody knows of tick ${tick}.`);
    return places;
  }
}

/** Where a client was told that ships are: its view shows it later. */
function placesOf({ kinds }: Snapshot): ReadonlyMap<number, Place> {
  const { schema, ids, numbers } = kinds[0]!;
  const columns = (["x", "y", "vx", "vy"] as const).map((name) => {
    const { codec, column } = schema.fields.find((field) => field.name === name)!;
    return Array.from(numbers[column]!, (replica) => codec.unpack(replica) as number);
  });
  const [x, y, vx, vy] = columns as [number[], number[], number[], number[]];
  return new Map(Array.from(ids, (id, i) => [id, { x: x[i]!, y: y[i]!, vx: vx[i]!, vy: vy[i]! }]));
}

function isAlike(seen: Place, place: Place): boolean {
  if (seen.vx !== place.vx || seen.vy !== place.vy) return false;
  return Math.abs(seen.x - place.x) <= MOST_OFF && Math.abs(seen.y - place.y) <= MOST_OFF;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
