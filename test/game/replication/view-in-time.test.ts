import { expect, test } from "vitest";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { StoreView } from "../../../src/game/replication/store-view.ts";
import { AUDIENCES } from "../../../src/game/schema/field-spec.ts";
import type { FieldSchema } from "../../../src/game/schema/game-schema.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import {
  anyDeltaGame,
  deltaGame,
  newWildWorld,
  type PlainEntity,
  PlainModel,
  playTick,
} from "./delta-game.ts";
import { ToldPlayer } from "./told-player.ts";

const LINK = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 0 };
const BLENDED = ["fixed", "angle", "vec2"];
type Seen = Record<string, unknown> & { readonly id: number };

/** A player who is told of a wild world at once, and is shown it `lag` ticks later. */
function rig(seed: number, lag: number) {
  const random = new SeededRandom(seed);
  const world = newWildWorld();
  const history = new ReplicaHistory(anyDeltaGame);
  const model = new PlainModel(anyDeltaGame, 80);
  const player = new ToldPlayer(anyDeltaGame, history, new DeltaEncoder(history), 1, LINK);
  const view = new StoreView(deltaGame, player.store);
  const seenAt = new Map<number, Set<number>>();
  const hidden = new Set<number>();
  const tick = (): void => {
    playTick(world, random, random);
    history.capture(world["~store"], world.tick);
    model.capture(world);
    for (const id of model.truth.get(world.tick)!.keys()) {
      if (random.below(30) === 0) hidden.add(id);
      else if (random.below(10) === 0) hidden.delete(id);
    }
    const sees = (id: number): boolean => !hidden.has(id);
    seenAt.set(world.tick, new Set([...model.truth.get(world.tick)!.keys()].filter(sees)));
    player.tell(random, sees, 1000);
    player.receive(random);
  };
  /** What the player has to be shown of a tick, in the order of the view. */
  const truthOf = (at: number): PlainEntity[] => {
    const entities = [...model.truth.get(at)!.values()].filter(({ id }) => seenAt.get(at)!.has(id));
    return entities.sort((a, b) => a.kind.index - b.kind.index || a.id - b.id);
  };
  const shown = (): Seen[] =>
    anyDeltaGame.schema.kinds.flatMap(({ name }) => [...view.view[name as "ship"]] as unknown as Seen[]);
  return { world, view, tick, truthOf, shown, shownTick: () => world.tick - lag };
}

function isVisible({ audience }: FieldSchema, owner: number): boolean {
  const viewer = owner === 1 ? 2 : owner > 0 && owner <= 2 ? 1 : 0;
  return AUDIENCES.indexOf(audience) <= viewer;
}

test.each([0, 1, 2, 3, 7])(
  "at whole ticks, %i behind, a view shows the truth of that tick, bit for bit",
  (lag) => {
    const { view, tick, truthOf, shown, shownTick } = rig(20 + lag, lag);
    let entities = 0;
    for (let n = 0; n < 250; n += 1) {
      tick();
      if (shownTick() < 1) continue;
      view.show(shownTick());
      const truth = truthOf(shownTick());
      expect(shown().map(({ id }) => id)).toEqual(truth.map(({ id }) => id));
      for (const [i, seen] of shown().entries()) {
        const { id, kind, owner, replicas } = truth[i]!;
        entities += 1;
        expect(view.view[kind.name as "ship"].get(id as never)).toBe(seen);
        expect(seen.owner).toBe(owner || undefined);
        for (const field of kind.fields) {
          const told = isVisible(field, owner) ? field.codec.unpack(replicas[field.name]) : undefined;
          expect([field.name, seen[field.name]]).toEqual([field.name, told]);
        }
      }
    }
    expect(entities).toBeGreaterThan(500);
  },
);

test("between two ticks all that blends lies between them, and all else is as at the first", () => {
  const { view, tick, truthOf, shown, shownTick } = rig(31, 2);
  let between = 0;
  for (let n = 0; n < 250; n += 1) {
    tick();
    if (shownTick() < 1) continue;
    view.show(shownTick() + 0.25);
    const first = truthOf(shownTick());
    const next = new Map(truthOf(shownTick() + 1).map((entity) => [entity.id, entity]));
    expect(shown().map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    for (const [i, seen] of shown().entries()) {
      const { id, kind, owner, replicas } = first[i]!;
      const after = next.get(id);
      for (const field of kind.fields) {
        const { name, spec, codec } = field;
        if (!isVisible(field, owner)) expect([name, seen[name]]).toEqual([name, undefined]);
        else if (!BLENDED.includes(spec.type)) {
          expect([name, seen[name]]).toEqual([name, codec.unpack(replicas[name])]);
        } else if (spec.type === "fixed" && after !== undefined && isVisible(field, after.owner)) {
          const [a, b] = [replicas[name], after.replicas[name]] as [number, number];
          const shownSteps = (seen[name] as number) / spec.step!;
          if (a !== b && shownSteps !== a) between += 1;
          // A step is no power of two everywhere, so quotients are rounded.
          expect(Math.min(Math.abs(shownSteps - a), Math.abs(shownSteps - (a + (b - a) / 4)))).toBeLessThan(
            1e-6,
          );
        }
      }
    }
  }
  expect(between).toBeGreaterThan(200);
});

test("who comes and goes is told of with the tick at which the view shows it, by rising tick", () => {
  const { view, tick, truthOf, shownTick } = rig(40, 4);
  const inView = new Set<number>();
  let told = 0;
  let lastTick = 0;
  for (let n = 0; n < 300; n += 1) {
    tick();
    if (shownTick() < 1) continue;
    view.show(shownTick() + 0.5);
    for (const { what, id, tick: at } of view.takeSightings()) {
      told += 1;
      expect(at).toBeLessThanOrEqual(shownTick());
      expect(at).toBeGreaterThanOrEqual(lastTick);
      lastTick = at;
      expect(inView.has(id)).toBe(what !== "entered");
      if (what === "entered") inView.add(id);
      else inView.delete(id);
    }
    expect([...inView].sort()).toEqual(
      truthOf(shownTick())
        .map(({ id }) => id)
        .sort(),
    );
  }
  expect(told).toBeGreaterThan(100);
});
