import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { StoreView } from "../../../src/game/replication/store-view.ts";
import { Room } from "../../../src/game/room/room.ts";
import { defineGame, type Game } from "../../../src/game/schema/define-game.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { angleScalar, fixedScalar, intScalar, type Scalar, TAU } from "../../../src/game/schema/scalar.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { newValueCounters } from "../../../src/game/schema/value-counters.ts";
import type { GameWorld } from "../../../src/game/world/game-world.ts";
import {
  carriedValue,
  carryOf,
  type GridColumn,
  gridColumn,
  gridInteger,
  gridValue,
} from "../../../src/game/world/simulation-grid.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { ToldPlayer } from "../replication/told-player.ts";

const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom(
    fixedScalar(-512, 512, 1 / 64),
    fixedScalar(-1, 1, 0.1),
    fixedScalar(0, 0.00001, 1e-7),
    fixedScalar(-1000, 1000, 7),
    fixedScalar(0.3, 1.75, 1 / 3),
    fixedScalar(-(2 ** 32), 0, 1),
  ),
  fc.integer({ min: 1, max: 24 }).map(angleScalar),
);
const places = fc.tuple(scalars, fc.double({ min: 0, max: 1, noNaN: true })).map(([scalar, part]) => {
  const stored = scalar.low + part * (scalar.high - scalar.low);
  return { scalar, grid: gridColumn(scalar) as GridColumn, stored };
});

test("whole numbers have no grid", () => {
  expect(gridColumn(intScalar(0, 9))).toBeUndefined();
});

test("what was rounded stays where it is, in its range, and at most half a multiple away", () => {
  fc.assert(
    fc.property(places, ({ scalar, grid, stored }) => {
      const rounded = gridValue(grid, gridInteger(grid, stored));
      expect(gridValue(grid, gridInteger(grid, rounded))).toBe(rounded);
      expect(rounded).toBeGreaterThanOrEqual(scalar.low);
      expect(rounded).toBeLessThanOrEqual(scalar.high);
      const off = Math.abs(rounded - stored);
      // The bounds of a range may lie between two multiples.
      const most =
        grid.unit * (stored < scalar.low + grid.unit || stored > scalar.high - grid.unit ? 1.01 : 0.51);
      expect(grid.turn > 0 ? Math.min(off, TAU - off) : off).toBeLessThanOrEqual(most);
      const counters = newValueCounters();
      expect(scalar.store(rounded, 0, counters)).toBe(rounded);
      expect(counters).toEqual(newValueCounters());
    }),
    { numRuns: 3000 },
  );
});

test("a replica and its carry, one signed byte, say exactly where a thing is", () => {
  fc.assert(
    fc.property(places, fc.double({ min: -1.5, max: 1.5, noNaN: true }), ({ scalar, grid, stored }, away) => {
      const rounded = gridValue(grid, gridInteger(grid, stored));
      const replicas = [scalar.quantize(rounded)];
      if (grid.turn === 0) {
        // What a follower may have become.
        const drifted = Math.round(rounded / scalar.step + away);
        if (Math.abs(drifted - rounded / scalar.step) <= 1.5) {
          replicas.push(Math.min(Math.max(drifted, scalar.least), scalar.most));
        }
      }
      for (const replica of replicas) {
        const carry = carryOf(grid, rounded, replica);
        expect(carry).toBeGreaterThanOrEqual(-128);
        expect(carry).toBeLessThanOrEqual(127);
        expect(Number.isInteger(carry)).toBe(true);
        expect(carriedValue(grid, replica, carry)).toBe(rounded);
      }
    }),
    { numRuns: 3000 },
  );
});

