import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { type LinkConditions, PERFECT_LINK } from "../../src/runtime-adapters/link-conditions.ts";
import { LinkWay, type WayCounters } from "../../src/runtime-adapters/link-way.ts";

interface Sent {
  readonly atMs: number;
  readonly copies: { readonly dueMs: number; readonly damagedAt: number; readonly damagedBits: number }[];
}

interface Traffic {
  readonly everyMs: number;
  readonly count: number;
  readonly bytes?: number;
}

/** Sends steadily through a new way and keeps what becomes of it. */
function trace(
  seed: number,
  conditions: Partial<LinkConditions>,
  { everyMs, count, bytes = 100 }: Traffic,
): { readonly sent: Sent[]; readonly counters: WayCounters } {
  const counters = { lost: 0, queueDropped: 0, duplicated: 0, reordered: 0, corrupted: 0 };
  const way = new LinkWay(new SeededRandom(seed), counters);
  way.conditions = { ...PERFECT_LINK, ...conditions };
  const sent: Sent[] = [];
  for (let i = 0; i < count; i += 1) {
    const atMs = i * everyMs;
    const copies = way.send(bytes, atMs);
    sent.push({ atMs, copies: way.copies.slice(0, copies).map((copy) => ({ ...copy })) });
  }
  return { sent, counters };
}

const delays = (sent: readonly Sent[]): number[] =>
  sent.flatMap(({ atMs, copies }) => copies.map(({ dueMs }) => dueMs - atMs));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

/** Five standard deviations of a binomial count around what is expected of it. */
function expectShare(count: number, of: number, percent: number): void {
  const share = percent / 100;
  expect(Math.abs(count - of * share)).toBeLessThanOrEqual(5 * Math.sqrt(of * share * (1 - share)));
}

const conditions: fc.Arbitrary<Partial<LinkConditions>> = fc.record({
  lossPercent: fc.constantFrom(0, 3, 30, 100),
  burstMs: fc.constantFrom(0, 50),
  latencyMs: fc.constantFrom(0, 0.3, 40),
  jitterMs: fc.constantFrom(0, 20),
  swingMs: fc.constantFrom(0, 0.2, 30),
  duplicatePercent: fc.constantFrom(0, 5, 100),
  reorderPercent: fc.constantFrom(0, 5, 100),
  corruptPercent: fc.constantFrom(0, 5, 100),
  bandwidthKbps: fc.constantFrom(Number.POSITIVE_INFINITY, 64, 1_000),
});
const traffics: fc.Arbitrary<Traffic> = fc.record({
  everyMs: fc.constantFrom(0, 0.2, 33),
  count: fc.constant(300),
  bytes: fc.constantFrom(0, 1, 100, 1_200),
});

describe("whatever the conditions", () => {
  test("the same seed is the same way", () => {
    fc.assert(
      fc.property(fc.nat(), conditions, traffics, (seed, link, traffic) => {
        expect(trace(seed, link, traffic)).toEqual(trace(seed, link, traffic));
      }),
    );
  });

  test("every datagram is accounted for, and none is early", () => {
    fc.assert(
      fc.property(fc.nat(), conditions, traffics, (seed, link, traffic) => {
        const { sent, counters } = trace(seed, link, traffic);
        const copies = sent.flatMap((each) => each.copies);
        expect(copies.length).toBe(
          traffic.count + counters.duplicated - counters.lost - counters.queueDropped,
        );
        const isEarly = ({ atMs, copies: [first] }: Sent) => first && first.dueMs < atMs + link.latencyMs!;
        expect(sent.filter(isEarly)).toEqual([]);
        expect(copies.filter(({ damagedAt }) => damagedAt >= 0).length).toBe(counters.corrupted);
        for (const { damagedAt, damagedBits } of copies) {
          expect(damagedAt).toBeLessThan(traffic.bytes!);
          if (damagedAt < 0) continue;
          expect(damagedBits).toBeGreaterThan(0);
          expect(damagedBits).toBeLessThan(256);
        }
      }),
    );
  });

  test("order is kept by all that take no detour", () => {
    fc.assert(
      fc.property(fc.nat(), conditions, traffics, (seed, link, traffic) => {
        const { sent } = trace(seed, { ...link, reorderPercent: 0 }, traffic);
        const dues = sent.flatMap(({ copies }) => copies.map(({ dueMs }) => dueMs));
        expect(dues.every((dueMs, i) => i === 0 || dueMs >= dues[i - 1]!)).toBe(true);
      }),
    );
  });

  test("when one sends decides nothing but bursts, queues and delays", () => {
    fc.assert(
      fc.property(fc.nat(), conditions, (seed, link) => {
        const timeless = { ...link, burstMs: 0, bandwidthKbps: Number.POSITIVE_INFINITY };
        const fates = (everyMs: number) =>
          trace(seed, timeless, { everyMs, count: 300 }).sent.map(({ copies }) =>
            copies.map(({ damagedAt, damagedBits }) => (damagedAt < 0 ? "whole" : [damagedAt, damagedBits])),
          );
        expect(fates(0.2)).toEqual(fates(33));
      }),
    );
  });
});

