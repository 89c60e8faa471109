import { assert, double, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { angleBetween } from "../../../src/game/replication/blend.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { StoreView } from "../../../src/game/replication/store-view.ts";
import { defineGame, type Game } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { ToldPlayer } from "./told-player.ts";

const TAU = 2 * Math.PI;

const game = defineGame({
  name: "blend",
  tickRate: 10,
  input: {},
  entities: {
    ship: {
      x: t.fixed(-100, 100, 1 / 64).follows("vx"),
      vx: t.fixed(-100, 100, 1 / 64),
      depth: t.fixed(-100, 100, 1 / 64),
      aim: t.angle(8),
      at: t.vec2(-100, 100, 1 / 64),
      hp: t.uint(100),
      score: t.int(-100, 100),
      isOn: t.bool(),
      mood: t.oneOf("calm", "angry"),
      name: t.text(9),
      target: t.id(),
      note: t.optional(t.fixed(0, 9, 1 / 64)),
      path: t.list(t.vec2(0, 9, 1 / 64), 3),
    },
  },
});

/** A ship that is as `first` at one tick and as `second` at the next, shown `part` of the way. */
function shipBetween(first: object, second: object) {
  const anyGame = game as unknown as Game<Shape>;
  const world = new GameWorld(anyGame, { seed: 1, players: new Set(), broadcast() {} });
  const history = new ReplicaHistory(anyGame);
  const link = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 0 };
  const player = new ToldPlayer(anyGame, history, new DeltaEncoder(history), 1, link);
  const view = new StoreView(game, player.store);
  const random = new SeededRandom(1);
  const ship = world.spawn("ship", {});
  for (const fields of [first, second]) {
    Object.assign(ship, fields);
    world["~roundState"]();
    world["~endTick"]();
    history.capture(world["~store"], world.tick);
    player.tell(random, () => true, 1000);
    player.receive(random);
  }
  return (part: number) => {
    view.show(world.tick - 1 + part);
    return view.view.ship.get(ship.id as never)!;
  };
}

describe("between two ticks", () => {
  test("a fixed goes straight from the one to the other", () => {
    const at = shipBetween({ depth: 10 }, { depth: 20 });
    expect([0, 0.25, 0.5, 1].map((part) => at(part).depth)).toEqual([10, 12.5, 15, 20]);
  });

  test("so does one that follows its rate, and goes on by itself when nothing newer is known", () => {
    const at = shipBetween({ x: 0, vx: 10 }, { x: 1 });
    expect([0, 0.25, 1, 1.5, 3].map((part) => at(part).x)).toEqual([0, 0.25, 1, 1.5, 3]);
  });

  test("a vector goes straight in both halves", () => {
    const at = shipBetween({ at: { x: 1, y: -1 }, hp: 1 }, { at: { x: 3, y: -9 } });
    expect([0, 0.5, 1].map((part) => at(part).at)).toEqual([
      { x: 1, y: -1 },
      { x: 2, y: -5 },
      { x: 3, y: -9 },
    ]);
  });

  test("an angle turns the short way round, in both directions", () => {
    const turn = TAU / 256;
    const up = shipBetween({ aim: 250 * turn }, { aim: 10 * turn });
    for (const [part, aim] of [
      [0, 250],
      [0.25, 254],
      [0.375, 0],
      [0.5, 2],
      [1, 10],
    ] as const) {
      expect(up(part).aim).toBeCloseTo(aim * turn, 12);
    }
    const down = shipBetween({ aim: 10 * turn }, { aim: 250 * turn });
    for (const [part, aim] of [
      [0.5, 2],
      [0.625, 0],
      [0.75, 254],
    ] as const) {
      expect(down(part).aim).toBeCloseTo(aim * turn, 12);
    }
    expect(shipBetween({ aim: 10 * turn }, { aim: 20 * turn })(0.5).aim).toBeCloseTo(15 * turn, 12);
  });

  test("everything else waits for the tick at which it changed", () => {
    const first = {
      ...{ hp: 100, score: -5, isOn: false, mood: "calm", name: "ada", target: undefined },
      ...{ note: 1, path: [{ x: 1, y: 1 }] },
    };
    const second = {
      ...{ hp: 50, score: 5, isOn: true, mood: "angry", name: "bob", target: 2 ** 20 + 1 },
      ...{ note: 2, path: [{ x: 2, y: 2 }] },
    };
    const at = shipBetween(first, second);
    expect(at(0)).toMatchObject(first);
    expect(at(0.999)).toMatchObject(first);
    expect(at(1)).toMatchObject(second);
  });

  test("what is put elsewhere is not seen on its way there", () => {
    const x = shipBetween({ x: -90, vx: 10 }, { x: 90 });
    expect([0, 0.5, 0.99, 1].map((part) => x(part).x)).toEqual([-90, -90, -90, 90]);
    const depth = shipBetween({ depth: -90 }, { depth: 90 });
    expect([0.5, 1].map((part) => depth(part).depth)).toEqual([-90, 90]);
    const at = shipBetween({ at: { x: 0, y: 0 } }, { at: { x: 90, y: 1 } });
    expect(at(0.5).at).toEqual({ x: 0, y: 0 });
    expect(at(1).at).toEqual({ x: 90, y: 1 });
  });

  test("who starts at full speed is on the way already", () => {
    const at = shipBetween({ x: 0, vx: 0 }, { x: 10, vx: 100 });
    expect(at(0.5).x).toBe(5);
  });
});

test("an angle between two lies within the short arc, in range, and goes one way as time does", () => {
  const direction = integer({ min: 0, max: 255 });
  const share = double({ min: 0, max: 1, noNaN: true });
  assert(
    property(direction, direction, share, share, (a, b, p, q) => {
      const arc = Math.min((b - a + 256) % 256, (a - b + 256) % 256);
      const offFrom = (angle: number): number => Math.min((angle - a + 512) % 256, (a - angle + 512) % 256);
      const [early, late] = [
        angleBetween(a, b, 256, Math.min(p, q)),
        angleBetween(a, b, 256, Math.max(p, q)),
      ];
      const isInRange = [early, late].every((angle) => angle >= 0 && angle < 256);
      return isInRange && offFrom(early) <= offFrom(late) + 1e-9 && offFrom(late) <= arc + 1e-9;
    }),
  );
  expect(angleBetween(0, 255, 256, Number.MIN_VALUE)).toBe(0);
});
