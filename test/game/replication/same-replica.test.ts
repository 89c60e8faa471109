import { expect, test } from "vitest";
import { NOTHING_NEW, ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { sameReplica } from "../../../src/game/replication/same-replica.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";

test("replicas are the same by what is in them", () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  expect(sameReplica(bytes(1, 2), bytes(1, 2))).toBe(true);
  expect(sameReplica(bytes(), bytes())).toBe(true);
  expect(sameReplica(bytes(1, 2), bytes(1, 3))).toBe(false);
  expect(sameReplica(bytes(1, 2), bytes(1, 2, 3))).toBe(false);
  expect(sameReplica(bytes(1, 2), [1, 2])).toBe(false);
  expect(sameReplica([bytes(1), [2, "a"]], [bytes(1), [2, "a"]])).toBe(true);
  expect(sameReplica([bytes(1), [2, "a"]], [bytes(1), [2, "b"]])).toBe(false);
  expect(sameReplica(undefined, bytes())).toBe(false);
});

test("bytes that are written again surprise nobody", () => {
  const game = defineGame({
    ...{ name: "letters", tickRate: 30, input: {} },
    entities: { letter: { seal: t.bytes(8), copies: t.list(t.bytes(8), 3) } },
  }) as unknown as Game<Shape>;
  const world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  const history = new ReplicaHistory(game);
  const letter = world.spawn("letter") as unknown as { seal: Uint8Array; copies: Uint8Array[] };
  const age = (last: number): number => {
    letter.seal = Uint8Array.of(1, 2, last);
    letter.copies = [Uint8Array.of(3, last)];
    world["~endTick"]();
    history.capture(world["~store"], world.tick);
    return history.ageFor(0, world.tick - 1, 0);
  };
  age(7);
  expect([age(7), age(7), age(8), age(8)]).toEqual([NOTHING_NEW, NOTHING_NEW, 1, NOTHING_NEW]);
});
