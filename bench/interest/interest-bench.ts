import type { PlayerInterest } from "../../src/game/interest/player-interest.ts";
import { RoomInterest } from "../../src/game/interest/room-interest.ts";
import type { Surprises } from "../../src/game/interest/surprises.ts";
import type { Watcher } from "../../src/game/interest/watcher.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import type { PlayerId } from "../../src/game/schema/field.ts";
import { t } from "../../src/game/schema/field-types.ts";
import type { EntityView } from "../../src/game/world/entity-view.ts";
import { GameWorld } from "../../src/game/world/game-world.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchReport, BenchRow } from "../bench-row.ts";
import { spreadOf } from "../repetitions.ts";

const TICK_RATE = 30;
const ACK_TICKS = 3;
const SURPRISE_SHARE = 0.05;
const PACKET_BYTES = 1100;
/** The clock of the thread moves in steps of milliseconds: only sums over many ticks mean something. */
const BARE_LOOPS = 10;
const REPETITIONS = 3;

const game = defineGame({
  name: "bench",
  tickRate: TICK_RATE,
  input: {},
  entities: {
    ship: {
      x: t.fixed(-4096, 4096, 1 / 64),
      y: t.fixed(-4096, 4096, 1 / 64),
      vx: t.fixed(-64, 64, 1 / 16),
      vy: t.fixed(-64, 64, 1 / 16),
    },
  },
});

/** Of this thread: on a shared machine the clock on the wall measures the others. */
function cpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

interface Ship {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

/** As cheap as an encoder can be: two columns and made-up sizes. */
class BenchEncoder implements Surprises {
  readonly #newest: Float64Array;
  readonly #before: Float64Array;
  #tick = 1;

  constructor(entities: number) {
    this.#newest = new Float64Array(entities).fill(1);
    this.#before = new Float64Array(entities).fill(1);
  }

  surprise(index: number, tick: number): void {
    this.#before[index] = this.#newest[index]!;
    this.#newest[index] = tick;
    this.#tick = tick;
  }

  newest(index: number): number {
    return this.#newest[index]!;
  }

  ageFor(index: number, heldTick: number): number {
    const before = this.#before[index]!;
    const age = this.#tick - (before > heldTick ? before : this.#newest[index]!) + 1;
    return age > 63 ? 0 : age;
  }

  recordBytes(_index: number, age: number): number {
    return age === 0 ? 20 : 5;
  }
}

interface Shape {
  readonly name: string;
  /** In names of rows. */
  readonly key: string;
  readonly rooms: number;
  readonly players: number;
  readonly entities: number;
  /** Mean number of visible entities; undefined: no interest. */
  readonly visible?: number;
  readonly budgetBytes: number;
}

class BenchRoom {
  readonly #random: SeededRandom;
  readonly #world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  readonly #encoder: BenchEncoder;
  readonly #interest: RoomInterest<Watcher>;
  readonly #players: PlayerInterest<Watcher>[] = [];
  readonly #ships: EntityView[] = [];
  readonly #side: number;
  readonly #budgetBytes: number;
  #number = 0;
  /** Of the last tick: microseconds of observe, look, choose and note, settle, and the bare loop. */
  readonly tookUs: number[] = [0, 0, 0, 0, 0];
  updates = 0;
  visible = 0;
  planned = 0;

