import fc from "fast-check";
import { expect, test } from "vitest";
import { NOTHING_NEW, ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { Form, type PlannedField } from "../../../src/game/replication/replica-plan.ts";
import { FORGOTTEN } from "../../../src/game/replication/surprise-ticks.ts";
import type { Replica } from "../../../src/game/schema/field-codec.ts";
import { entityIndex } from "../../../src/game/world/entity-store.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { anyDeltaGame, newWildWorld, PlainModel, playTick } from "./delta-game.ts";

/** What the history says of one field at `tick`, read from the version in force then. */
function replicaAt(history: ReplicaHistory, index: number, field: PlannedField, tick: number): Replica {
  const kind = history.kinds[history.kindOf[index]!]!;
  const row = history.rowOf[index]!;
  const slot = kind.versionAt(row, tick);
  if (field.form === Form.value) return kind.value(row, slot, field.place);
  const first = kind.numberAt(row, slot, field, 0, tick);
  return field.form === Form.vector ? [first, kind.numberAt(row, slot, field, 1, tick)] : first;
}

test("every replica of the last 64 ticks is what the rule says, and surprises are where it surprises", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 3 }), (seed, start) => {
      const random = new SeededRandom(seed);
      const world = newWildWorld();
      world.tick = [0, 1, 1_000_003, 2 ** 33][start]!;
      const first = world.tick + 1;
      const history = new ReplicaHistory(anyDeltaGame);
      const model = new PlainModel(anyDeltaGame, 80);
      for (let n = 0; n < 250; n += 1) {
        playTick(world, random, random);
        history.capture(world["~store"], world.tick);
        model.capture(world);
        const truth = model.truth.get(world.tick)!;
        const told = [...history.ids].filter((id) => id > 0);
        expect(told).toEqual([...truth.keys()]);
        const back = Math.max(first, world.tick - random.below(64));
        for (const { id, kind, owner } of truth.values()) {
          const index = entityIndex(id);
          expect(history.owners[index]).toBe(owner);
          for (const tick of [world.tick, back]) {
            const then = model.truth.get(tick)!.get(id);
            if (then === undefined) continue;
            const { fields } = history.kinds[kind.index]!.plan;
            const said = fields.map((field) => [field.schema.name, replicaAt(history, index, field, tick)]);
            const expected = fields.map(({ schema }) => [schema.name, then.replicas[schema.name]]);
            expect(said).toEqual(expected);
          }
          const held = Math.max(first, world.tick - random.below(120));
          if (!model.truth.get(held)?.has(id)) continue;
          for (const viewer of [0, 1, 2] as const) {
            const surprise = model.firstSurpriseAfter(id, held, viewer);
            const answer = history.firstSurpriseAfter(index, held, viewer);
            if (answer === FORGOTTEN) expect(surprise).toBeLessThanOrEqual(world.tick - 63);
            else expect(answer).toBe(surprise);
            const age = world.tick - surprise + 1;
            const isFull = held < model.handedOver.get(id)! || age > 63;
            const wanted = isFull ? 0 : surprise === Infinity ? NOTHING_NEW : age;
            expect(history.ageFor(index, held, viewer)).toBe(wanted);
          }
          expect(history.ageFor(index, -1, 0)).toBe(0);
          for (const viewer of [0, 1, 2] as const) {
            const newest = Math.max(model.surprises.get(id)![viewer].at(-1)!, model.handedOver.get(id)!);
            expect(history.newest(index, viewer)).toBe(newest);
          }
        }
      }
    }),
    { numRuns: 12 },
  );
});

test("what rests for long is built upon however long it rested, and is not kept twice", () => {
  const world = newWildWorld();
  const history = new ReplicaHistory(anyDeltaGame);
  const rock = world.spawn("rock") as unknown as { id: number; mood: string };
  const tick = (): void => {
    world["~endTick"]();
    history.capture(world["~store"], world.tick);
  };
  for (let n = 0; n < 500; n += 1) tick();
  const index = entityIndex(rock.id);
  expect(history.ageFor(index, 1, 0)).toBe(NOTHING_NEW);
  rock.mood = "sad";
  tick();
  expect([history.tick, history.firstSurpriseAfter(index, 1, 0), history.ageFor(index, 1, 0)]).toEqual([
    501, 501, 1,
  ]);
  expect(history.kinds[1]!.log.size).toBe(1);
  for (let n = 0; n < 62; n += 1) tick();
  expect(history.ageFor(index, 1, 0)).toBe(63);
  tick();
  expect([history.ageFor(index, 1, 0), history.ageFor(index, 501, 0)]).toEqual([0, NOTHING_NEW]);
  expect(history.kinds[1]!.log.size).toBe(0);
  expect(() => history.capture(world["~store"], world.tick)).toThrow(RangeError);
});
