import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EntryCost } from "../../../src/game/interest/entry-cost.ts";
import { maxWaitTicks } from "../../../src/game/interest/max-wait.ts";
import type { PlayerInterest } from "../../../src/game/interest/player-interest.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { indexOf, type PlannedEntry, planned, SmallWorld, type TestPlayer } from "./small-world.ts";

const PACKET_BYTES = 1100;
const RTT_TICKS = 4;
/** Group head, and the widest gap below index 65,536. */
const ENTRY_OVERHEAD_BYTES = 5;

function plan(
  small: SmallWorld,
  player: PlayerInterest<TestPlayer>,
  budgetBytes: number,
  rttTicks = RTT_TICKS,
) {
  small.interest.choose(player, { budgetBytes, packetBytes: PACKET_BYTES, isTight: false, rttTicks });
  return planned(player);
}

/** Bytes of groups as they are written: in the order of ages, then of indexes. */
function writtenBytes(planned: readonly PlannedEntry[], bytesOf: (entry: PlannedEntry) => number): number {
  const entries = planned.toSorted((a, b) => a.age - b.age || a.index - b.index);
  const writer = new MsgpackWriter().reset(new Uint8Array(100_000));
  let records = 0;
  for (let from = 0; from < entries.length; ) {
    let end = from + 1;
    const { age } = entries[from]!;
    while (entries[end]?.age === age && entries[end]!.index > entries[end - 1]!.index) end += 1;
    writer.int(age);
    writer.int(end - from);
    let next = 0;
    for (const entry of entries.slice(from, end)) {
      writer.int(entry.index - next);
      next = entry.index + 1;
      records += bytesOf(entry);
    }
    from = end;
  }
  return writer.at + records;
}

/** How many packets a writer needs that begins a new one where an entry does not fit. */
function packetsFor(entries: readonly PlannedEntry[], bytesOf: (entry: PlannedEntry) => number): number {
  let packets = entries.length > 0 ? 1 : 0;
  let from = 0;
  for (let end = 1; end <= entries.length; end += 1) {
    if (writtenBytes(entries.slice(from, end), bytesOf) <= PACKET_BYTES) continue;
    packets += 1;
    from = end - 1;
  }
  return packets;
}

/** All are acked at once. */
function arrive(player: PlayerInterest<TestPlayer>, number: number): void {
  player.sent(number, 0, player.plan.count);
  player.acked(number);
}

describe("a plan with room for all", () => {
  test("groups by age, in the order of indexes, and repeats what is under way but not in full", () => {
    const small = new SmallWorld({});
    const ships = Array.from({ length: 5 }, () => small.spawn("ship"));
    const player = small.join();
    small.next();
    expect(plan(small, player, 1000).map(({ index, age }) => [index, age])).toEqual(
      [0, 1, 2, 3, 4].map((index) => [index, 0]),
    );
    player.sent(1, 0, 5);
    small.next();
    expect(plan(small, player, 1000), "under way in full").toEqual([]);
    player.acked(1);
    expect(plan(small, player, 1000)).toEqual([]);
    small.surprising.add(3);
    small.next();
    for (const index of [4, 0, 2, 3]) small.surprising.add(index);
    small.world.despawn(ships[1]!);
    small.next();
    const expected = [
      [0, 1],
      [2, 1],
      [4, 1],
      [3, 2],
      [1, 65],
    ];
    expect(plan(small, player, 1000).map(({ index, age }) => [index, age])).toEqual(expected);
    player.sent(2, 0, 5);
    small.next();
    expect(plan(small, player, 1000).map(({ index, age }) => [index, age])).toEqual(
      expected.map(([index, age]) => [index, age! < 64 ? age! + 1 : age]),
    );
    player.acked(2);
    small.next();
    expect(plan(small, player, 1000)).toEqual([]);
    expect(player.view.find(1)).toBe(-1);
  });

  test("sends in full again after loss, after a round trip without an ack, and when the baseline is too old", () => {
    const small = new SmallWorld({});
    small.spawn("ship");
    const player = small.join();
    small.next();
    const full = [[0, 0]];
    const ages = () => plan(small, player, 1000).map(({ index, age }) => [index, age]);
    expect(ages()).toEqual(full);
    player.sent(1, 0, 1);
    small.next();
    player.lost(1);
    expect(ages()).toEqual(full);
    player.sent(2, 0, 1);
    small.next(RTT_TICKS - 1);
    expect(ages()).toEqual([]);
    small.next();
    expect(ages()).toEqual(full);
    player.acked(2);
    expect(ages()).toEqual([]);
    small.surprising.add(0);
    small.next(63);
    expect(ages()).toEqual([[0, 63]]);
    small.next();
    expect(ages()).toEqual(full);
  });

  test("after everything was dropped sends all in full, whatever is acked then", () => {
    const small = new SmallWorld({});
    for (let i = 0; i < 3; i += 1) small.spawn("ship");
    const player = small.join();
    small.next();
    plan(small, player, 1000);
    player.sent(1, 0, 2);
    player.sent(2, 2, 3);
    player.acked(1);
    player.dropAll();
    player.acked(2);
    small.next();
    expect(plan(small, player, 1000).map(({ age }) => age)).toEqual([0, 0, 0]);
    player.dropAll();
    player.sent(3, 0, 3);
    small.next();
    expect(plan(small, player, 1000), "nothing is under way").toHaveLength(3);
    player.sent(4, 0, 3);
    player.acked(4);
    expect(plan(small, player, 1000)).toEqual([]);
  });
});