describe("loss", () => {
  test.each([1, 5, 10, 50])("takes %i of a hundred single datagrams, one like the other", (lossPercent) => {
    const count = 50_000;
    const { sent, counters } = trace(1, { lossPercent }, { everyMs: 1, count });
    expectShare(counters.lost, count, lossPercent);
    // Of those after a lost one as many are lost as of all.
    const after = sent.filter((_, i) => i > 0 && sent[i - 1]!.copies.length === 0);
    const lostAfter = after.filter(({ copies }) => copies.length === 0).length;
    expectShare(lostAfter, after.length, lossPercent);
  });

  test("in bursts takes as much, in spells of the length asked for", () => {
    const [everyMs, burstMs, lossPercent] = [1, 80, 5];
    const { sent, counters } = trace(2, { lossPercent, burstMs }, { everyMs, count: 2_000_000 });
    const spells: number[] = [];
    let spell = 0;
    for (const { copies } of sent) {
      if (copies.length === 0) spell += 1;
      else if (spell > 0) {
        spells.push(spell);
        spell = 0;
      }
    }
    // About 1,250 spells, whose lengths scatter by as much as they are long.
    const deviations = 5 / Math.sqrt(spells.length);
    expect(Math.abs(mean(spells) * everyMs - burstMs) / burstMs).toBeLessThan(deviations + everyMs / burstMs);
    expect(Math.abs(counters.lost / sent.length / (lossPercent / 100) - 1)).toBeLessThan(deviations * 1.5);
    // Memoryless: a spell is longer than twice the mean in one of e² cases.
    const long = spells.filter((length) => length * everyMs > 2 * burstMs).length;
    expectShare(long, spells.length, 100 * Math.exp(-2));
  });
});

