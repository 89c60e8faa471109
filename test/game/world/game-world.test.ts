import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { World } from "../../../src/game/schema/world-types.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";

const game = defineGame({
  name: "w",
  tickRate: 10,
  input: {},
  entities: {
    ship: {
      x: t.fixed(-100, 100, 1 / 64),
      y: t.fixed(-100, 100, 1 / 64),
      at: t.vec2(-10, 10, 1),
      hp: t.uint(100).default(50),
      name: t.text(8),
      team: t.oneOf("red", "blue"),
      heading: t.angle(8),
      isOpen: t.bool(),
      target: t.id(),
      tags: t.list(t.text(4), 3),
      note: t.optional(t.uint(9)),
    },
    shot: { y: t.fixed(-50, 50, 1), x: t.fixed(-50, 50, 1), name: t.uint(9) },
    rule: { round: t.uint(9) },
  },
  step: {
    shot(shot, _input, world) {
      shot.x += 1;
      if (shot.name > 0) world.spawn("shot", { x: shot.x });
    },
    ship() {
      throw new Error("no engine");
    },
  },
});
type TestWorld = World<(typeof game)["~shape"]>;

function newWorld(seed = 1): { inner: GameWorld; world: TestWorld } {
  const inner = new GameWorld(game, { seed, players: new Set(), broadcast() {} });
  return { inner, world: inner as unknown as TestWorld };
}

describe("an entity", () => {
  test("has every field at its default, and keeps what is written", () => {
    const { world, inner } = newWorld();
    const ship = world.spawn("ship", { hp: 7, at: { x: 1, y: 2 }, tags: ["a"] });
    expect([ship.hp, ship.x, ship.name, ship.team, ship.isOpen, ship.target, ship.note]).toEqual([
      ...[7, 0, "", "red", false, undefined, undefined],
    ]);
    expect(world.spawn("ship").hp).toBe(50);
    const other = world.spawn("ship");
    ship.x = 0.3;
    ship.team = "blue";
    ship.target = other.id;
    ship.at.x += 4;
    ship.isOpen = true;
    ship.note = 3;
    ship.name = "ada";
    ship.heading = -Math.PI / 2;
    expect([ship.x, ship.team, ship.target, ship.at.x, ship.at.y, ship.isOpen, ship.note, ship.name]).toEqual(
      [...[0.3, "blue", other.id, 5, 2, true, 3, "ada"]],
    );
    expect(ship.heading).toBeCloseTo(1.5 * Math.PI, 12);
    expect(ship.at).toBe(ship.at);
    expect(ship.tags).toEqual(["a"]);
    expect(inner["~counters"]).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
  });

  test("clamps and counts what is out of range, and keeps what it has for NaN", () => {
    const { world, inner } = newWorld();
    const ship = world.spawn("ship", { x: 5 });
    ship.x = Number.NaN;
    expect(ship.x).toBe(5);
    ship.x = 1000;
    expect(ship.x).toBe(100);
    ship.hp -= 60;
    expect(ship.hp).toBe(0);
    ship.hp = 1.5;
    expect(ship.hp).toBe(2);
    ship.at.y = -Infinity;
    expect(ship.at.y).toBe(-10);
    ship.name = "far too long";
    expect(ship.name).toBe("far too ");
    expect(inner["~counters"]).toEqual({ clamped: 3, rounded: 1, refused: 1, cut: 1 });
  });

  test("keeps no negative zero in a whole number: no replica could tell", () => {
    const { world } = newWorld();
    const ship = world.spawn("ship", { hp: -0 });
    expect(ship.hp).toBe(0);
    ship.hp = -ship.hp;
    expect(ship.hp).toBe(0);
  });

  test("can be read until the tick in which it died ends, and never reads as another", () => {
    const { world, inner } = newWorld();
    const ship = world.spawn("ship", { x: 5 });
    world.despawn(ship);
    world.despawn(ship);
    const next = world.spawn("ship", { x: 6 });
    expect([ship.x, next.x, world.ship.size, world.get(ship.id)]).toEqual([5, 6, 1, undefined]);
    inner["~endTick"]();
    expect(() => ship.x).toThrow(/ship \d+ was despawned in an earlier tick/);
    expect(() => ship.at.x).toThrow(/was despawned/);
    expect(() => ship.name).toThrow(/was despawned/);
    const reborn = world.spawn("ship");
    expect(reborn.id).not.toBe(ship.id);
    expect(reborn.x).toBe(0);
    expect(() => {
      ship.x = 3;
    }).toThrow(/was despawned/);
    expect([ship.id > 0, ship.kind, ship.owner]).toEqual([true, "ship", undefined]);
    world.despawn(ship);
    expect(world.get(reborn.id)).toBe(reborn);
  });
});

