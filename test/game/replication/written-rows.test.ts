import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { Form } from "../../../src/game/replication/replica-plan.ts";
import type { GameWorld } from "../../../src/game/world/game-world.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { anyDeltaGame, newWildWorld, playTick } from "./delta-game.ts";

/** As if every field of every row had been written. */
function markAll(world: GameWorld): void {
  for (const { marks, rateMarks, rows } of world["~store"].tables) {
    marks.fill(1, 0, rows.length);
    rateMarks.fill(1, 0, rows.length);
  }
}

function stateOf(world: GameWorld): unknown {
  return world["~store"].tables.map(({ numbers, values, rows }) => [
    numbers.map((column) => [...column.subarray(0, rows.length)]),
    values,
  ]);
}

/** All that can be asked about the versions of the last 64 ticks. */
function historyOf(history: ReplicaHistory): unknown {
  return [...history.ids.keys()].map((index) => {
    if (history.ids[index] === 0) return 0;
    const kind = history.kinds[history.kindOf[index]!]!;
    const row = history.rowOf[index]!;
    const ages = Array.from({ length: 64 }, (_, age) => history.tick - age);
    return ages.map((tick) => {
      const slot = kind.versionAt(row, tick);
      if (slot < -1) return [history.ageFor(index, tick, 0)];
      const said = kind.plan.fields.map((field) =>
        field.form === Form.value
          ? kind.value(row, slot, field.place)
          : kind.numberAt(row, slot, field, 0, tick),
      );
      return [
        ...said,
        kind.tickOf(row, slot),
        ...([0, 1, 2] as const).map((viewer) => history.ageFor(index, tick, viewer)),
        ...([0, 1, 2] as const).map((viewer) => history.newest(index, viewer)),
      ];
    });
  });
}

/** Writes once more after the tick was rounded, as a message between two ticks does. */
function writeBetween(world: GameWorld, random: SeededRandom): void {
  for (const view of world["~store"].views) {
    if (view?.kind !== "ship" || random.below(4) > 0) continue;
    Object.assign(view, { vx: random.below(9) - 4, hp: random.below(100), sink: random.next() });
  }
}

test("looking only at what was written finds all there is, however seldom one looks", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      (seed, every, few) => {
        const [world, twin] = [newWildWorld(), newWildWorld()];
        const [history, seldom] = [new ReplicaHistory(anyDeltaGame), new ReplicaHistory(anyDeltaGame)];
        const [twinHistory, twinSeldom] = [
          new ReplicaHistory(anyDeltaGame),
          new ReplicaHistory(anyDeltaGame),
        ];
        const [random, twinRandom] = [new SeededRandom(seed), new SeededRandom(seed)];
        for (let tick = 1; tick <= 120; tick += 1) {
          markAll(twin);
          playTick(world, random, random);
          playTick(twin, twinRandom, twinRandom);
          if (tick % 7 === 0) {
            writeBetween(world, random);
            writeBetween(twin, twinRandom);
          }
          markAll(twin);
          if (tick % few === 0) {
            history.capture(world["~store"], world.tick);
            twinHistory.capture(twin["~store"], twin.tick);
          }
          markAll(twin);
          if (tick % every === 0) {
            seldom.capture(world["~store"], world.tick);
            twinSeldom.capture(twin["~store"], twin.tick);
          }
          expect(stateOf(world)).toEqual(stateOf(twin));
          if (tick % 10 > 0) continue;
          expect(historyOf(history)).toEqual(historyOf(twinHistory));
          expect(historyOf(seldom)).toEqual(historyOf(twinSeldom));
        }
      },
    ),
    { numRuns: 20 },
  );
});