describe("delay", () => {
  it("is the latency, to the digit, when nothing else is asked for", () => {
    const { sent } = trace(1, { latencyMs: 50 }, { everyMs: 7, count: 100 });
    expect(sent.every(({ atMs, copies }) => copies[0]!.dueMs === atMs + 50)).toBe(true);
  });

  test.each([0.2, 1, 7, 33, 100])("swings evenly over its height, seen every %d ms", (everyMs) => {
    const [latencyMs, swingMs] = [40, 20];
    // 100 s of time at least: 2,000 legs.
    const count = Math.max(20_000, 100_000 / everyMs);
    const seen = delays(trace(3, { latencyMs, swingMs }, { everyMs, count }).sent);
    expect(seen.every((ms) => ms >= latencyMs && ms <= latencyMs + swingMs + 1e-6)).toBe(true);
    const meanMs = mean(seen);
    expect(Math.abs(meanMs - (latencyMs + swingMs / 2))).toBeLessThan(0.25);
    const deviation = Math.sqrt(mean(seen.map((ms) => (ms - meanMs) ** 2)));
    expect(Math.abs(deviation - swingMs / Math.sqrt(12))).toBeLessThan(0.15);
    // Each tenth of the height holds about a tenth.
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const low = latencyMs + (tenth * swingMs) / 10;
      const share = seen.filter((ms) => ms >= low && ms < low + swingMs / 10).length / seen.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.02);
    }
  });

  it("swings on after a silence, at once and somewhere else", () => {
    const counters = { lost: 0, queueDropped: 0, duplicated: 0, reordered: 0, corrupted: 0 };
    const way = new LinkWay(new SeededRandom(5), counters);
    way.conditions = { ...PERFECT_LINK, swingMs: 0.01 };
    const seen = new Set<number>();
    // A century at the lowest height: walked leg by leg it would never end.
    for (let year = 0; year < 100; year += 1) {
      const atMs = year * 31_557_600_000;
      way.send(100, atMs);
      seen.add(Math.round((way.copies[0].dueMs - atMs) * 1e4));
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  it("takes a detour of 55 to 110 ms as often as asked, and comes behind what was sent later", () => {
    const count = 20_000;
    const { sent, counters } = trace(4, { latencyMs: 30, reorderPercent: 5 }, { everyMs: 33, count });
    expectShare(counters.reordered, count, 5);
    const late = delays(sent).filter((ms) => ms > 30);
    expect(late.length).toBe(counters.reordered);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(85);
    expect(Math.max(...late)).toBeLessThan(140);
    expect(Math.abs(mean(late) - 112.5)).toBeLessThan(3);
  });
});

describe("copies", () => {
  it("doubles as often as asked, and the second copy does not come first", () => {
    const { sent, counters } = trace(6, { duplicatePercent: 4, jitterMs: 5 }, { everyMs: 33, count: 20_000 });
    expectShare(counters.duplicated, 20_000, 4);
    const doubles = sent.filter(({ copies }) => copies.length === 2);
    expect(doubles.length).toBe(counters.duplicated);
    expect(doubles.every(({ copies }) => copies[1]!.dueMs >= copies[0]!.dueMs)).toBe(true);
  });

  it("damages as often as asked, every byte as likely, with every change of bits", () => {
    const [count, bytes] = [50_000, 20];
    const { sent, counters } = trace(7, { corruptPercent: 20 }, { everyMs: 1, count, bytes });
    expectShare(counters.corrupted, count, 20);
    const damaged = sent.flatMap(({ copies }) => copies).filter(({ damagedAt }) => damagedAt >= 0);
    for (let at = 0; at < bytes; at += 1) {
      expectShare(damaged.filter(({ damagedAt }) => damagedAt === at).length, damaged.length, 100 / bytes);
    }
    expect(new Set(damaged.map(({ damagedBits }) => damagedBits)).size).toBe(255);
  });

  it("has nothing to damage in an empty datagram", () => {
    const { counters } = trace(8, { corruptPercent: 100 }, { everyMs: 1, count: 10, bytes: 0 });
    expect(counters.corrupted).toBe(0);
  });
});

describe("bandwidth", () => {
  it("lets through what it says, headers counted, and drops the rest at the buffer", () => {
    // 128 bytes each millisecond are 1,024 kbit/s: twice what the way carries.
    const { sent, counters } = trace(
      1,
      { bandwidthKbps: 512, bufferMs: 100, latencyMs: 10 },
      { everyMs: 1, count: 10_000 },
    );
    const through = sent.filter(({ copies }) => copies.length > 0);
    const lastMs = through.at(-1)!.copies[0]!.dueMs - 10;
    expect((through.length * 128 * 8) / lastMs).toBeCloseTo(512, 0);
    expect(counters.queueDropped).toBe(10_000 - through.length);
    // The buffer's time, and the sending of one.
    expect(Math.max(...delays(sent))).toBeLessThanOrEqual(10 + 100 + 2);
    expect(Math.max(...delays(sent))).toBeGreaterThan(100);
  });
});