describe("a list", () => {
  test("skips who dies before its turn and who is born meanwhile", () => {
    const { world, inner } = newWorld();
    const shots = [1, 2, 3, 4].map((name) => world.spawn("shot", { name }));
    world.despawn(shots[0]!);
    inner["~endTick"]();
    const seen: number[] = [];
    for (const shot of world.shot) {
      seen.push(shot.name);
      if (shot.name === 2) world.despawn(shots[2]!);
      world.spawn("shot", { name: 9 });
    }
    expect(seen).toEqual([2, 4]);
    expect(world.shot.size).toBe(4);
    expect(world.shot.get(shots[2]!.id)).toBeUndefined();
    expect(world.ship.get(shots[1]!.id as never)).toBeUndefined();
  });
});

describe("a step", () => {
  test("runs for who was there before; what one throws is reported and stops no other", () => {
    const { world, inner } = newWorld();
    world.spawn("ship");
    const shot = world.spawn("shot", { name: 1 });
    const errors: string[] = [];
    inner["~step"](
      () => ({}),
      (error, kind) => errors.push(`${kind}: ${error}`),
    );
    expect(errors).toEqual(["ship: Error: no engine"]);
    expect([...world.shot].map((each) => each.x)).toEqual([1, 1]);
    expect(world.shot.get(shot.id)?.x).toBe(1);
  });
});

test("random numbers are the same for the same seed, tick and call", () => {
  const [a, b, c] = [newWorld(5), newWorld(5), newWorld(6)];
  const draw = ({ world, inner }: ReturnType<typeof newWorld>): number[] => {
    const drawn = [world.random(), world.random()];
    inner["~endTick"]();
    return [...drawn, world.random()];
  };
  const drawn = draw(a);
  expect(new Set(drawn).size).toBe(3);
  expect(draw(b)).toEqual(drawn);
  expect(draw(c)).not.toEqual(drawn);
});

test("near finds exactly who is within the radius now, however things move", () => {
  const place = fc.integer({ min: -110, max: 110 });
  const action = fc.oneof(
    fc.record({ do: fc.constant("spawn"), x: place, y: place, n: fc.nat(1) }),
    fc.record({ do: fc.constant("move"), x: place, y: place, n: fc.nat(200) }),
    fc.record({ do: fc.constant("despawn"), x: place, y: place, n: fc.nat(200) }),
    fc.record({ do: fc.constant("tick"), x: place, y: place, n: fc.nat(200) }),
    fc.record({ do: fc.constant("near"), x: place, y: place, n: fc.nat(150) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300, size: "max" }), (actions) => {
      const { world, inner } = newWorld();
      world.spawn("rule");
      for (const { do: what, x, y, n } of actions) {
        const living = [...world.ship, ...world.shot];
        const one = living[n % (living.length || 1)];
        if (what === "spawn") world.spawn(n === 0 ? "ship" : "shot", { x, y });
        else if (what === "move" && one !== undefined) Object.assign(one, { x, y });
        else if (what === "despawn" && one !== undefined) world.despawn(one);
        else if (what === "tick") inner["~endTick"]();
        else if (what === "near") {
          const within = living.filter((e) => (e.x - x) ** 2 + (e.y - y) ** 2 <= n * n).map((e) => e.id);
          const found = [...world.near({ x, y }, n)].map((e) => e.id);
          expect(found).toEqual(within.sort((a, b) => a - b));
          const ships = [...world.near({ x, y }, n, "ship")].map((e) => e.id);
          expect(ships).toEqual(found.filter((id) => world.ship.get(id) !== undefined));
        }
      }
    }),
    { numRuns: 200 },
  );
});
