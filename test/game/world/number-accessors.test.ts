import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineGame, type Game } from "../../../src/game/schema/define-game.ts";
import type { Field } from "../../../src/game/schema/field.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";
import { fieldPlaces } from "../../../src/game/world/field-places.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";

type Kinds = Readonly<Record<string, Readonly<Record<string, Field<unknown>>>>>;
type AnyView = EntityView & Record<string, unknown>;

function gameOf(entities: Kinds): Game<Shape> {
  return defineGame({
    name: "accessors",
    tickRate: 30,
    input: {},
    entities,
  } as never) as unknown as Game<Shape>;
}

function worldOf(game: Game<Shape>): GameWorld {
  return new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
}

/** Names that are alike in all kinds, that some lack, and that are another thing elsewhere. */
const mixed: Kinds = {
  a: { x: t.fixed(-8, 8, 0.5), y: t.uint(9), v: t.fixed(-4, 4, 1), n: t.uint(9), turn: t.angle(4) },
  b: { n: t.uint(20), x: t.fixed(-8, 8, 0.5), turn: t.angle(4), v: t.fixed(-4, 4, 1), at: t.vec2(-1, 1, 1) },
  c: { v: t.fixed(-4, 4, 1), n: t.fixed(-1, 1, 0.1), x: t.fixed(-8, 8, 0.5), y: t.fixed(-2, 2, 1) },
  d: {
    ...{ turn: t.angle(6), x: t.fixed(-8, 8, 0.5), v: t.fixed(-4, 4, 1), n: t.int(-5, 5), note: t.text(4) },
    y: t.text(8),
  },
};
const mixedGame = gameOf(mixed);
const kinds = Object.keys(mixed);

const values = fc.oneof(
  fc.double({ min: -12, max: 12 }),
  fc.integer({ min: -30, max: 30 }),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, undefined, "x", 8, -8, 2 * Math.PI),
);

test("writing through a view is writing to the table, whatever the value and the kind", () => {
  const writes = fc.array(fc.tuple(fc.nat(40), fc.constantFrom("x", "y", "v", "n", "turn"), values), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(writes, (all) => {
      const [viewed, plain] = [worldOf(mixedGame), worldOf(mixedGame)];
      const spawn = (world: GameWorld) => Array.from({ length: 41 }, (_, n) => world.spawn(kinds[n % 4]!));
      const [views, twins] = [spawn(viewed) as AnyView[], spawn(plain) as AnyView[]];
      for (const [n, name, value] of all) {
        const [view, twin] = [views[n]!, twins[n]!];
        const field = twin["~table"].schema.fields.find((each) => each.name === name);
        if (field === undefined) {
          expect(() => view[name]).toThrow(`a ${view.kind} has no field "${name}"`);
          expect(() => {
            view[name] = value;
          }).toThrow(`a ${view.kind} has no field "${name}"`);
          continue;
        }
        view[name] = value;
        twin["~table"].write(twin["~row"], field, value);
      }
      for (const [n, view] of views.entries()) {
        for (const { name, codec } of view["~table"].schema.fields) {
          const twin = twins[n]!["~table"].read(twins[n]!["~row"], codecField(twins[n]!, name));
          if (codec.width === 1) expect(view[name]).toBe(twin);
        }
      }
      expect(viewed["~counters"]).toEqual(plain["~counters"]);
    }),
    { numRuns: 300 },
  );
});

function codecField(view: AnyView, name: string) {
  return view["~table"].schema.fields.find((each) => each.name === name)!;
}

test("names of one kind never share a slot, and a name has the same one everywhere", () => {
  const places = fieldPlaces(mixedGame.schema);
  expect(places.size).toBe(7);
  for (const { fields } of mixedGame.schema.kinds) {
    const slots = fields.flatMap(({ name, codec }) => {
      const { slot } = places.get(name)!;
      return codec.scalar === undefined ? [] : codec.width === 2 ? [slot, slot + 1] : [slot];
    });
    expect(new Set(slots).size).toBe(slots.length);
  }
});

test("kinds beyond those that have a bit are as good", () => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      `k${n}`,
      { x: t.fixed(-9, 9, 1), ...(n % 2 === 0 ? { even: t.uint(99) } : { odd: t.fixed(0, 99, 1) }) },
    ]),
  );
  const world = worldOf(gameOf(many));
  for (let n = 0; n < 40; n += 1) {
    const view = world.spawn(`k${n}`) as AnyView;
    const [own, other] = n % 2 === 0 ? ["even", "odd"] : ["odd", "even"];
    view.x = n / 10;
    view[own!] = n;
    expect([view.x, view[own!]]).toEqual([n / 10, n]);
    expect(() => view[other!]).toThrow(/has no field/);
    expect(() => {
      view[other!] = 1;
    }).toThrow(/has no field/);
  }
});

describe("a view", () => {
  test("keeps its numbers while its table grows", () => {
    const world = worldOf(mixedGame);
    const views = Array.from({ length: 200 }, (_, n) => {
      const view = world.spawn("b", { x: n / 32, at: { x: 1, y: -1 } }) as AnyView;
      view.v = (n % 9) - 4;
      return view;
    });
    for (const [n, view] of views.entries()) {
      expect([view.x, view.v, view.n]).toEqual([n / 32, (n % 9) - 4, 0]);
      expect(view.at).toMatchObject({ x: 1, y: -1 });
    }
  });

  test("of the dead can be neither read nor written once the tick is over, also out of range", () => {
    const world = worldOf(mixedGame);
    const dead = world.spawn("a", { x: 1 }) as AnyView;
    world.despawn(dead);
    expect(dead.x).toBe(1);
    dead.v = 2;
    world["~endTick"]();
    const heir = world.spawn("a") as AnyView;
    expect(heir["~row"]).toBe(dead["~row"]);
    for (const name of ["x", "y", "v", "n", "turn"]) {
      expect(() => dead[name]).toThrow(/despawned in an earlier tick/);
      for (const value of [1, 1000, Number.NaN, -1.5]) {
        expect(() => {
          dead[name] = value;
        }).toThrow(/despawned in an earlier tick/);
      }
    }
    expect([heir.x, heir.v, heir.n, heir.turn]).toEqual([0, 0, 0, 0]);
    expect(world["~counters"]).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
  });

  test("holds no −0", () => {
    const world = worldOf(mixedGame);
    for (const kind of kinds) {
      const view = world.spawn(kind) as AnyView;
      for (const name of ["x", "v", "n"]) {
        view[name] = -0;
        expect(view[name]).toBe(0);
      }
    }
  });
});
