import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaBlock } from "../../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import { AGE_DESPAWNED, AGE_LEFT } from "../../../src/game/schema/record-ages.ts";
import type { GameWorld } from "../../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { anyDeltaGame, newWildWorld } from "./delta-game.ts";

const MANY = 3000;

/** Many shots in motion, captured once. */
function crowd(): { world: GameWorld; history: ReplicaHistory; encoder: DeltaEncoder; capture: () => void } {
  const world = newWildWorld();
  for (let n = 0; n < MANY; n += 1) world.spawn("shot", { x: (n % 190) - 95, vx: (n % 9) - 4 });
  const history = new ReplicaHistory(anyDeltaGame);
  const encoder = new DeltaEncoder(history);
  const capture = (): void => {
    world["~endTick"]();
    history.capture(world["~store"], world.tick);
  };
  capture();
  return { world, history, encoder, capture };
}

describe("a block", () => {
  test("keeps to its room, whatever the gaps, and holds what was taken, once, in order", () => {
    const { world, encoder } = crowd();
    const block = new DeltaBlock(encoder);
    const writer = new MsgpackWriter();
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 9, max: 3000 }),
        fc.integer({ min: 1, max: MANY }),
        (seed, room, few) => {
          const random = new SeededRandom(seed);
          const store = new ReplicaStore(anyDeltaGame);
          const bytes = new Uint8Array(room);
          const taken = new Set<number>();
          const gone = new Set<number>();
          block.begin(world.tick, room);
          for (let n = 0; n < few; n += 1) {
            const index = random.below(MANY);
            if (taken.has(index) || gone.has(index)) continue;
            const what = random.below(12);
            if (what > 1) {
              if (block.add(index, 0, 0)) taken.add(index);
            } else if (block.addGone(index, what === 0 ? AGE_LEFT : AGE_DESPAWNED)) gone.add(index);
          }
          block.write(writer.reset(bytes));
          expect(writer.ok).toBe(true);
          expect(store.receive(bytes, 0, writer.at)).toBe(true);
          const told = store.present.flatMap(({ entities }) => entities.map(({ index }) => index));
          expect(told).toEqual([...taken].sort((a, b) => a - b));
          expect([block.size, store.size]).toEqual([taken.size + gone.size, taken.size + gone.size]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("that has no room for a record takes the next smaller one", () => {
    const { world } = crowd();
    const rock = world.spawn("rock", { label: "twenty bytes of text" });
    world.spawn("empty");
    const history = new ReplicaHistory(anyDeltaGame);
    history.capture(world["~store"], world.tick + 1);
    const block = new DeltaBlock(new DeltaEncoder(history));
    block.begin(history.tick, 24);
    expect(Math.floor(rock.id / 2 ** 20)).toBe(MANY);
    expect([block.add(MANY, 0, 0), block.add(MANY + 1, 0, 0), block.size]).toEqual([false, true, 1]);
  });
});

test("a store steps over an old record that a newer one has overtaken, however far back it builds", () => {
  const { world, history, encoder, capture } = crowd();
  const store = new ReplicaStore(anyDeltaGame);
  const block = new DeltaBlock(encoder);
  const told = (age: number): Uint8Array => {
    block.begin(world.tick, 100);
    expect(block.add(0, age, 0)).toBe(true);
    const writer = new MsgpackWriter().reset(new Uint8Array(100));
    block.write(writer);
    return writer.bytes.slice(0, writer.at);
  };
  const first = world.tick;
  expect(store.receive(told(0))).toBe(true);
  const turn = (vx: number): void => {
    (world["~store"].views[0] as unknown as { vx: number }).vx = vx;
    capture();
  };
  turn(1);
  // It arrives, but its ack does not: whoever sends goes on building on the first.
  expect(store.receive(told(1))).toBe(true);
  while (world.tick < first + 61) capture();
  turn(2);
  const late = told(world.tick - first);
  turn(3);
  expect(history.ageFor(0, first, 0)).toBe(63);
  expect(store.receive(told(world.tick - first))).toBe(true);
  expect(store.receive(late)).toBe(true);
  expect(store.counters).toMatchObject({ blocksTaken: 4, recordsOutdated: 1, blocksUnknownBaseline: 0 });
});

describe("an encoder", () => {
  test("writes each record once, and grows once", () => {
    const { encoder, history, capture } = crowd();
    const all = (): number[] => Array.from({ length: MANY }, (_, index) => encoder.record(index, 0, 0));
    const records = all();
    expect(new Set(records).size).toBe(MANY);
    expect(all()).toEqual(records);
    // A shot looks the same to its owner: the same record.
    expect(encoder.record(5, 0, 2)).toBe(records[5]);
    expect([encoder.recordsWritten, encoder.recordsAsked]).toEqual([MANY, 2 * MANY + 1]);
    const { bytes, starts } = encoder;
    for (let tick = 0; tick < 50; tick += 1) {
      capture();
      all();
      expect([encoder.recordsWritten, encoder.recordsAsked]).toEqual([MANY, MANY]);
    }
    expect([encoder.bytes, encoder.starts, history.tick]).toEqual([bytes, starts, 51]);
    expect(encoder.bytes).toBe(bytes);
  });

  test("that forgets writes the same again", () => {
    const { encoder, world } = crowd();
    const blockOf = (): Uint8Array => {
      const block = new DeltaBlock(encoder);
      const writer = new MsgpackWriter().reset(new Uint8Array(100_000));
      block.begin(world.tick, writer.end);
      for (let index = 0; index < MANY; index += 1) block.add(index, 0, 0);
      block.write(writer);
      return writer.bytes.slice(0, writer.at);
    };
    const before = blockOf();
    expect(encoder.recordsWritten).toBe(MANY);
    encoder.forget();
    expect(blockOf()).toEqual(before);
    // All were written once more.
    expect([encoder.recordsWritten, encoder.recordsAsked]).toEqual([MANY, MANY]);
  });

  test("has a record for each age and class", () => {
    const world = newWildWorld();
    const history = new ReplicaHistory(anyDeltaGame);
    const encoder = new DeltaEncoder(history);
    const ship = world.spawn("ship");
    for (let tick = 0; tick < 10; tick += 1) {
      Object.assign(ship, { hp: tick, fuel: tick, reload: tick % 2 });
      world["~endTick"]();
      history.capture(world["~store"], world.tick);
    }
    const records = [0, 1, 2, 9].flatMap((age) =>
      [0, 1, 2].map((viewer) => encoder.record(0, age, viewer as 0)),
    );
    expect(new Set(records).size).toBe(12);
    const lengths = records.map((record) => encoder.ends[record]! - encoder.starts[record]!);
    // Asked again, ages that share a list among them (1 and 9), they are the same.
    const again = [9, 2, 1, 0].flatMap((age) =>
      [2, 1, 0].map((viewer) => encoder.record(0, age, viewer as 0)),
    );
    expect(again.reverse()).toEqual(records);
    // 12, 15 and 19 bits; hp, and fuel, and reload if it is not what it was.
    expect(lengths.slice(3)).toEqual([...[3, 4, 6], ...[3, 4, 5], ...[3, 4, 6]]);
  });
});
