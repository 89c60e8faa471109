import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Room } from "../../../src/game/room/room.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { angleScalar, fixedScalar, intScalar, type Scalar, TAU } from "../../../src/game/schema/scalar.ts";
import { newValueCounters } from "../../../src/game/schema/value-counters.ts";
import {
  carriedValue,
  carryOf,
  type GridColumn,
  gridColumn,
  gridInteger,
  gridValue,
} from "../../../src/game/world/simulation-grid.ts";

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
    },
    step: {
      snail(snail, _input, world) {
        snail.x += 0.1 * world.dt;
        snail.heading += ((3 * Math.PI) / 180) * world.dt;
        snail.speed -= snail.speed * 2 * world.dt;
      },
    },
  });

  test("moves slow things right, and lets friction come to rest", () => {
    const room = new Room(defineRoom(game, {}), { seed: 1 });
    const snail = room.world.spawn("snail", { speed: 20 });
    for (let tick = 0; tick < 300; tick += 1) room.step();
    expect(Math.abs((snail.heading * 180) / Math.PI - 30)).toBeLessThan(1);
    for (let tick = 300; tick < 1800; tick += 1) room.step();
    expect(Math.abs(snail.x - 6)).toBeLessThan(0.25);
    expect(Math.abs(snail.speed)).toBeLessThan(1 / 16);
    expect(room.valueCounters).toEqual(newValueCounters());
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