describe("a room", () => {
  const game = defineGame({
    name: "slow",
    tickRate: 30,
    input: {},
    entities: {
      snail: {
        x: t.fixed(-512, 512, 1 / 64),
        heading: t.angle(10),
        at: t.vec2(-1, 1, 0.1),
        speed: t.fixed(-64, 64, 1 / 16),
        count: t.uint(9),
      },
      glider: { x: t.fixed(-512, 512, 1 / 64).follows("vx"), vx: t.fixed(-64, 64, 1 / 16) },
      ship: { x: t.fixed(-512, 512, 1 / 64).follows("vx"), vx: t.fixed(-64, 64, 1 / 16) },
      sled: { x: t.fixed(-512, 512, 1 / 64).follows("vx"), vx: t.fixed(-64, 64, 1 / 16) },
    },
    step: {
      snail(snail, _input, world) {
        snail.x += 0.1 * world.dt;
        snail.heading += ((3 * Math.PI) / 180) * world.dt;
        snail.speed -= snail.speed * 2 * world.dt;
      },
      glider(glider, _input, world) {
        glider.x += glider.vx * world.dt;
      },
      ship(ship, _input, world) {
        ship.vx -= ship.vx * 4 * world.dt;
        ship.x += ship.vx * world.dt;
      },
      sled(sled, _input, world) {
        // So weak a friction takes less than half a 1/1024 from the last 15 of them.
        sled.vx -= sled.vx * world.dt;
        if (Math.abs(sled.vx) < 1 / 32) sled.vx = 0;
        sled.x += sled.vx * world.dt;
      },
    },
  });

  /** A room, and what a client that hears of every tick shows of it. */
  function watchedRoom() {
    const room = new Room(defineRoom(game, {}), { seed: 1 });
    const anyGame = game as unknown as Game<Shape>;
    const history = new ReplicaHistory(anyGame);
    const link = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 0 };
    const player = new ToldPlayer(anyGame, history, new DeltaEncoder(history), 1, link);
    const random = new SeededRandom(1);
    const shown = new StoreView(game, player.store);
    const run = (ticks: number): void => {
      for (let n = 0; n < ticks; n += 1) {
        room.step();
        history.capture((room.world as unknown as GameWorld)["~store"], room.tick);
        player.tell(random, () => true, 1000);
        player.receive(random);
      }
      shown.show(room.tick);
    };
    return { room, run, view: shown.view, counters: player.store.counters };
  }

  test("moves slow things right, in its state and at a client", () => {
    const { room, run, view } = watchedRoom();
    const { id } = room.world.spawn("snail", { speed: 20 });
    const gliderId = room.world.spawn("glider", { vx: 0.1 }).id;
    const snails = () => [room.world.snail.get(id)!, view.snail.get(id)!];
    run(300);
    for (const snail of snails()) expect(Math.abs((snail.heading * 180) / Math.PI - 30)).toBeLessThan(1);
    run(1500);
    for (const snail of snails()) {
      expect(Math.abs(snail.x - 6)).toBeLessThan(0.25);
      expect(Math.abs(snail.speed)).toBeLessThan(1 / 16);
    }
    for (const glider of [room.world.glider.get(gliderId)!, view.glider.get(gliderId)!]) {
      expect(Math.abs(glider.x - 6)).toBeLessThan(0.25);
    }
    expect(view.snail.get(id)!.speed).toBe(0);
    expect(room.valueCounters).toEqual(newValueCounters());
  });

  test("lets friction come to rest: nobody is told of it any more", () => {
    for (const vx of [20, -20, 0.3, -7.77]) {
      const { room, run, view, counters } = watchedRoom();
      const ship = room.world.spawn("ship", { vx });
      const sled = room.world.spawn("sled", { vx });
      run(300);
      const { x } = ship;
      const { recordsTaken } = counters;
      run(1500);
      expect(counters.recordsTaken).toBe(recordsTaken);
      expect([view.ship.get(ship.id)!.vx, view.sled.get(sled.id)!.vx, sled.vx]).toEqual([0, 0, 0]);
      expect([ship.x, Math.abs(ship.x - view.ship.get(ship.id)!.x) < 1.6 / 64]).toEqual([x, true]);
      // As far as it would come in small steps, but for the last of them.
      expect(Math.abs(ship.x - vx / 4)).toBeLessThan(Math.abs(vx) / 25);
    }
  });

  test("rounds all that has fractions after onTick, and nothing else", () => {
    const room = new Room(
      defineRoom(game, {
        onTick(world) {
          for (const snail of world.snail) {
            Object.assign(snail, { x: 1 / 3, heading: 1, at: { x: 0.3333, y: 1 }, count: 5 });
          }
        },
      }),
      { seed: 1 },
    );
    const snail = room.world.spawn("snail");
    room.step();
    expect(snail.x * 4096).toBe(1365);
    expect(snail.heading).toBe((10430 * TAU) / 65536);
    expect([snail.at.x / (0.1 / 64), snail.at.y, snail.count]).toEqual([213, 1, 5]);
  });
});