describe("a plan without room for all", () => {
  test("begins with the avatar, then leaves, and prefers own, near and waiting", () => {
    const small = new SmallWorld({ radius: 900 });
    const far = Array.from({ length: 30 }, () => small.spawn("ship", 800));
    const near = Array.from({ length: 30 }, () => small.spawn("ship", 10));
    const gone = small.spawn("ship", 10);
    const ship = small.spawn("ship");
    const player = small.join(ship);
    small.next();
    plan(small, player, 10_000);
    arrive(player, 1);
    const sent = new Map<number, number>();
    small.world.despawn(gone);
    for (let number = 2; number < 100; number += 1) {
      for (const { id } of [...far, ...near, ship]) small.surprising.add(indexOf(id));
      small.next();
      const entries = plan(small, player, 60);
      expect(entries.some(({ id }) => id === ship.id)).toBe(true);
      expect(entries.some(({ age }) => age === 65)).toBe(number === 2);
      for (const { id } of entries) sent.set(id, (sent.get(id) ?? 0) + 1);
      arrive(player, number);
    }
    const times = (ships: readonly { id: number }[]): number[] => ships.map(({ id }) => sent.get(id) ?? 0);
    expect(Math.min(...times(far))).toBeGreaterThan(0);
    expect(Math.min(...times(near))).toBeGreaterThan(Math.max(...times(far)));
  });

  test("tells what has left with a quarter of it, until all are told", () => {
    const small = new SmallWorld({});
    const gone = Array.from({ length: 300 }, () => small.spawn("ship"));
    const ships = Array.from({ length: 100 }, () => small.spawn("ship"));
    const player = small.join();
    small.next();
    plan(small, player, 10 * PACKET_BYTES);
    arrive(player, 1);
    for (const ship of gone) small.world.despawn(ship);
    let told = 0;
    for (let number = 2; number < 40; number += 1) {
      for (const { id } of ships) small.surprising.add(indexOf(id));
      small.next();
      const entries = plan(small, player, 100);
      const left = entries.filter(({ age }) => age > 63);
      told += left.length;
      expect(writtenBytes(left, () => 0)).toBeLessThanOrEqual(25);
      expect(entries.length - left.length).toBeGreaterThanOrEqual(5);
      arrive(player, number);
    }
    expect(told).toBe(300);
  });

  test("of several packets has the avatar in the first", () => {
    const small = new SmallWorld({});
    for (let i = 0; i < 100; i += 1) small.spawn("ship");
    const ship = small.spawn("ship");
    const player = small.join(ship);
    small.next();
    const entries = plan(small, player, 5 * PACKET_BYTES);
    expect(entries).toHaveLength(101);
    expect(entries[0]!.id).toBe(ship.id);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(101);
  });

  test("never takes more than the budget, but for what could not be sent otherwise", () => {
    const size = fc.integer({ min: 2, max: 60 });
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 400 }), fc.nat(6000), (sizes, budgetBytes) => {
        const small = new SmallWorld({});
        small.encoder.sizeOf = (index) => sizes[index]!;
        for (const _ of sizes) small.spawn("ship");
        const player = small.join();
        small.next();
        const entries = plan(small, player, budgetBytes);
        expect(player.plan.bytes).toBeLessThanOrEqual(budgetBytes);
        expect(writtenBytes(entries, ({ index }) => sizes[index]!)).toBeLessThanOrEqual(player.plan.bytes);
        expect(player.plan.leftOut).toBe(sizes.length - entries.length);
        const packets = Math.ceil(budgetBytes / PACKET_BYTES);
        expect(packetsFor(entries, ({ index }) => sizes[index]!)).toBeLessThanOrEqual(packets);
        const most = Math.max(...sizes) + ENTRY_OVERHEAD_BYTES;
        const spare = most + (most + 16) * Math.max(0, packets - 1);
        if (entries.length < sizes.length) expect(player.plan.bytes).toBeGreaterThan(budgetBytes - spare);
      }),
      { numRuns: 200 },
    );
  });

  test("leaves room for what is lost at the ends of packets", () => {
    const small = new SmallWorld({});
    small.encoder.sizeOf = () => 300;
    for (let i = 0; i < 20; i += 1) small.spawn("ship");
    const player = small.join();
    small.next();
    // By their sum seven would fit, but three fill a packet.
    const entries = plan(small, player, 2 * PACKET_BYTES);
    expect(packetsFor(entries, () => 300)).toBe(2);
    expect(entries.length).toBeGreaterThanOrEqual(5);
  });

  test("is added up exactly where entries stand side by side", () => {
    const cost = new EntryCost();
    cost.reset(127, 1000, PACKET_BYTES);
    const entries = Array.from({ length: 128 }, (_, index) => ({
      index,
      age: 3,
      slot: 0,
      id: 0,
      viewerClass: 0,
    }));
    for (const { age } of entries) cost.add(age, cost.of(age, 3));
    expect(cost.bytes).toBe(writtenBytes(entries, () => 3));
  });

  test("is added up without ever being too low", () => {
    const entry = fc.record({ index: fc.nat(2 ** 20 - 1), age: fc.nat(65) });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ index }) => index, maxLength: 600 }), (entries) => {
        const cost = new EntryCost();
        cost.reset(Math.max(0, ...entries.map(({ index }) => index)), 1000, PACKET_BYTES);
        for (const { age } of entries) cost.add(age, cost.of(age, 3));
        const order = entries.toSorted((a, b) => a.age - b.age || a.index - b.index);
        const full = order.map((entry) => ({ ...entry, slot: 0, id: 0, viewerClass: 0 }));
        expect(writtenBytes(full, () => 3)).toBeLessThanOrEqual(cost.bytes);
      }),
    );
  });
});

