import { DeltaBlock } from "../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { GameWorld } from "../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { type BenchReport, exactRow } from "../bench-row.ts";
import { moveShip, type Ship, SIDE, torusGame, turnShip } from "../torus/torus-game.ts";

const ENTITIES = 100;
const ACK_DELAYS_TICKS = [1, 4, 7];
const WARM_UP_TICKS = 3000;
const TICKS = 6000;
const BLOCK_BYTES = 1150;
/** Told the same at the same time, each with a block of its own. */
const PLAYERS = 100;

const game = torusGame as unknown as Game<Shape>;

interface Sums {
  bytes: number;
  records: number;
  captureUs: number;
  encodeUs: number;
  fillUs: number;
  readUs: number;
}

/**
 * Bytes and time of delta records in the benchmark game, of 100 ships that all are told of. No packets, so no overhead
 * of theirs.
 */
export function deltaBytesBench(): BenchReport {
  const all = ACK_DELAYS_TICKS.map((ackDelayTicks) => ({ ackDelayTicks, sums: measure(ackDelayTicks) }));
  const rows = all.flatMap(({ ackDelayTicks, sums: { bytes, records } }) => {
    const name = `delta-bytes/ack-after-${ackDelayTicks}/`;
    return [
      exactRow(`${name}per-entity`, bytes / (TICKS * ENTITIES), "bytes"),
      exactRow(`${name}per-record`, bytes / records, "bytes"),
      exactRow(`${name}records`, records / TICKS, "records per tick"),
    ];
  });
  const lines = [
    "Bytes of blocks but for their ticks; µs of one run.",
    "",
    "| ack after | bytes per entity and tick | per record | records per tick | capture | encode a record | fill for a player | read a block |",
    "|---|---|---|---|---|---|---|---|",
    ...all.map(({ ackDelayTicks, sums }) => lineOf(ackDelayTicks, sums)),
  ];
  return { rows, text: lines.join("\n") };
}

function lineOf(ackDelayTicks: number, sums: Sums): string {
  const per = (sum: number, count: number): string => (sum / count).toFixed(2);
  const cells = [
    ackDelayTicks === 1 ? "1 tick" : `${ackDelayTicks} ticks`,
    per(sums.bytes, TICKS * ENTITIES),
    per(sums.bytes, sums.records),
    per(sums.records, TICKS),
    `${per(sums.captureUs, TICKS)} µs`,
    `${per(sums.encodeUs, sums.records)} µs`,
    `${per(sums.fillUs, TICKS * PLAYERS)} µs`,
    `${per(sums.readUs, TICKS)} µs`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function measure(ackDelayTicks: number): Sums {
  const random = new SeededRandom(1);
  const world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  const ships = Array.from({ length: ENTITIES }, () => {
    const place = { x: random.next() * SIDE, y: random.next() * SIDE };
    const ship = world.spawn("ship", place) as unknown as Ship;
    turnShip(ship, random.next());
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
  const sums: Sums = { bytes: 0, records: 0, captureUs: 0, encodeUs: 0, fillUs: 0, readUs: 0 };
  for (let n = 0; n < WARM_UP_TICKS + TICKS; n += 1) {
    if (n === WARM_UP_TICKS) for (const key of Object.keys(sums)) sums[key as keyof typeof sums] = 0;
    for (const ship of ships) {
      if (random.below(20) === 0) turnShip(ship, random.next());
      moveShip(ship, world.dt);
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
  return sums;
}

function intBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x1_0000 ? 3 : 5;
}
