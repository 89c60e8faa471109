import { expect, test } from "vitest";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { snapshotOfHistory } from "../../../src/game/replication/replica-snapshot.ts";
import { StoreView } from "../../../src/game/replication/store-view.ts";
import { AUDIENCES } from "../../../src/game/schema/field-spec.ts";
import { entityIndex } from "../../../src/game/world/entity-store.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { anyDeltaGame, deltaGame, newWildWorld, PlainModel, playTick } from "./delta-game.ts";
import { ToldPlayer } from "./told-player.ts";

const LINK = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 0 };

function rig(seed: number) {
  const random = new SeededRandom(seed);
  const world = newWildWorld();
  const history = new ReplicaHistory(anyDeltaGame);
  const model = new PlainModel(anyDeltaGame, 80);
  const player = new ToldPlayer(anyDeltaGame, history, new DeltaEncoder(history), 1, LINK);
  const view = new StoreView(deltaGame, player.store);
  const tick = (sees: (id: number) => boolean = () => true, isWild = true): void => {
    if (isWild) playTick(world, random, random);
    else world["~endTick"]();
    history.capture(world["~store"], world.tick);
    model.capture(world);
    player.tell(random, sees, 1000);
    player.receive(random);
    view.show(world.tick);
  };
  return { world, history, model, player, view, tick };
}

test("a view shows all that its player may see, with the values of the newest tick or of an earlier one", () => {
  const { world, history, model, player, view, tick } = rig(5);
  for (let n = 0; n < 300; n += 1) {
    tick();
    if (n % 10 > 0) continue;
    const snapshot = snapshotOfHistory(history);
    for (const shown of [world.tick, world.tick - 5]) {
      view.show(shown);
      expect(view.view.tick).toBe(shown);
      for (const kind of snapshot.kinds) {
        const list = view.view[kind.schema.name as "ship"];
        const seen = [...list] as unknown as Record<string, unknown>[];
        expect(seen.map(({ id }) => id)).toEqual([...kind.ids]);
        expect(list.size).toBe(kind.ids.length);
        for (const [i, entity] of seen.entries()) {
          const truth = model.truth.get(shown)?.get(kind.ids[i]!);
          if (truth === undefined) continue;
          expect(list.get(kind.ids[i] as never)).toBe(entity);
          const isOwn = kind.owners[i] === 1;
          const isTeam = kind.owners[i]! > 0 && kind.owners[i]! <= 2;
          if (shown === world.tick) expect(entity.owner).toBe(kind.owners[i] || undefined);
          else if (player.seen.get(entityIndex(kind.ids[i]!))!.since > shown - 2) continue;
          for (const { name, codec, audience } of kind.schema.fields) {
            const isVisible = AUDIENCES.indexOf(audience) <= (isOwn ? 2 : isTeam ? 1 : 0);
            expect([name, entity[name]]).toEqual([
              name,
              isVisible ? codec.unpack(truth.replicas[name]) : undefined,
            ]);
          }
        }
      }
    }
  }
  expect(model.surprises.size).toBeGreaterThan(20);
});

test("a view object stays the same while its entity is in sight, and then shows what was last", () => {
  const { world, view, tick } = rig(6);
  const ship = world.spawn("ship", { x: 1, hp: 7 });
  const quiet = (ticks: number, sees = true): void => {
    for (let n = 0; n < ticks; n += 1) tick(() => sees, false);
  };
  quiet(1);
  const find = () => view.view.ship.get(ship.id as never);
  const seen = find()!;
  (ship as unknown as { hp: number }).hp = 6;
  quiet(10);
  expect([find(), view.at(entityIndex(ship.id))]).toEqual([seen, seen]);
  expect([seen.x, seen.hp]).toEqual([1, 6]);
  (ship as unknown as { hp: number }).hp = 5;
  // Out of sight for longer than anything is remembered.
  quiet(150, false);
  expect([find(), view.at(entityIndex(ship.id)), view.view.ship.size]).toEqual([undefined, undefined, 0]);
  expect([seen.x, seen.hp, seen.id, seen.owner]).toEqual([1, 6, ship.id, undefined]);
  quiet(1);
  expect([find() === seen, find()?.hp, seen.hp]).toEqual([false, 5, 6]);
});
