import { expect, test } from "vitest";
import { CarryBlock } from "../../../src/game/replication/carry-block.ts";
import { CarryReader } from "../../../src/game/replication/carry-reader.ts";
import { DeltaBlock } from "../../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { entityIndex } from "../../../src/game/world/entity-store.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";

const STEPS = 100_000;
/**
 * Hashes of the owner's numbers at the end and of those of every tick; how often it was at a bound of its range and
 * went around the world; how many ticks told it something new. The same wherever this runs.
 */
const GOLDEN = { end: 1474935534, everyTick: 15041135, aground: 485, laps: 66, records: 53775 };

const game = defineGame({
  name: "exact",
  tickRate: 30,
  input: { thrust: t.fixed(-1, 1, 1 / 64), turn: t.fixed(-1, 1, 1 / 64), coast: t.bool() },
  entities: {
    ship: {
      x: t.fixed(-256, 256, 1 / 64).follows("vx"),
      y: t.fixed(-200, 200, 0.05).follows("vy"),
      vx: t.fixed(-64, 64, 1 / 16),
      vy: t.fixed(-64, 64, 0.3),
      heading: t.angle(10),
      wheel: t.angle(5),
      spin: t.fixed(-4, 4, 0.1),
      lean: t.vec2(-1, 1, 0.07),
      heat: t.fixed(0, 100, 0.5).follows("warming").visibleTo("owner"),
      warming: t.fixed(-50, 50, 1).visibleTo("owner"),
      laps: t.int(-1000, 1000).visibleTo("owner"),
    },
  },
  avatar: "ship",
  step: {
    ship(ship, input, world) {
      const { dt, math } = world;
      if (!input.coast) {
        ship.spin += (input.turn * 3 - ship.spin) * 2 * dt;
        ship.heading += ship.spin * dt;
        ship.wheel -= ship.spin * 5 * dt;
        // Thrust along the heading, friction against the way.
        ship.vx += (math.cos(ship.heading) * input.thrust * 40 - ship.vx * 0.8) * dt;
        ship.vy += (math.sin(ship.heading) * input.thrust * 40 - ship.vy * 0.8) * dt;
      }
      ship.x += ship.vx * dt;
      ship.y += ship.vy * dt;
      if (Math.abs(ship.x) > 250) {
        ship.laps = (ship.laps + Math.sign(ship.x)) % 1000;
        ship.x -= Math.sign(ship.x) * 500;
      }
      // Its range ends there: it stays at the bound.
      if (Math.abs(ship.y) >= 200) ship.vy = -ship.vy / 2;
      ship.lean.x = math.sin(ship.heading) * ship.spin;
      ship.lean.y = math.hypot(ship.vx, ship.vy) / 60;
      if (!input.coast) ship.warming = Math.abs(input.thrust) * 30 - ship.heat / 3;
      ship.heat += ship.warming * dt;
    },
  },
}) as unknown as Game<Shape>;

/** FNV-1a over the bits of doubles. */
class BitHash {
  value = 0x811c9dc5;
  readonly #number = new Float64Array(1);
  readonly #words = new Uint32Array(this.#number.buffer);

  add(number: number): void {
    this.#number[0] = number;
    this.value = Math.imul(this.value ^ this.#words[0]!, 0x01000193);
    this.value = Math.imul(this.value ^ this.#words[1]!, 0x01000193) >>> 0;
  }
}

/** One ship in a world, and its owner's client, which hears of every tick at once. */
class Flight {
  readonly world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  readonly ship = this.world.spawn("ship", { x: 100, heading: 1 });
  readonly index = entityIndex(this.ship.id);
  readonly history = new ReplicaHistory(game);
  readonly deltas = new DeltaBlock(new DeltaEncoder(this.history));
  readonly carries = new CarryBlock(this.history, this.world["~store"]);
  readonly store = new ReplicaStore(game);
  readonly reader = new CarryReader(this.store);
  readonly writer = new MsgpackWriter();
  readonly bytes = new Uint8Array(1200);
  readonly own = {
    playerId: 7,
    avatarIndex: this.index,
    indexes: Int32Array.of(this.index),
    heldTicks: Float64Array.of(-1),
    count: 1,
  };
  records = 0;

  constructor() {
    this.ship.owner = 7 as never;
  }

  step(input: object): void {
    const { world, history, writer, bytes, own, index } = this;
    world["~step"](
      () => input,
      (error) => {
        throw error;
      },
    );
    world["~roundState"]();
    world["~endTick"]();
    history.capture(world["~store"], world.tick);
    const age = history.ageFor(index, own.heldTicks[0]!, 2);
    if (age !== NOTHING_NEW) {
      this.deltas.begin(world.tick, bytes.length);
      this.deltas.add(index, age, 2);
      this.deltas.write(writer.reset(bytes));
      this.store.receive(bytes, 0, writer.at);
      own.heldTicks[0] = world.tick;
      this.records += 1;
    }
    this.carries.write(writer.reset(bytes), own, bytes.length);
    this.reader.receive(bytes, 0, writer.at);
  }
}

test("the owner's exact state is the server's for 100,000 steps, and the same on every runtime", () => {
  const flight = new Flight();
  const { plan } = flight.history.kinds[0]!;
  const { numbers } = flight.world["~store"].tables[0]!;
  const exact = new Float64Array(plan.numberPlaces);
  const random = new SeededRandom(11);
  const input = { thrust: 0, turn: 0, coast: false };
  const everyTick = new BitHash();
  let differences = 0;
  let aground = 0;
  let laps = 0;
  for (let n = 0; n < STEPS; n += 1) {
    if (random.below(20) === 0) input.thrust = (random.below(129) - 64) / 64;
    if (random.below(40) === 0) input.coast = random.below(2) === 0;
    if (random.below(20) === 0) input.turn = (random.below(129) - 64) / 64;
    const { laps: before } = flight.ship as unknown as { laps: number };
    flight.step(input);
    const { y, laps: after } = flight.ship as unknown as { y: number; laps: number };
    if (Math.abs(y) === 200) aground += 1;
    if (after !== before) laps += 1;
    const { state } = flight.reader;
    const held = flight.store.at(flight.index)!;
    if (state.tick !== n + 1 || !state.exactNumbers(held, exact)) differences += 1;
    for (const { place, schema } of plan.fields) {
      for (let half = 0; half < schema.codec.width; half += 1) {
        const stored = numbers[schema.column + half]![flight.ship["~row"]]!;
        if (!Object.is(exact[place + half], stored)) differences += 1;
        everyTick.add(exact[place + half]!);
      }
    }
  }
  expect(differences).toBe(0);
  expect(flight.reader.counters).toEqual({
    ...{ blocksTaken: STEPS, blocksOutdated: 0, blocksMalformed: 0, blocksWrongCount: 0 },
  });
  const end = new BitHash();
  for (const number of exact) end.add(number);
  const { records } = flight;
  expect({ end: end.value, everyTick: everyTick.value, aground, laps, records }).toEqual(GOLDEN);
});
