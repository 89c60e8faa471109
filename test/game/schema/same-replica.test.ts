import { expect, test } from "vitest";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { sameReplica } from "../../../src/game/schema/same-replica.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";

test("replicas are the same by what they say", () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
  expect(sameReplica(bytes(1, 2), bytes(1, 2))).toBe(true);
  expect(sameReplica(bytes(1, 2), bytes(1, 3))).toBe(false);
  expect(sameReplica(bytes(1, 2), bytes(1))).toBe(false);
  expect(sameReplica([bytes(1), [2]], [bytes(1), [2]])).toBe(true);
  expect(sameReplica([1, undefined], [1])).toBe(false);
  expect(sameReplica(undefined, [])).toBe(false);
  expect(sameReplica("", [])).toBe(false);
});

test("bytes that are set to what they were surprise nobody", () => {
  const game = defineGame({
    name: "bytes",
    tickRate: 10,
    input: {},
    entities: { blob: { data: t.bytes(4) } },
  }) as unknown as Game<Shape>;
  const world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  const blob = world.spawn("blob", { data: Uint8Array.of(1, 2) }) as unknown as { data: Uint8Array };
  const history = new ReplicaHistory(game);
  const surprised = (data: Uint8Array): boolean => {
    blob.data = data;
    world["~endTick"]();
    history.capture(world["~store"], world.tick);
    return history.firstSurpriseAfter(0, world.tick - 1, 0) === world.tick;
  };
  surprised(Uint8Array.of(1, 2));
  expect(surprised(Uint8Array.of(1, 2))).toBe(false);
  expect(surprised(Uint8Array.of(1, 3))).toBe(true);
});
