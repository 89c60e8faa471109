import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { unhex } from "../../golden/hex.ts";
import { anyDeltaGame, newWildWorld, playTick } from "./delta-game.ts";
import { isInRange, plainStore } from "./plain-store.ts";
import { ToldPlayer } from "./told-player.ts";

/** Blocks of a lawful play, in order, over a link that loses some: deltas of many ages. */
function lawfulBlocks(seed: number, ticks: number): Uint8Array[] {
  const random = new SeededRandom(seed);
  const world = newWildWorld();
  const history = new ReplicaHistory(anyDeltaGame);
  const encoder = new DeltaEncoder(history);
  const link = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 3 };
  const player = new ToldPlayer(anyDeltaGame, history, encoder, 1, link);
  for (let n = 0; n < ticks; n += 1) {
    playTick(world, random, random);
    history.capture(world["~store"], world.tick);
    player.tell(random, (id) => (id + n) % 9 > 0, 300);
    player.receive(random);
  }
  return player.blocks;
}

function damaged(block: Uint8Array, random: SeededRandom): Uint8Array {
  if (block.length === 0) return block;
  const at = random.below(block.length);
  switch (random.below(5)) {
    case 0:
      return block.with(at, block[at]! ^ (1 << random.below(8)));
    case 1:
      return block.with(at, random.below(256));
    case 2:
      return block.slice(0, at);
    case 3:
      return Uint8Array.of(...block.slice(0, at), random.below(256), ...block.slice(at));
    default:
      return Uint8Array.of(...block.slice(0, at), ...block.slice(at + 1 + random.below(4)));
  }
}

const total = ({ counters }: ReplicaStore): number =>
  counters.blocksTaken +
  counters.blocksTooOld +
  counters.blocksMalformed +
  counters.blocksWrongKind +
  counters.blocksWrongClass +
  counters.blocksUnknownBaseline +
  counters.blocksContradictory +
  counters.blocksTooMany;

test("a damaged block is refused whole and counted once, or says something lawful; nothing throws", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new SeededRandom(seed);
      const blocks = lawfulBlocks(seed, 60);
      let store = new ReplicaStore(anyDeltaGame);
      let refused = 0;
      for (const [at, block] of blocks.entries()) {
        for (let n = 0; n < 12; n += 1) {
          const hostile = damaged(damaged(block, random), random);
          const before = JSON.stringify(plainStore(store));
          const count = total(store);
          const isTaken = store.receive(hostile);
          expect(total(store)).toBe(count + 1);
          if (!isTaken) {
            refused += 1;
            expect(JSON.stringify(plainStore(store))).toBe(before);
            continue;
          }
          expect(isInRange(store)).toBe(true);
          // What it said may make lawful blocks old or odd: from the start again.
          store = new ReplicaStore(anyDeltaGame);
          for (const earlier of blocks.slice(0, at)) store.receive(earlier);
        }
        store.receive(block);
      }
      expect(refused).toBeGreaterThan(0);
      for (const { entities } of store.present) {
        for (const entity of entities) expect(entity.versions.length).toBeLessThanOrEqual(64);
      }
    }),
    { numRuns: 20 },
  );
});

test("random bytes do nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const store = new ReplicaStore(anyDeltaGame);
      store.receive(bytes);
      expect([total(store), isInRange(store)]).toEqual([1, true]);
    }),
    { numRuns: 5000 },
  );
});