  constructor(shape: Shape, seed: number) {
    this.#random = new SeededRandom(seed);
    const radius = 160;
    const { visible, entities } = shape;
    this.#side = visible === undefined ? 400 : Math.sqrt((entities / visible) * Math.PI * radius * radius);
    this.#budgetBytes = shape.budgetBytes;
    this.#encoder = new BenchEncoder(entities);
    for (let i = 0; i < entities; i += 1) {
      this.#ships.push(this.#world.spawn("ship", { x: this.#within(), y: this.#within() }));
    }
    this.#interest = new RoomInterest<Watcher>(visible === undefined ? {} : { radius }, {
      schema: game.schema,
      store: this.#world["~store"],
      tickRate: TICK_RATE,
      surprises: this.#encoder,
      failed: (error) => {
        throw error;
      },
    });
    for (let id = 1; id <= shape.players; id += 1) {
      const ship = this.#ships[id - 1]!;
      ship.owner = id as PlayerId;
      this.#players.push(
        this.#interest.join({ id, team: undefined, viewpoint: undefined, "~entityId": ship.id }),
      );
    }
    this.#world["~endTick"]();
  }

  forgetCounts(): void {
    this.updates = this.visible = this.planned = 0;
  }

  tick(): void {
    this.#stir();
    this.#world["~endTick"]();
    const { tick } = this.#world;
    const limits = {
      budgetBytes: this.#budgetBytes,
      packetBytes: PACKET_BYTES,
      isTight: false,
      rttTicks: ACK_TICKS + 2,
    };
    const start = cpuUs();
    this.#interest.observe(tick);
    const observed = cpuUs();
    for (const player of this.#players) this.#interest.look(player);
    const looked = cpuUs();
    this.#number += 1;
    for (const player of this.#players) {
      const plan = this.#interest.choose(player, limits);
      player.sent(this.#number, 0, plan.count);
      this.planned += plan.count;
    }
    const chosen = cpuUs();
    const acked = this.#number - ACK_TICKS;
    for (const player of this.#players) {
      if (acked % 50 === player.watcher.id % 50) player.lost(acked);
      else player.acked(acked);
    }
    const settled = cpuUs();
    for (const player of this.#players) this.visible += player.view.size;
    const times = [start, observed, looked, chosen, settled];
    for (let i = 0; i < 4; i += 1) this.tookUs[i] = times[i + 1]! - times[i]!;
    this.tookUs[4] = this.#bareLoop();
    this.updates += this.#players.length;
  }

  /** Each player reads one number of as many entities as it sees, and no more. */
  #bareLoop(): number {
    const start = cpuUs();
    let sum = 0;
    for (let i = 0; i < this.#players.length * BARE_LOOPS; i += 1) {
      const player = this.#players[i % this.#players.length]!;
      const { size } = player.view;
      let index = player.watcher.id;
      for (let n = 0; n < size; n += 1) {
        index = (index + 1) % this.#ships.length;
        sum += this.#encoder.newest(index);
      }
    }
    const end = cpuUs();
    if (sum < 0) throw new Error("ticks are not negative");
    return end - start;
  }

  #stir(): void {
    const half = this.#side / 2;
    for (const [index, view] of this.#ships.entries()) {
      const ship = view as unknown as Ship;
      if (this.#random.next() < SURPRISE_SHARE) {
        ship.vx = (this.#random.next() - 0.5) * 48;
        ship.vy = (this.#random.next() - 0.5) * 48;
        this.#encoder.surprise(index, this.#world.tick + 1);
      }
      ship.x += ship.vx / TICK_RATE;
      ship.y += ship.vy / TICK_RATE;
      if (Math.abs(ship.x) > half) ship.vx = -Math.sign(ship.x) * Math.abs(ship.vx);
      if (Math.abs(ship.y) > half) ship.vy = -Math.sign(ship.y) * Math.abs(ship.vy);
    }
  }

  #within(): number {
    return (this.#random.next() - 0.5) * this.#side;
  }
}

const shapes: readonly Shape[] = [
  {
    name: "1 room of 1,000, 32 of 1,000 visible",
    key: "1000-see-32",
    rooms: 1,
    players: 1000,
    entities: 1000,
    visible: 32,
    budgetBytes: 1100,
  },
  {
    name: "the same, a tenth of the bytes",
    key: "1000-see-32-narrow",
    rooms: 1,
    players: 1000,
    entities: 1000,
    visible: 32,
    budgetBytes: 30,
  },
  {
    name: "1 room of 1,000, 32 of 10,000 visible",
    key: "1000-see-32-of-10000",
    rooms: 1,
    players: 1000,
    entities: 10_000,
    visible: 32,
    budgetBytes: 1100,
  },
  {
    name: "100 rooms of 10, all visible",
    key: "100-rooms",
    rooms: 100,
    players: 10,
    entities: 10,
    budgetBytes: 1100,
  },
  {
    name: "1 room of 100, all of 1,000 visible, 64 kbit/s",
    key: "100-see-1000",
    rooms: 1,
    players: 100,
    entities: 1000,
    budgetBytes: 220,
  },
  {
    name: "1 room of 64, all of 10,000 visible",
    key: "64-see-10000",
    rooms: 1,
    players: 64,
    entities: 10_000,
    budgetBytes: 4000,
  },
];

/**
 * What interest costs per player and update, beside a bare loop over as many entities as are visible, in the same run.
 * The worlds move as in the arena; each entity surprises in one of 20 ticks; each packet is acked three ticks later,
 * 2 % are lost.
 *
 * @param seconds For each shape.
 */
export function interestBench({ seconds }: { readonly seconds: number }): BenchReport {
  const rows: BenchRow[] = [];
  const lines = [
    "Mean CPU µs per player and update.",
    "",
    "| shape | census, grid | sight | plan, receipts | acks, losses | all | × bare loop | visible | sent | ticks |",
    "|---|---|---|---|---|---|---|---|---|---|",
  ];
  for (const shape of shapes) {
    const { partsUs, bareUs, visible, planned, ticks, spread, bareSpread } = run(shape, seconds);
    const allUs = partsUs.reduce((sum, us) => sum + us, 0);
    const ratio = allUs / bareUs;
    const cells = [
      shape.name,
      ...partsUs.map((us) => us.toFixed(2)),
      allUs.toFixed(2),
      ratio.toFixed(1),
      visible.toFixed(1),
      planned.toFixed(1),
      ticks,
    ];
    lines.push(`| ${cells.join(" | ")} |`);
    const name = `interest/${shape.key}`;
    const runtime = runtimeName();
    rows.push({ name, runtime, value: allUs, unit: "µs", spread, ratioTo: { of: `${name}/bare`, ratio } });
    rows.push({ name: `${name}/bare`, runtime, value: bareUs, unit: "µs", spread: bareSpread });
  }
  return { rows, text: lines.join("\n") };
}

interface ShapeResult {
  /** Census and grid, sight, plan and receipts, acks and losses: per player and update. */
  readonly partsUs: readonly number[];
  readonly bareUs: number;
  /** Per player and update. */
  readonly visible: number;
  readonly planned: number;
  readonly ticks: number;
  readonly spread: number;
  readonly bareSpread: number;
}

function run(shape: Shape, seconds: number): ShapeResult {
  const rooms = Array.from({ length: shape.rooms }, (_, i) => new BenchRoom(shape, i + 1));
  for (let i = 0; i < 60; i += 1) for (const room of rooms) room.tick();
  for (const room of rooms) room.forgetCounts();
  const sums = [0, 0, 0, 0, 0];
  const repetitions: number[][] = [];
  let ticks = 0;
  for (let i = 0; i < REPETITIONS; i += 1) {
    const took = [0, 0, 0, 0, 0];
    const endMs = performance.now() + (seconds * 1000) / REPETITIONS;
    let ticksNow = 0;
    do {
      for (const room of rooms) room.tick();
      for (const room of rooms) for (const [part, us] of room.tookUs.entries()) took[part]! += us;
      ticksNow += 1;
    } while (performance.now() < endMs);
    for (const [part, us] of took.entries()) sums[part]! += us;
    repetitions.push(took.map((us) => us / ticksNow));
    ticks += ticksNow;
  }
  const updates = ticks * shape.rooms * shape.players;
  const partsUs = sums.slice(0, 4).map((us) => us / updates);
  const mean = (of: (room: BenchRoom) => number): number =>
    rooms.reduce((sum, room) => sum + of(room), 0) / rooms.reduce((sum, room) => sum + room.updates, 0);
  return {
    partsUs,
    bareUs: sums[4]! / updates / BARE_LOOPS,
    visible: mean((room) => room.visible),
    planned: mean((room) => room.planned),
    ticks,
    spread: spreadOf(repetitions.map((took) => took.slice(0, 4).reduce((sum, us) => sum + us, 0))),
    bareSpread: spreadOf(repetitions.map((took) => took[4]!)),
  };
}