describe("waiting", () => {
  test("is bounded for each visible change, on links that lose", () => {
    const arbitrary = fc.record({
      seed: fc.nat(),
      visible: fc.integer({ min: 2, max: 150 }),
      recordBytes: fc.integer({ min: 2, max: 60 }),
      budgetBytes: fc.integer({ min: 20, max: 600 }),
      changeShare: fc.constantFrom(0.05, 0.5, 1),
      lossShare: fc.constantFrom(0, 0.2),
    });
    let longest = 0;
    fc.assert(
      fc.property(arbitrary, ({ seed, visible, recordBytes, budgetBytes, changeShare, lossShare }) => {
        const random = new SeededRandom(seed);
        const small = new SmallWorld({ radius: 500 });
        small.encoder.sizeOf = (index) => 2 + ((index * 7) % (recordBytes - 1));
        const ship = small.spawn("ship");
        for (let i = 1; i < visible; i += 1) small.spawn("ship", random.below(500));
        const player = small.join(ship);
        const bound = maxWaitTicks(
          visible,
          recordBytes + ENTRY_OVERHEAD_BYTES,
          budgetBytes,
          recordBytes + ENTRY_OVERHEAD_BYTES,
        );
        /** By index: since when there is a change that no packet carries. */
        const unsent = new Map<number, number>();
        for (let number = 1; number < 150; number += 1) {
          for (let index = 0; index < visible; index += 1) {
            if (random.next() < changeShare) small.surprising.add(index);
          }
          const changed = number === 1 ? Array.from({ length: visible }, (_, i) => i) : small.surprising;
          for (const index of changed) unsent.set(index, unsent.get(index) ?? number);
          small.next();
          const entries = plan(small, player, budgetBytes);
          for (const { index } of entries) unsent.delete(index);
          for (const since of unsent.values()) {
            longest = Math.max(longest, small.tick - since);
            expect(small.tick - since).toBeLessThanOrEqual(bound);
          }
          if (entries.length === 0) continue;
          player.sent(number, 0, entries.length);
          if (random.next() >= lossShare) player.acked(number);
          else {
            player.lost(number);
            for (const { index } of entries) unsent.set(index, small.tick + 1);
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(longest, "some had to wait").toBeGreaterThan(10);
  });

  test("of what was never sent ends even if it is larger than the budget", () => {
    const small = new SmallWorld({ radius: 500 });
    small.encoder.sizeOf = () => 300;
    const ship = small.spawn("ship");
    const ships = Array.from({ length: 5 }, () => small.spawn("ship", 5));
    const player = small.join(ship);
    const sent = new Set<number>();
    const bound = maxWaitTicks(6, 305, 100, 305);
    for (let number = 1; number <= bound + 1; number += 1) {
      small.surprising.add(indexOf(ship.id));
      small.next();
      const entries = plan(small, player, 100);
      expect(entries.length).toBeLessThanOrEqual(2);
      expect(entries.some(({ id }) => id === ship.id)).toBe(true);
      for (const { id } of entries) sent.add(id);
      arrive(player, number);
    }
    expect(ships.every(({ id }) => sent.has(id))).toBe(true);
  });
});
