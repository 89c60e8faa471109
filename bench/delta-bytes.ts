/**
 * Bytes and time of delta records in the benchmark game: 100 entities on a torus of 1000 × 1000, all moving, each of
 * which turns with p = 0.05 per tick; x and y 16 bits, vx, vy and hp 8. No packets, so no overhead of theirs.
 *
 *   npx node bench/delta-bytes.ts
 */
import { DeltaBlock } from "../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../src/game/replication/replica-store.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import { defineGame } from "../src/game/schema/define-game.ts";
import { t } from "../src/game/schema/field-types.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import { GameWorld } from "../src/game/world/game-world.ts";
import { MsgpackWriter } from "../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../src/net/bytes/seeded-random.ts";

const ENTITIES = 100;
const SIDE = 1000;
const SPEED = 100;
const ACK_DELAYS_TICKS = [1, 4, 7];
const WARM_UP_TICKS = 3000;
const TICKS = 6000;
const BLOCK_BYTES = 1150;
/** Told the same at the same time, each with a block of its own. */
const PLAYERS = 100;

const game = defineGame({
  name: "torus",
  tickRate: 30,
  input: {},
  entities: {
    ship: {
      x: t.fixed(0, SIDE, 1 / 64).follows("vx"),
      y: t.fixed(0, SIDE, 1 / 64).follows("vy"),
      vx: t.fixed(-128, 127, 1),
      vy: t.fixed(-128, 127, 1),
      hp: t.uint(255).default(100),
    },
  },
}) as unknown as Game<Shape>;

interface Ship {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

/** Directions come out of inputs, so they are whole on the wire as in the game. */
function turn(ship: Ship, random: SeededRandom): void {
  const angle = random.next() * 2 * Math.PI;
  ship.vx = Math.round(Math.cos(angle) * SPEED);
  ship.vy = Math.round(Math.sin(angle) * SPEED);
}

const around = (place: number): number => ((place % SIDE) + SIDE) % SIDE;

function measure(ackDelayTicks: number): void {
  const random = new SeededRandom(1);
  const world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  const ships = Array.from({ length: ENTITIES }, () => {
    const place = { x: random.next() * SIDE, y: random.next() * SIDE };
    const ship = world.spawn("ship", place) as unknown as Ship;
    turn(ship, random);
    return ship;
  });
  const history = new ReplicaHistory(game);
  const encoder = new DeltaEncoder(history);
  const block = new DeltaBlock(encoder);
  const store = new ReplicaStore(game);
  const writer = new MsgpackWriter();
  const bytes = new Uint8Array(BLOCK_BYTES);
  const held = new Float64Array(ENTITIES).fill(-1);
  /** Entities told of in each of the last ticks. */
  const told: number[][] = [];
  const sums = { bytes: 0, records: 0, captureUs: 0, encodeUs: 0, fillUs: 0, readUs: 0 };
  for (let n = 0; n < WARM_UP_TICKS + TICKS; n += 1) {
    if (n === WARM_UP_TICKS) for (const key of Object.keys(sums)) sums[key as keyof typeof sums] = 0;
    for (const ship of ships) {
      if (random.below(20) === 0) turn(ship, random);
      ship.x = around(ship.x + ship.vx * world.dt);
      ship.y = around(ship.y + ship.vy * world.dt);
    }
    world["~roundState"]();
    world["~endTick"]();
    const { tick } = world;
    let start = performance.now();
    history.capture(world["~store"], tick);
    sums.captureUs += (performance.now() - start) * 1000;
    for (const index of told[n - ackDelayTicks] ?? []) held[index] = tick - ackDelayTicks;
    start = performance.now();
    for (let index = 0; index < ENTITIES; index += 1) {
      const age = history.ageFor(index, held[index]!, 0);
      if (age !== NOTHING_NEW) encoder.record(index, age, 0);
    }
    sums.encodeUs += (performance.now() - start) * 1000;
    start = performance.now();
    const indexes: number[] = [];
    for (let player = 0; player < PLAYERS; player += 1) {
      block.begin(tick, BLOCK_BYTES);
      for (let index = 0; index < ENTITIES; index += 1) {
        const age = history.ageFor(index, held[index]!, 0);
        if (age === NOTHING_NEW || !block.add(index, age, 0)) continue;
        if (player === 0) indexes.push(index);
      }
      block.write(writer.reset(bytes));
    }
    sums.fillUs += (performance.now() - start) * 1000;
    told.push(indexes);
    start = performance.now();
    if (!store.receive(bytes, 0, writer.at)) throw new Error("A block was refused.");
    sums.readUs += (performance.now() - start) * 1000;
    sums.bytes += writer.at - intBytes(tick);
    sums.records += block.size;
  }
  const per = (sum: number, count: number): string => (sum / count).toFixed(2).padStart(7);
  console.log(
    `ack after ${ackDelayTicks} ticks: ${per(sums.bytes, TICKS * ENTITIES)} B per entity and tick,` +
      ` ${per(sums.bytes, sums.records)} B per record, ${per(sums.records, TICKS)} records per tick;` +
      ` capture ${per(sums.captureUs, TICKS)} µs, encode ${per(sums.encodeUs, sums.records)} µs per record,` +
      ` fill ${per(sums.fillUs, TICKS * PLAYERS)} µs per player, read ${per(sums.readUs, TICKS)} µs per block`,
  );
}

const intBytes = (value: number): number => (value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x1_0000 ? 3 : 5);

for (const ackDelayTicks of ACK_DELAYS_TICKS) measure(ackDelayTicks);
