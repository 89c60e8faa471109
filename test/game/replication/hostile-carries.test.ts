import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CarryBlock } from "../../../src/game/replication/carry-block.ts";
import { CarryReader } from "../../../src/game/replication/carry-reader.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import type { OwnState } from "../../../src/game/replication/own-state.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { hex, unhex, withFlips } from "../../golden/hex.ts";
import { anyDeltaGame, newWildWorld, playTick } from "./delta-game.ts";
import { OwnPlayer } from "./own-player.ts";
import { plainOwn } from "./plain-own.ts";
import { ToldPlayer } from "./told-player.ts";

/** True if a lawful server could have said this, and what is made of it lies in the ranges of its fields. */
function isLawful(state: OwnState, store: ReplicaStore): boolean {
  const { tick, playerId, avatarIndex, size, indexes, ages } = state;
  if (!(Number.isSafeInteger(tick) && tick >= 0 && playerId >= 1 && playerId < 2 ** 32)) return false;
  if (!(avatarIndex >= -1 && avatarIndex < 2 ** 20)) return false;
  for (let r = 0; r < size; r += 1) {
    if (!(indexes[r]! < 2 ** 20 && indexes[r]! > (r === 0 ? -1 : indexes[r - 1]!))) return false;
    if (ages[r]! > Math.min(tick, 127)) return false;
  }
  for (const { entities } of store.present) {
    for (const held of entities) {
      const { plan } = held.newest!;
      const numbers = new Float64Array(plan.kind.numberPlaces);
      if (!state.exactNumbers(held, numbers)) continue;
      for (const { place, schema } of plan.fields) {
        const { scalar, width } = schema.codec;
        for (let half = 0; scalar !== undefined && half < width; half += 1) {
          const number = numbers[place + half]!;
          if (!(number >= scalar.low && number <= scalar.high)) return false;
        }
      }
    }
  }
  return true;
}

const total = ({ counters }: CarryReader): number =>
  counters.blocksTaken + counters.blocksOutdated + counters.blocksMalformed + counters.blocksWrongCount;

/** Plays for a while, and calls with each carry block and the store it arrives at. */
function play(seed: number, ticks: number, arrived: (block: Uint8Array, store: ReplicaStore) => void): void {
  const random = new SeededRandom(seed);
  const world = newWildWorld();
  const history = new ReplicaHistory(anyDeltaGame);
  const link = { lossPercent: 10, doublePercent: 0, jitterTicks: 0, delayTicks: 0 };
  const told = new ToldPlayer(anyDeltaGame, history, new DeltaEncoder(history), 1, link);
  const own = new OwnPlayer(told, 1, history, world["~store"], link);
  for (let n = 0; n < ticks; n += 1) {
    playTick(world, random, random);
    history.capture(world["~store"], world.tick);
    told.tell(random, () => true, 400);
    own.tell(random, 1000);
    told.receive(random);
    arrived(own.blocks.at(-1)!, told.store);
  }
}

test("every truncation and flip of a block is refused and counted once, or says something else that is lawful", () => {
  const refused = { blocksMalformed: 0, blocksWrongCount: 0 };
  let taken = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      let n = 0;
      play(seed, 120, (block, store) => {
        n += 1;
        if (n % 7 > 0) return;
        const first = new CarryReader(store);
        expect(first.receive(block)).toBe(true);
        expect(isLawful(first.state, store)).toBe(true);
        const lawful = JSON.stringify(plainOwn(first.state));
        const others = [...withFlips(block)].map(({ flipped }) => flipped);
        for (let length = 0; length < block.length; length += 1) others.push(block.slice(0, length));
        for (const other of others) {
          const reader = new CarryReader(store);
          const isTaken = reader.receive(other);
          if (total(reader) !== 1 || reader.counters.blocksTaken !== Number(isTaken)) {
            expect([hex(other), reader.counters]).toBe("counted once");
          }
          if (!isTaken) {
            refused.blocksMalformed += reader.counters.blocksMalformed;
            refused.blocksWrongCount += reader.counters.blocksWrongCount;
            continue;
          }
          taken += 1;
          if (JSON.stringify(plainOwn(reader.state)) === lawful) expect(hex(other)).toBe("something else");
          if (!isLawful(reader.state, store)) expect(hex(other)).toBe("lawful");
        }
      });
    }),
    { numRuns: 15 },
  );
  expect(Math.min(taken, refused.blocksMalformed, refused.blocksWrongCount)).toBeGreaterThan(100);
});

