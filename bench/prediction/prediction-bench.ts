import { PredictedWorld } from "../../src/game/prediction/predicted-world.ts";
import { CarryBlock } from "../../src/game/replication/carry-block.ts";
import { CarryReader } from "../../src/game/replication/carry-reader.ts";
import { DeltaBlock } from "../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { PlayerId } from "../../src/game/schema/field.ts";
import { packInput, unpackInput } from "../../src/game/schema/input-codec.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { entityIndex } from "../../src/game/world/entity-store.ts";
import type { EntityView } from "../../src/game/world/entity-view.ts";
import { GameWorld } from "../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchReport, BenchRow } from "../bench-row.ts";
import { median, spreadOf } from "../repetitions.ts";
import { moveShip, type Ship, SIDE, TURN_SHARE, torusGame, turnShip } from "../torus/torus-game.ts";

const VISIBLE = 100;
const AHEAD_TICKS = 10;
const ME = 1 as PlayerId;
const WARM_UP_TICKS = 1500;
const ROUNDS = 7;
const ROUND_TICKS = 300;
const BLOCK_BYTES = 4000;

const game = torusGame as unknown as Game<Shape>;

/** A server's world of 100 ships, and one player's client, which plays 10 ticks ahead of what it is told at once. */
class Play {
  readonly world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  readonly random = new SeededRandom(2);
  readonly history = new ReplicaHistory(game);
  readonly deltas = new DeltaBlock(new DeltaEncoder(this.history));
  readonly carries = new CarryBlock(this.history, this.world["~store"]);
  readonly store = new ReplicaStore(game);
  readonly reader = new CarryReader(this.store);
  readonly predicted = new PredictedWorld(torusGame, { stepSeed: 1 });
  readonly writer = new MsgpackWriter();
  readonly bytes = new Uint8Array(BLOCK_BYTES);
  readonly ships: readonly EntityView[];
  readonly own: number;
  readonly isPushed: boolean;
  readonly held = new Float64Array(VISIBLE).fill(-1);
  readonly input = unpackInput(torusGame, packInput(torusGame, { dx: 0.5, dy: 0.25 }));
  readUs = 0;
  predictUs = 0;
  sum = 0;

  constructor(own: number, isPushed: boolean) {
    this.own = own;
    this.isPushed = isPushed;
    this.ships = Array.from({ length: VISIBLE }, (_, n) => {
      const place = { x: this.random.next() * SIDE, y: this.random.next() * SIDE };
      const ship = this.world.spawn("ship", place);
      if (n < own) ship.owner = ME;
      else turnShip(ship as unknown as Ship, this.random.next());
      return ship;
    });
    for (let tick = 0; tick < AHEAD_TICKS; tick += 1) this.predicted.advance(tick, this.input);
  }

  tick(): void {
    const { world, history, store, reader, predicted } = this;
    this.#step();
    history.capture(world["~store"], world.tick);
    const delta = this.#deltaBlock();
    const carry = this.#carryBlock();
    const started = performance.now();
    if (delta !== undefined && !store.receive(delta)) throw new Error("A block was refused.");
    reader.receive(carry);
    const read = performance.now();
    predicted.advance(world.tick + AHEAD_TICKS - 1, this.input);
    predicted.confirm(store, reader.state, world.tick * 33);
    predicted.show(world.tick * 33);
    for (const { x, y } of predicted.view.ship) this.sum += x + y;
    this.predictUs += (performance.now() - read) * 1000;
    this.readUs += (read - started) * 1000;
  }

  #step(): void {
    const { world, random } = this;
    const own = this.ships.slice(0, this.own);
    world["~stepThese"](own, this.input, (error) => {
      throw error;
    });
    for (const ship of this.ships.slice(this.own)) {
      if (random.next() < TURN_SHARE) turnShip(ship as unknown as Ship, random.next());
      moveShip(ship as unknown as Ship, world.dt);
    }
    // By no more than is smoothed.
    if (this.isPushed) for (const ship of own) (ship as unknown as Ship).x += random.next();
    world["~roundState"]();
    world["~endTick"]();
  }

  #deltaBlock(): Uint8Array | undefined {
    const { history, deltas, held, ships, world } = this;
    deltas.begin(world.tick, BLOCK_BYTES);
    for (const [n, ship] of ships.entries()) {
      const index = entityIndex(ship.id);
      const viewer = n < this.own ? 2 : 0;
      const age = history.ageFor(index, held[n]!, viewer);
      if (age === NOTHING_NEW || !deltas.add(index, age, viewer)) continue;
      held[n] = world.tick;
    }
    if (deltas.size === 0) return undefined;
    deltas.write(this.writer.reset(this.bytes));
    return this.bytes.slice(0, this.writer.at);
  }

  #carryBlock(): Uint8Array {
    const indexes = Int32Array.from(this.ships.slice(0, this.own), ({ id }) => entityIndex(id));
    const own = {
      ...{ playerId: ME, avatarIndex: indexes[0]!, indexes, count: indexes.length },
      heldTicks: this.held.slice(0, this.own),
    };
    this.carries.write(this.writer.reset(this.bytes), own, BLOCK_BYTES);
    return this.bytes.slice(0, this.writer.at);
  }
}

interface Cell {
  readonly name: string;
  readonly own: number;
  readonly isPushed: boolean;
}

const CELLS: readonly Cell[] = [
  { name: "1 own, as predicted", own: 1, isPushed: false },
  { name: "1 own, corrected in each tick", own: 1, isPushed: true },
  { name: "10 own, corrected in each tick", own: 10, isPushed: true },
];

/** Time of a client's tick with 100 entities in sight: one tick ahead, one confirmed, and 10 replayed where that was wrong. */
export function predictionBench(): BenchReport {
  const cells = CELLS.map((cell) => ({ cell, ...measure(cell) }));
  const rows = cells.map(({ cell, us }): BenchRow => {
    return {
      ...{ name: `prediction/${cell.name.replaceAll(/[ ,]+/g, "-")}`, runtime: runtimeName() },
      ...{ value: median(us), unit: "µs", spread: spreadOf(us) },
    };
  });
  const lines = [
    `${VISIBLE} entities in sight, µs per client tick: medians of ${ROUNDS} rounds of ${ROUND_TICKS} ticks ± half their range.`,
    "",
    "| | replayed ticks per tick | reading blocks | prediction |",
    "|---|---|---|---|",
    ...cells.map(({ cell, us, readUs, replayed }) => {
      const spread = `${(spreadOf(us) * 100).toFixed(0)} %`;
      return `| ${cell.name} | ${replayed.toFixed(1)} | ${median(readUs).toFixed(1)} | ${median(us).toFixed(1)} ± ${spread} |`;
    }),
  ];
  return { rows, text: lines.join("\n") };
}

function measure({ own, isPushed }: Cell): { us: number[]; readUs: number[]; replayed: number } {
  const play = new Play(own, isPushed);
  for (let n = 0; n < WARM_UP_TICKS; n += 1) play.tick();
  const { replayedTicks } = play.predicted.counters;
  const us: number[] = [];
  const readUs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    play.readUs = 0;
    play.predictUs = 0;
    for (let n = 0; n < ROUND_TICKS; n += 1) play.tick();
    us.push(play.predictUs / ROUND_TICKS);
    readUs.push(play.readUs / ROUND_TICKS);
  }
  if (!(play.sum > 0)) throw new Error("Nothing was shown.");
  const replayed = (play.predicted.counters.replayedTicks - replayedTicks) / (ROUNDS * ROUND_TICKS);
  return { us, readUs, replayed };
}
