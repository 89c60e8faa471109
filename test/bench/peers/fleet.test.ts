import { describe, expect, test } from "vitest";
import {
  Fleet,
  newShip,
  Pilot,
  ServerLog,
  SIDE,
  SPEED,
  stepShip,
  TICK_RATE,
} from "../../../bench/peers/fleet.ts";
import { readShips, SHIP_BYTES, writeShips } from "../../../bench/peers/udp-struct/state-struct.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";

describe("the peers' game", () => {
  test("moves a ship as its player wants, around the torus", () => {
    const ship = { ...newShip(1), x: SIDE - 1, y: 1 };
    stepShip(ship, { serial: 7, dx: 127, dy: -127 }, () => 1);
    expect(ship).toMatchObject({ vx: SPEED, vy: -SPEED, serial: 7 });
    expect(ship.x).toBeCloseTo(SPEED / TICK_RATE - 1);
    expect(ship.y).toBeCloseTo(SIDE + 1 - SPEED / TICK_RATE);
  });

  test("uses the newest input that came, and notes which ones a tick ran with", () => {
    const log = new ServerLog();
    const fleet = new Fleet(log);
    const [watched, other] = [fleet.join(), fleet.join()];
    fleet.steer(watched, 1, 127, 0);
    fleet.steer(watched, 2, 0, 127);
    fleet.steer(other, 0, 0, 127);
    fleet.step();
    fleet.step();
    fleet.steer(watched, 3, 0, 0);
    fleet.step();
    expect(log.used).toEqual(new Map([[watched, new Set([2, 3])]]));
    fleet.leave(other);
    fleet.steer(other, 4, 0, 0);
    expect([...fleet.ships.keys()]).toEqual([watched]);
  });

  test("has bots that turn once in twenty ticks", () => {
    const chance = new SeededRandom(1);
    const pilot = new Pilot(() => chance.next());
    let turns = 0;
    for (let tick = 0; tick < 10_000; tick += 1) {
      const { dx, dy } = pilot;
      pilot.think();
      if (pilot.dx !== dx || pilot.dy !== dy) turns += 1;
      expect(Math.hypot(pilot.dx, pilot.dy)).toBeCloseTo(127, -1);
    }
    expect(turns).toBeGreaterThan(400);
    expect(turns).toBeLessThan(600);
  });

  test("fits the struct, ship by ship", () => {
    const ships = new Map([
      [1, { x: 999.99, y: 0, vx: -100, vy: 100, hp: 0, serial: 65_535 }],
      [500, { x: 12.5, y: 600.25, vx: 0, vy: 1, hp: 100, serial: 0 }],
    ]);
    const bytes = writeShips(9, ships);
    expect(bytes.length).toBe(6 + 2 * SHIP_BYTES);
    const read = new Map();
    readShips(bytes, read);
    expect(read).toEqual(
      new Map([...ships].map(([id, ship]) => [id, id === 1 ? { ...ship, x: 999.984375 } : ship])),
    );
  });
});
