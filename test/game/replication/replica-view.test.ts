import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReplicaView } from "../../../src/game/replication/replica-view.ts";
import type { Snapshot } from "../../../src/game/replication/snapshot.ts";
import type { EntityId } from "../../../src/game/schema/field.ts";
import { defineGame, t } from "../../../src/mod.ts";

const game = defineGame({
  name: "rocks",
  tickRate: 30,
  input: {},
  entities: {
    rock: { size: t.uint(1_000), heat: t.fixed(-8, 8, 1 / 4), turn: t.angle(8), isHard: t.bool() },
  },
});

/** Rocks whose values follow from their ids and the tick. */
function snapshot(tick: number, ids: readonly number[]): Snapshot {
  const [schema] = game.schema.kinds;
  const numbers = [0, 1, 2, 3].map((column) =>
    Float64Array.from(ids, (id) => [tick + id, id % 9, id % 256, id % 2][column]!),
  );
  const kind = {
    schema: schema!,
    ids: Float64Array.from(ids),
    owners: Float64Array.from(ids, () => 0),
    numbers,
    values: [],
  };
  return { tick, schema: game.schema, kinds: [kind], size: ids.length };
}

describe("a client's view", () => {
  it("holds who is there, each as the same object for as long as it is", () => {
    const sets = fc.array(fc.uniqueArray(fc.nat(40), { maxLength: 25 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sets, (crowds) => {
        const replica = new ReplicaView(game);
        const { rock } = replica.view;
        let before = new Map<EntityId, object>();
        for (const [i, crowd] of crowds.entries()) {
          const ids = crowd.map((id) => id + 1).sort((a, b) => a - b);
          const tick = i + 1;
          replica.show(snapshot(tick, ids), undefined);
          const seen = [...rock];
          expect(seen.map(({ id }) => id)).toEqual(ids);
          for (const one of seen) {
            expect(before.get(one.id) ?? one).toBe(one);
            expect(rock.get(one.id)).toBe(one);
            expect(one).toMatchObject({
              size: tick + one.id,
              heat: (one.id % 9) / 4,
              turn: ((one.id % 256) * 2 * Math.PI) / 256,
              isHard: one.id % 2 === 1,
            });
          }
          for (const id of before.keys()) expect(rock.get(id) !== undefined).toBe(ids.includes(id));
          before = new Map(seen.map((one) => [one.id, one]));
        }
      }),
    );
  });
});