test("random bytes are refused or lawful", () => {
  const store = new ReplicaStore(anyDeltaGame);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const reader = new CarryReader(store);
      reader.receive(bytes);
      expect(total(reader)).toBe(1);
      if (reader.counters.blocksTaken > 0) expect(isLawful(reader.state, store)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

const game = defineGame({
  name: "two",
  tickRate: 10,
  input: {},
  entities: {
    ship: {
      x: t.fixed(-10, 10, 1).follows("vx"),
      vx: t.fixed(-10, 10, 1),
      hp: t.uint(9),
      fuel: t.uint(9).visibleTo("owner"),
    },
    token: { count: t.uint(9) },
  },
}) as unknown as Game<Shape>;
// Tick 5: full ship 0 of generation 1, owner 3, for its owner: vx 2, hp 7, fuel 6, x -4.
const SHIP = "05" + "0001" + "0001000302" + "020706fc";
// Tick 5, player 3 steers ship 0: told in this tick, its carries are 16 for vx and -16 for x.
const HEAD = "05" + "03" + "01";
const BLOCK = `${HEAD}00000210f0`;

function told(...blocks: string[]): { store: ReplicaStore; reader: CarryReader } {
  const store = new ReplicaStore(game);
  for (const block of blocks) expect(store.receive(unhex(block))).toBe(true);
  return { store, reader: new CarryReader(store) };
}

/** The exact numbers of ship 0, in the order vx, hp, fuel, x; undefined if they are not known. */
function exact(store: ReplicaStore, reader: CarryReader): number[] | undefined {
  const held = store.at(0);
  const numbers = new Float64Array(4).fill(Number.NaN);
  if (held !== undefined && reader.state.exactNumbers(held, numbers)) return [...numbers];
  expect([...numbers]).toEqual(new Array(4).fill(Number.NaN));
  return undefined;
}

describe("a block is refused, and nothing of it taken:", () => {
  const cases: readonly [why: string, block: string, counter: string][] = [
    ["nothing", "", "blocksMalformed"],
    ["a tick in a longer form", "cc06" + "03" + "01", "blocksMalformed"],
    ["player 0", "06" + "00" + "01", "blocksMalformed"],
    ["a player of more than 32 bits", "06" + "cf0000000100000000" + "01", "blocksMalformed"],
    ["no avatar", "06" + "03", "blocksMalformed"],
    ["an avatar past the last index", "06" + "03" + "ce00100001", "blocksMalformed"],
    ["a negative gap", "06" + "03" + "01" + "ff" + "0000", "blocksMalformed"],
    ["an index of 2^20", "06" + "03" + "01" + "ce00100000" + "0000", "blocksMalformed"],
    ["an index past 2^20 - 1", "06" + "03" + "01" + "ce000fffff" + "0000" + "000000", "blocksMalformed"],
    ["an age of 128", "cc96" + "03" + "01" + "00" + "cc80" + "00", "blocksMalformed"],
    ["an age of more than its tick", "06" + "03" + "01" + "05" + "07" + "00", "blocksMalformed"],
    ["no count", "06" + "03" + "01" + "00" + "01", "blocksMalformed"],
    ["a count of 257", `0603010500cd0101${"00".repeat(257)}`, "blocksMalformed"],
    ["a count of more than there is", "06" + "03" + "01" + "00" + "01" + "02" + "10", "blocksMalformed"],
    ["a carry too few", "06" + "03" + "01" + "00" + "01" + "01" + "10", "blocksWrongCount"],
    ["a carry too many", "06" + "03" + "01" + "00" + "01" + "03" + "10f000", "blocksWrongCount"],
    ["a carry too few, an age of 127", "cc96" + "03" + "01" + "00" + "7f" + "01" + "10", "blocksWrongCount"],
  ];

  test.each(cases)("%s", (_why, block, counter) => {
    const { store, reader } = told(SHIP);
    expect(reader.receive(unhex(BLOCK))).toBe(true);
    const before = plainOwn(reader.state);
    expect(reader.receive(unhex(block))).toBe(false);
    expect(plainOwn(reader.state)).toEqual(before);
    expect(exact(store, reader)).toEqual([2.25, 7, 6, -4.25]);
    expect(reader.counters).toMatchObject({ blocksTaken: 1, [counter]: 1 });
    expect(total(reader)).toBe(2);
  });

  test("but their lawful neighbours are taken", () => {
    const lawful: readonly [string, object][] = [
      ["06" + "03" + "00", { tick: 6, avatarIndex: -1, records: [] }],
      ["06" + "ceffffffff" + "01", { playerId: 2 ** 32 - 1 }],
      ["06" + "03" + "ce00100000", { avatarIndex: 2 ** 20 - 1 }],
      [
        "06" + "03" + "01" + "ce000fffff" + "0000",
        { records: [{ index: 2 ** 20 - 1, age: 0, carries: [] }] },
      ],
      ["cc96" + "03" + "01" + "05" + "7f" + "00", { records: [{ index: 5, age: 127, carries: [] }] }],
      ["06" + "03" + "01" + "05" + "06" + "00", { records: [{ index: 5, age: 6, carries: [] }] }],
      // Nobody told of anything since tick 5: another may live there by now.
      ["06" + "03" + "01" + "00" + "00" + "01" + "10", { records: [{ index: 0, age: 0, carries: [16] }] }],
      [
        "06" + "03" + "01" + "00" + "01" + "02" + "7f80" + "02" + "00" + "01" + "ff",
        {
          records: [
            { index: 0, age: 1, carries: [127, -128] },
            { index: 3, age: 0, carries: [-1] },
          ],
        },
      ],
      ["cf001fffffffffffff" + "03" + "00", { tick: 2 ** 53 - 1 }],
    ];
    for (const [block, said] of lawful) {
      const { reader } = told(SHIP);
      expect([block, reader.receive(unhex(block))]).toEqual([block, true]);
      expect([block, plainOwn(reader.state)]).toEqual([block, expect.objectContaining(said)]);
    }
    const { reader } = told();
    const most = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0")).join("");
    expect(reader.receive(unhex(`${HEAD}0900cd0100${most}`))).toBe(true);
    expect([reader.state.find(9), reader.state.find(8), reader.state.starts[1]]).toEqual([0, -1, 256]);
  });
});

describe("a carry counts", () => {
  test("on top of the replica at its tick", () => {
    const { store, reader } = told(SHIP);
    expect(exact(store, reader)).toBeUndefined();
    // Five ticks later, at two steps a second: x is -3 by then.
    expect(reader.receive(unhex("0a" + "03" + "01" + "00" + "05" + "02" + "1020"))).toBe(true);
    expect(exact(store, reader)).toEqual([2.25, 7, 6, -2.5]);
    expect(reader.state.find(1)).toBe(-1);
  });

  test("as soon as what it counts on top of has come", () => {
    const { store, reader } = told();
    expect(reader.receive(unhex(BLOCK))).toBe(true);
    expect(exact(store, reader)).toBeUndefined();
    store.receive(unhex(SHIP));
    expect(exact(store, reader)).toEqual([2.25, 7, 6, -4.25]);
  });

  test("not if its entity surprised since the client was told of it", () => {
    const { store, reader } = told(SHIP);
    for (const [tick, age, isKnown] of [
      [9, 4, true],
      [10, 4, false],
      [11, 6, true],
      [126, 120, false],
      [126, 121, true],
    ] as const) {
      const fresh = new CarryReader(store);
      const head = `${hex(Uint8Array.of(tick))}030100${hex(Uint8Array.of(age))}`;
      expect(fresh.receive(unhex(`${head}020000`))).toBe(true);
      expect([tick, exact(store, fresh) !== undefined]).toEqual([tick, isKnown]);
    }
    // So old that the server waits for the ack before it says so.
    expect(reader.receive(unhex("cdffff" + "03" + "01" + "00" + "7f" + "02" + "0000"))).toBe(true);
    expect(exact(store, reader)).toBeDefined();
  });

  test("not if what came later may have come before the client knew what was in force", () => {
    // Tick 9: hp is 8, on top of tick 7.
    const { store, reader } = told(SHIP, "09" + "0201" + "00" + "02" + "01");
    for (const [tick, age, isKnown] of [
      ["08", "00", false],
      ["08", "03", true],
      ["08", "02", false],
      ["09", "00", true],
    ] as const) {
      const fresh = new CarryReader(store);
      expect(fresh.receive(unhex(`${tick}030100${age}020000`))).toBe(true);
      expect([tick, age, exact(store, fresh) !== undefined]).toEqual([tick, age, isKnown]);
    }
    expect(reader.receive(unhex(BLOCK))).toBe(true);
    expect(exact(store, reader)).toEqual([2.25, 7, 6, -4.25]);
  });

  test("not for an entity that is gone, or for the one that came after it", () => {
    const { store, reader } = told(SHIP);
    reader.receive(unhex(BLOCK));
    const held = store.at(0)!;
    const numbers = new Float64Array(4);
    expect(reader.state.exactNumbers(held, numbers)).toBe(true);
    expect(store.receive(unhex("06" + "4001" + "00"))).toBe(true);
    expect([store.at(0), reader.state.exactNumbers(held, numbers)]).toEqual([undefined, false]);
    expect(store.receive(unhex("07" + "0001" + "0002000302" + "00000000"))).toBe(true);
    expect(store.at(0)).toBe(held);
    expect(exact(store, reader)).toBeUndefined();
  });

  test("not for one that the client sees with other eyes than its owner's", () => {
    const { store, reader } = told("05" + "0001" + "0001000300" + "0207fc");
    expect(reader.receive(unhex(BLOCK))).toBe(true);
    expect(exact(store, reader)).toBeUndefined();
  });

  test("without any where nothing has fractions", () => {
    const { store, reader } = told("05" + "0001" + "0001010300" + "07");
    // Everyone sees all there is of a token: so does its owner.
    const numbers = new Float64Array(1);
    expect(reader.receive(unhex(`${HEAD}000000`))).toBe(true);
    expect(reader.state.exactNumbers(store.at(0)!, numbers)).toBe(true);
    expect([...numbers]).toEqual([7]);
  });
});

test("a block no newer than the one before is lawful, and nothing of it taken", () => {
  const { store, reader } = told(SHIP);
  reader.receive(unhex(BLOCK));
  for (const block of [`${HEAD}0000020000`, "04" + "03" + "00"]) {
    expect(reader.receive(unhex(block))).toBe(true);
  }
  expect(exact(store, reader)).toEqual([2.25, 7, 6, -4.25]);
  expect(reader.counters).toMatchObject({ blocksTaken: 1, blocksOutdated: 2 });
});

describe("a writer", () => {
  const world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  const history = new ReplicaHistory(game);
  const ships = [0, 1, 2].map((n) => world.spawn("ship", { x: n / 4, vx: 0 }));
  for (const ship of ships) ship.owner = 3 as never;
  world["~roundState"]();
  world["~endTick"]();
  history.capture(world["~store"], world.tick);
  const block = new CarryBlock(history, world["~store"]);
  const own = {
    ...{ playerId: 3, avatarIndex: 1, indexes: Int32Array.of(0, 1, 2, 99), heldTicks: new Float64Array(4) },
    count: 3,
  };
  const head = "01" + "03" + "02";
  const [first, avatar, last] = ["000002" + "0000", "000002" + "0010", "000002" + "00e0"];
  const alone = `01${avatar.slice(2)}`;
  const rooms: readonly [roomBytes: number, written: string | undefined, crowdedOut: number][] = [
    [100, head + first + avatar + last, 0],
    [18, head + first + avatar + last, 0],
    [17, head + first + avatar, 1],
    [13, head + first + avatar, 1],
    [12, head + alone, 2],
    [8, head + alone, 2],
    [7, head, 3],
    [3, head, 3],
    [2, undefined, 0],
  ];

  test.each(rooms)("with room for %i bytes", (roomBytes, written, crowdedOut) => {
    const writer = new MsgpackWriter().reset(new Uint8Array(64), 5, 60);
    expect(block.write(writer, own, roomBytes)).toBe(written !== undefined);
    expect([hex(writer.bytes.slice(5, writer.at)), writer.end, writer.ok]).toEqual([written ?? "", 60, true]);
    const records = written === undefined ? 0 : (written.length / 2 - 3) / 5;
    expect([block.records, block.recordsCrowdedOut]).toEqual([records, crowdedOut]);
  });

  test("never goes past the end of its memory either", () => {
    const writer = new MsgpackWriter().reset(new Uint8Array(64), 0, 13);
    expect(block.write(writer, own, 100)).toBe(true);
    expect(hex(writer.bytes.slice(0, writer.at))).toBe(head + first + avatar);
  });

  test("says nothing of what is old until the player holds it", () => {
    for (let n = 0; n < 126; n += 1) world["~endTick"]();
    history.capture(world["~store"], world.tick);
    const writer = new MsgpackWriter().reset(new Uint8Array(64));
    const ages = (): number[] => {
      block.write(writer.reset(writer.bytes), own, 60);
      const reader = new CarryReader(new ReplicaStore(game));
      expect(reader.receive(writer.bytes, 0, writer.at)).toBe(true);
      const { size, indexes, ages: told } = reader.state;
      return Array.from({ length: size }, (_, r) => indexes[r]! * 1000 + told[r]!);
    };
    own.heldTicks.set([-1, 0, 1]);
    expect([world.tick, ages()]).toEqual([127, [126, 1126, 2126]]);
    world["~endTick"]();
    history.capture(world["~store"], world.tick);
    expect([world.tick, ages()]).toEqual([128, [2127]]);
    expect(block.recordsCrowdedOut).toBe(0);
  });
});
