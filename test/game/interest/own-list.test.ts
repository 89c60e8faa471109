import { expect, test } from "vitest";
import type { PlayerId } from "../../../src/game/schema/field.ts";
import { indexOf, SmallWorld } from "./small-world.ts";

const LIMITS = { budgetBytes: 1000, packetBytes: 1000, isTight: false, rttTicks: 3 };

test("what a player owns and sees comes by index, with what it holds of each, near or seen by all", () => {
  const small = new SmallWorld({ radius: 100, sees: (_, { id }) => id !== hidden });
  const ship = small.spawn("ship");
  const player = small.join(ship);
  const other = small.join(small.spawn("ship"));
  // Far away and many, so that memory grows; scores have no place.
  const more = Array.from({ length: 20 }, (_, i) => small.spawn(i % 2 === 0 ? "score" : "shot", 900));
  for (const entity of more) entity.owner = player.watcher.id as PlayerId;
  const hidden = more[3]!.id;
  small.next();
  const mine = [ship, ...more].filter(({ id }) => id !== hidden).map(({ id }) => indexOf(id));
  const own = small.interest.ownOf(player);
  expect([...own.indexes.slice(0, own.count)]).toEqual(mine);
  expect([own.playerId, own.avatarIndex]).toEqual([player.watcher.id, indexOf(ship.id)]);
  expect(mine.map((_, place) => own.heldTicks.at(place))).toEqual(mine.map(() => -1));

  const { count } = small.interest.choose(player, LIMITS);
  player.sent(1, 0, count);
  player.acked(1);
  const held = small.tick;
  more[0]!.owner = undefined;
  small.next();
  expect(small.interest.ownOf(other).count).toBe(1);
  const rest = mine.filter((index) => index !== indexOf(more[0]!.id));
  small.interest.ownOf(player);
  expect([...own.indexes.slice(0, own.count)]).toEqual(rest);
  expect(rest.map((_, place) => own.heldTicks.at(place))).toEqual(rest.map(() => held));
});
