import { describe, expect, test } from "vitest";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { snapshotOfHistory } from "../../../src/game/replication/replica-snapshot.ts";
import { Room } from "../../../src/game/room/room.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import type { AnyField } from "../../../src/game/schema/field.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { ValueWarning } from "../../../src/game/schema/value-warnings.ts";
import { simulate } from "../../../src/testing-door.ts";

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
      heading: t.angle(8),
      name: t.text(8),
      team: t.oneOf("red", "blue"),
      target: t.id(),
      tags: t.list(t.uint(9), 3),
      note: t.optional(t.uint(9)),
    },
    shot: { hp: t.uint(9) },
  },
  messages: {
    boom: { from: "server", fields: { power: t.uint(9), at: t.vec2(0, 3, 1), note: t.optional(t.text(3)) } },
  },
});

function newRoom(isHeard = true) {
  const warnings: ValueWarning[] = [];
  const room = new Room(defineRoom(game, {}), {
    seed: 1,
    ...(isHeard && { onValueWarning: (warning: ValueWarning) => warnings.push(warning) }),
  });
  return { room, world: room.world, warnings };
}

describe("a value that is not kept as written", () => {
  test("is told with its entity, its field and what stands there now", () => {
    const { world, warnings } = newRoom();
    const ship = world.spawn("ship");
    const write = (change: () => void, told: Partial<ValueWarning> | undefined): void => {
      warnings.length = 0;
      change();
      expect(warnings).toEqual(told === undefined ? [] : [{ kind: "ship", id: ship.id, ...told }]);
    };
    const set = (field: string, wrote: unknown, kept: unknown, reason: ValueWarning["reason"]): void =>
      write(() => Object.assign(ship, { [field]: wrote }), { field, wrote, kept, reason });
    ship.x = 5;
    set("x", 1000, 100, "clamped");
    set("y", Number.NaN, 0, "refused");
    set("hp", 7.5, 8, "rounded");
    set("hp", 101, 100, "clamped");
    set("hp", "many", 100, "refused");
    set("heading", Number.POSITIVE_INFINITY, 0, "refused");
    set("name", "far too long", "far too ", "cut");
    set("team", "green", "red", "refused");
    set("target", 1.5, undefined, "refused");
    set("tags", [1, 2, 30], [1, 2, 9], "clamped");
    set("note", 3.5, 4, "rounded");
    set("at", { x: 11, y: 2 }, { x: 10, y: 2 }, "clamped");
    write(
      () => {
        ship.at.y = Number.NaN;
      },
      { field: "at.y", wrote: Number.NaN, kept: 2, reason: "refused" },
    );
    const lawful = { x: 1, hp: 3, name: "ada", team: "blue", target: undefined, tags: [], note: undefined };
    write(() => Object.assign(ship, { ...lawful, at: { x: 1, y: 1 }, heading: -9 }), undefined);
  });

  test("at spawn, too, and in each kind for itself", () => {
    const { world, warnings } = newRoom();
    const ship = world.spawn("ship", { hp: 200 });
    const shot = world.spawn("shot", { hp: -1 });
    expect(warnings).toEqual([
      { kind: "ship", id: ship.id, field: "hp", reason: "clamped", wrote: 200, kept: 100 },
      { kind: "shot", id: shot.id, field: "hp", reason: "clamped", wrote: -1, kept: 0 },
    ]);
  });

  test("is told once for each kind, field and reason", () => {
    const { room, world, warnings } = newRoom();
    for (let i = 0; i < 5; i += 1) world.spawn("ship", { hp: 100.5, x: Number.NaN, at: { x: 99, y: -99 } });
    const ship = world.spawn("ship");
    ship.at.x = 99;
    expect(warnings.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
      "x refused",
      "at clamped",
      "hp clamped",
      "hp rounded",
    ]);
    expect(room.valueCounters).toEqual({ clamped: 16, rounded: 5, refused: 5, cut: 0 });
  });

  test("is told in messages", () => {
    const { room, world, warnings } = newRoom();
    const ada = room.join("ada");
    for (let i = 0; i < 2; i += 1) {
      expect(ada.send("boom", { power: 10, at: { x: 0, y: 4 }, note: "long" })).toBe("queued");
      world.broadcast("boom", { power: 9, at: { x: 0, y: 1 }, note: undefined });
    }
    expect(warnings).toEqual([
      { message: "boom", field: "power", reason: "clamped", wrote: 10, kept: 9 },
      { message: "boom", field: "at", reason: "clamped", wrote: { x: 0, y: 4 }, kept: { x: 0, y: 3 } },
      { message: "boom", field: "note", reason: "cut", wrote: "long", kept: "lon" },
    ]);
  });

  test("is counted all the same where nobody listens, and the world is the same", () => {
    const hashes = [true, false].map((isHeard) => {
      const { room, world } = newRoom(isHeard);
      const ship = world.spawn("ship", { hp: 200, name: "far too long", heading: -9 });
      ship.x = 1e9;
      ship.y = Number.NaN;
      ship.at.x = 99;
      ship.hp = 2.5;
      world.broadcast("boom", { power: 10, at: { x: 0, y: 4 }, note: "a" });
      room.step();
      const history = new ReplicaHistory(room.game);
      history.capture(room["~store"], room.tick);
      return [room.valueCounters, snapshotOfHistory(history)];
    });
    expect(hashes[0]).toEqual(hashes[1]);
    expect(hashes[0]![0]).toEqual({ clamped: 5, rounded: 1, refused: 1, cut: 1 });
  });
});

test("a room tells at most a hundred", () => {
  const fields = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, t.uint(9) as AnyField]));
  const wide = defineGame({ name: "wide", tickRate: 10, input: {}, entities: { a: fields, b: fields } });
  const warnings: ValueWarning[] = [];
  const room = new Room(defineRoom(wide, {}), { seed: 1, onValueWarning: (each) => warnings.push(each) });
  const wrong = Object.fromEntries(Object.keys(fields).map((name) => [name, 10]));
  room.world.spawn("a", wrong);
  room.world.spawn("b", wrong);
  expect(warnings).toHaveLength(100);
  expect(new Set(warnings.map(({ kind, field }) => `${kind}.${field}`)).size).toBe(100);
  expect(room.valueCounters.clamped).toBe(120);
});

test("a server passes warnings on", () => {
  const warnings: ValueWarning[] = [];
  const rules = defineRoom(game, {
    onCreate(world) {
      world.spawn("ship", { hp: 101 });
    },
  });
  const hooks = { onValueWarning: (warning: ValueWarning) => warnings.push(warning) };
  simulate(rules, { players: 0, seconds: 0.1, seed: 1, hooks });
  expect(warnings).toMatchObject([{ kind: "ship", field: "hp", reason: "clamped" }]);
});
