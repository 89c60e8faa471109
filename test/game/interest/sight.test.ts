import { describe, expect, test } from "vitest";
import { SlotState } from "../../../src/game/interest/view-list.ts";
import type { Watcher } from "../../../src/game/interest/watcher.ts";
import { Room } from "../../../src/game/room/room.ts";
import type { RoomPlayer } from "../../../src/game/room/room-player.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import { indexOf, SmallWorld, seen, smallGame } from "./small-world.ts";

const MIN_STAY_TICKS = 5; // half a second at 10 Hz

function ids(map: Map<number, number>): number[] {
  return [...map.keys()].sort((a, b) => a - b);
}

describe("sight", () => {
  test("begins at the radius and ends at 1.2 radii, after half a second at least", () => {
    const small = new SmallWorld({ radius: 100 });
    const ship = small.spawn("ship");
    const other = small.spawn("ship", 101);
    const player = small.join(ship);
    small.next();
    expect(ids(seen(player))).toEqual([ship.id]);
    small.move(other, 100);
    small.next();
    expect(ids(seen(player))).toEqual([ship.id, other.id]);
    expect([...player.view.entered.ids.slice(0, player.view.entered.count)]).toEqual([other.id]);
    small.move(other, 121);
    small.next(MIN_STAY_TICKS - 1);
    expect(seen(player).has(other.id)).toBe(true);
    small.next();
    expect(seen(player).has(other.id)).toBe(false);
    expect(player.view.left.count).toBe(1);
    expect(player.view.left.ids[0]).toBe(other.id);
    small.move(other, 110);
    small.next();
    expect(seen(player).has(other.id), "between the two it must come nearer").toBe(false);
    small.move(other, 99);
    small.next();
    small.move(other, 119.9);
    small.next(50);
    expect(seen(player).has(other.id), "or go farther").toBe(true);
  });

  test("reaches what is owned, what has no place, and what the room names", () => {
    const small = new SmallWorld({ radius: 10, always: ["flag"] });
    const ship = small.spawn("ship");
    const [shot, flag, score] = [small.spawn("shot", 900), small.spawn("flag", 900), small.spawn("score")];
    const far = small.spawn("ship", 900);
    const player = small.join(ship);
    shot.owner = ship.owner;
    small.next();
    expect(ids(seen(player))).toEqual([ship.id, shot.id, flag.id, score.id]);
    shot.owner = undefined;
    // The change of class began its stay anew.
    small.next(MIN_STAY_TICKS + 1);
    expect(seen(player).has(shot.id)).toBe(false);
    expect(seen(player).has(far.id)).toBe(false);
  });

  test("asks the room for single entities, each tick", () => {
    const carried = new Set<number>();
    const small = new SmallWorld({ radius: 10, always: (entity) => carried.has(entity.id) });
    const player = small.join(small.spawn("ship"));
    const far = small.spawn("ship", 900);
    small.next();
    expect(seen(player).has(far.id)).toBe(false);
    carried.add(far.id);
    small.next(MIN_STAY_TICKS + 1);
    expect(seen(player).has(far.id)).toBe(true);
    carried.clear();
    small.next();
    expect(seen(player).has(far.id)).toBe(false);
  });

  test("tells owner, team and others apart; a change of class begins anew", () => {
    const small = new SmallWorld({ radius: 100 });
    const ship = small.spawn("ship");
    const mate = small.spawn("ship", 5);
    const free = small.spawn("ship", 6);
    const player = small.join(ship);
    const other = small.join(mate);
    small.next();
    expect(seen(player)).toEqual(
      new Map([
        [ship.id, 2],
        [mate.id, 0],
        [free.id, 0],
      ]),
    );
    const slot = player.view.find(indexOf(mate.id));
    const begun = player.view.fromTick(slot);
    player.watcher.team = other.watcher.team = 7;
    small.next();
    expect(seen(player).get(mate.id)).toBe(1);
    expect(seen(other).get(ship.id)).toBe(1);
    expect(seen(player).get(free.id), "without an owner it is in no team").toBe(0);
    expect(player.view.fromTick(slot)).toBeGreaterThan(begun);
    expect([player.view.entered.count, player.view.left.count]).toEqual([1, 1]);
    other.watcher.team = 8;
    small.next();
    expect(seen(player).get(mate.id)).toBe(0);
    player.watcher.team = other.watcher.team = undefined;
    small.next();
    expect(seen(player).get(mate.id), "no team is not a team").toBe(0);
  });

  test("leaves the last word to the filter, which hides what is owned as well and at once", () => {
    const hidden = new Set<number>();
    const small = new SmallWorld({
      radius: 100,
      always: ["flag"],
      sees: (player, entity) => !hidden.has(entity.id) && player.id > 0,
    });
    const [ship, other, flag] = [small.spawn("ship"), small.spawn("ship", 5), small.spawn("flag", 900)];
    const player = small.join(ship);
    small.next();
    expect(seen(player).size).toBe(3);
    for (const entity of [ship, other, flag]) hidden.add(entity.id);
    small.next();
    expect(seen(player).size).toBe(0);
    hidden.delete(flag.id);
    small.next();
    expect(ids(seen(player))).toEqual([flag.id]);
    expect(small.errors).toEqual([]);
  });

  test("takes a filter that throws for a no, and reports it", () => {
    const small = new SmallWorld({
      sees: () => {
        throw new Error("no eyes");
      },
    });
    small.spawn("ship");
    const player = small.join();
    small.next();
    expect(seen(player).size).toBe(0);
    expect(small.errors).toHaveLength(1);
  });

  test("of a spectator is everywhere; of one who died, where that was; of a viewpoint, there", () => {
    const small = new SmallWorld({ radius: 50 });
    const here = small.spawn("ship", 0);
    const there = small.spawn("ship", 500);
    const player = small.join();
    small.next();
    expect(ids(seen(player))).toEqual([here.id, there.id]);
    const ship = small.spawn("ship", 490);
    player.watcher.steer(ship);
    small.next(MIN_STAY_TICKS);
    expect(ids(seen(player))).toEqual([there.id, ship.id]);
    small.world.despawn(ship);
    small.next(MIN_STAY_TICKS);
    expect(ids(seen(player))).toEqual([there.id]);
    player.watcher.viewpoint = { x: 10, y: 0 };
    small.next(MIN_STAY_TICKS + 1);
    expect(ids(seen(player))).toEqual([here.id]);
    player.watcher.viewpoint = { x: Number.NaN, y: 0 };
    small.next(MIN_STAY_TICKS + 1);
    expect(ids(seen(player)), "nowhere").toEqual([]);
  });

  test("without interest covers the world, and follows its births and deaths", () => {
    const small = new SmallWorld({});
    const first = small.spawn("ship", -900);
    const player = small.join();
    small.next();
    const second = small.spawn("shot", 900);
    small.next();
    expect(ids(seen(player))).toEqual([first.id, second.id]);
    small.world.despawn(first);
    small.next();
    expect(ids(seen(player))).toEqual([second.id]);
    const reborn = small.spawn("ship", 1);
    expect(indexOf(reborn.id)).toBe(indexOf(first.id));
    small.next();
    expect(ids(seen(player))).toEqual([reborn.id, second.id]);
    second.owner = player.watcher.id as never;
    small.next();
    expect(seen(player).get(second.id)).toBe(2);
  });

  test("says nothing of what was never sent", () => {
    const small = new SmallWorld({ radius: 50 });
    const player = small.join(small.spawn("ship"));
    const other = small.spawn("ship", 10);
    small.next();
    small.world.despawn(other);
    small.next();
    expect(player.view.find(indexOf(other.id))).toBe(-1);
    expect(player.view.left.count).toBe(1);
    expect(player.view.left.notes[0]).toBe(SlotState.Despawned);
  });
});

test("a player of a room is a watcher, with the team and the viewpoint that the rules assign", () => {
  const rules = defineRoom(smallGame, {
    onJoin(world, player) {
      player.entity = world.spawn("ship");
      player.team = 3;
      player.viewpoint = { x: 1, y: 2 };
    },
  });
  const room = new Room(rules, { seed: 1 });
  room.join("ada");
  const [player] = room.players;
  const watcher: Watcher = player as RoomPlayer<(typeof smallGame)["~shape"]>;
  expect(watcher).toMatchObject({ id: 1, team: 3, viewpoint: { x: 1, y: 2 } });
  expect(watcher["~entityId"]).toBe(player!.entity!.id);
});

describe("the rules", () => {
  test("refuse what cannot work", () => {
    for (const radius of [0, -1, Number.NaN, "far" as never]) {
      expect(() => new SmallWorld({ radius })).toThrow(/^interest\.radius: must be a number greater than 0/);
    }
    expect(() => new SmallWorld({ radius: 5, always: ["fleet"] })).toThrow(
      'interest.always: there is no kind "fleet"',
    );
  });
});