describe("a block is refused, and nothing of it taken:", () => {
  const game = defineGame({
    name: "two",
    tickRate: 10,
    input: {},
    entities: {
      ship: {
        x: t.fixed(-10, 10, 1).follows("vx"),
        vx: t.fixed(-10, 10, 1),
        hp: t.uint(9),
        isOn: t.bool(),
        note: t.text(3),
        fuel: t.uint(9).visibleTo("owner"),
      },
      empty: {},
    },
  }) as unknown as Game<Shape>;
  // Tick 5: full ship 0 of generation 1, owner 3, for everyone: vx 2, hp 7, off, "a", x -4.
  const FULL = "05" + "0001" + "0001000300" + "0207c2a161fc";
  // Fields: vx, hp, isOn, note, x; then c. One byte of mask.
  const cases: readonly [why: string, block: string, counter: string][] = [
    ["nothing", "", "blocksMalformed"],
    ["a tick in a longer form", "cc06", "blocksMalformed"],
    ["an age past 65", "06" + "4201" + "00", "blocksMalformed"],
    ["a group without records", "06" + "0100", "blocksMalformed"],
    ["a group twice", "06" + "400101" + "400102", "blocksMalformed"],
    ["groups in the wrong order", "06" + "410101" + "400102", "blocksMalformed"],
    ["a count of more than there is", "06" + "0102" + "00" + "00", "blocksMalformed"],
    ["a count of less than there is", "06" + "0101" + "00" + "00" + "00" + "00", "blocksMalformed"],
    ["an index of 2^20", "06" + "4001" + "ce00100000", "blocksMalformed"],
    ["an index past 2^20 - 1", "06" + "4002" + "ce000fffff" + "00", "blocksMalformed"],
    ["generation 0", "06" + "0001" + "0100010000", "blocksMalformed"],
    ["no such kind", "06" + "0001" + "0101020000", "blocksWrongKind"],
    [
      "a class that sees no more than the one before",
      "06" + "0001" + "0101000001" + "0000c2a000",
      "blocksWrongClass",
    ],
    ["a class of 3", "06" + "0001" + "0101000003", "blocksMalformed"],
    ["a number out of range", "06" + "0001" + "0101000000" + "000ac2a000", "blocksMalformed"],
    ["a text too long", "06" + "0001" + "0101000000" + "0000c2a46161616100", "blocksMalformed"],
    ["an entity nobody spoke of", "06" + "0101" + "01" + "00", "blocksUnknownBaseline"],
    ["a version before the first", "06" + "0201" + "00" + "00", "blocksUnknownBaseline"],
    ["an entity twice", "06" + "0101" + "00" + "00" + "4001" + "00", "blocksContradictory"],
    ["another kind for an id", "06" + "0001" + "0001010300", "blocksContradictory"],
    ["a change of nothing", "06" + "0101" + "00" + "02" + "00", "blocksMalformed"],
    ["a change to more than there are values", "06" + "0101" + "00" + "02" + "0a", "blocksMalformed"],
    ["a negative change of few values", "06" + "0101" + "00" + "02" + "ff", "blocksMalformed"],
    ["a text changed to what it was", "06" + "0101" + "00" + "08" + "a161", "blocksMalformed"],
    ["a residual of 0", "06" + "0101" + "00" + "10" + "00", "blocksMalformed"],
    ["an age of a change that was not", "0a" + "0501" + "00" + "22" + "01", "blocksMalformed"],
    ["a change as old as the baseline", "06" + "0101" + "00" + "21" + "01", "blocksMalformed"],
    ["a long age of a change for a short one", "13" + "0e01" + "00" + "e1" + "06" + "01", "blocksMalformed"],
    ["an end within a mask", "06" + "0101" + "00", "blocksMalformed"],
  ];

  test.each(cases)("%s", (_why, block, counter) => {
    const store = new ReplicaStore(game);
    expect(store.receive(unhex(FULL))).toBe(true);
    const before = plainStore(store);
    expect(before).toEqual([
      {
        ...{ id: 1, kind: "ship", owner: 3, viewer: "everyone" },
        replicas: { vx: 2, hp: 7, isOn: 0, note: "a", x: -4 },
      },
    ]);
    // Something good first: it must not be taken either.
    const mixed =
      block.startsWith("06") && !block.startsWith("0600") ? `060001${"0501010000"}${block.slice(2)}` : block;
    for (const hex of [block, mixed]) {
      expect(store.receive(unhex(hex))).toBe(false);
      expect(plainStore(store)).toEqual(before);
    }
    expect(store.counters).toMatchObject({ blocksTaken: 1, [counter]: 2 });
  });

  test("too old to know what became of its entities", () => {
    const store = new ReplicaStore(game);
    for (const [block, isTaken] of [
      ["45", true],
      ["05", false],
      ["06", true],
    ] as const) {
      expect(store.receive(unhex(block))).toBe(isTaken);
    }
    expect(store.counters).toMatchObject({ blocksTaken: 2, blocksTooOld: 1 });
  });

  test("more entities than the client keeps", () => {
    const store = new ReplicaStore(game, 2);
    const three = "06" + "0003" + "0001010000" + "0001010000" + "0001010000";
    expect(store.receive(unhex(three))).toBe(false);
    expect([store.size, store.counters.blocksTooMany]).toEqual([0, 1]);
    expect(store.receive(unhex("06" + "0002" + "0001010000" + "0001010000"))).toBe(true);
    expect(store.receive(unhex("07" + "4001" + "02"))).toBe(false);
    // Those who are gone are forgotten after 64 ticks, and make room.
    expect(store.receive(unhex("08" + "4002" + "00" + "00"))).toBe(true);
    expect([store.size, store.receive(unhex("47")), store.size]).toEqual([2, true, 2]);
    expect([store.receive(unhex("48")), store.size]).toEqual([true, 0]);
  });

  test("but their lawful neighbours are taken", () => {
    const deltas: readonly [string, Record<string, unknown>][] = [
      ["06" + "0101" + "00" + "00", { vx: 2, hp: 7, isOn: 0, note: "a", x: -4 }],
      ["06" + "0101" + "00" + "02" + "01", { hp: 8 }],
      ["06" + "0101" + "00" + "02" + "09", { hp: 6 }],
      ["06" + "0101" + "00" + "04", { isOn: 1 }],
      ["06" + "0101" + "00" + "08" + "a162", { note: "b" }],
      ["06" + "0101" + "00" + "10" + "01", { x: -3 }],
      // vx from 2 to 4 at tick 6 of 6, and 4 ticks ago.
      ["06" + "0101" + "00" + "01" + "02", { vx: 4, x: -4 }],
      ["0a" + "0501" + "00" + "81" + "02", { vx: 4, x: -2 }],
      ["13" + "0e01" + "00" + "e1" + "07" + "02", { vx: 4, x: 1 }],
    ];
    for (const [block, changes] of deltas) {
      const store = new ReplicaStore(game);
      store.receive(unhex(FULL));
      expect(store.receive(unhex(block))).toBe(true);
      expect([block, plainStore(store)[0]!.replicas]).toEqual([block, expect.objectContaining(changes)]);
    }
  });
});
