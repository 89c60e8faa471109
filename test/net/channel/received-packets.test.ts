import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areRangesLawful } from "../../../src/net/channel/ack-ranges.ts";
import { ReceivedPackets } from "../../../src/net/channel/received-packets.ts";

/** The slow twin: remembers everything. */
class Twin {
  readonly arrived = new Set<number>();
  newest = 0;

  check(number: number): string {
    if (number < 1 || number <= this.newest - 1_024) return "stale";
    return this.arrived.has(number) ? "duplicate" : "new";
  }

  add(number: number): void {
    this.arrived.add(number);
    this.newest = Math.max(this.newest, number);
  }

  missing(): number {
    let bits = 0;
    for (let i = 0; i < 32; i += 1) {
      const number = this.newest - 1 - i;
      if (number >= 1 && !this.arrived.has(number)) bits += 2 ** i;
    }
    return bits;
  }
}

const jumps = fc.array(
  fc.record({
    // Relative to the newest, so that windows are left in both directions.
    by: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -5, max: 3 }) },
      { weight: 3, arbitrary: fc.integer({ min: -1_100, max: 40 }) },
      fc.constantFrom(-1_025, -1_024, -1_023, 1_023, 1_024, 1_025, 5_000),
    ),
    tells: fc.constantFrom(false, false, false, true),
  }),
  { maxLength: 300, size: "max" },
);

describe("ReceivedPackets beside a twin that forgets nothing", () => {
  test("finds the same new, doubled and stale, and the same bits missing", () => {
    fc.assert(
      fc.property(jumps, (list) => {
        const [received, twin] = [new ReceivedPackets(), new Twin()];
        for (const { by } of list) {
          const number = twin.newest + by;
          const found = received.check(number);
          expect(found).toBe(twin.check(number));
          if (found !== "new") continue;
          received.add(number, 0, true);
          twin.add(number);
          expect(received.newest).toBe(twin.newest);
          expect(received.missingBits()).toBe(twin.missing());
        }
      }),
      { numRuns: 300 },
    );
  });

  test("ranges are lawful, say nothing false, and all since the last ack while their number allows", () => {
    fc.assert(
      fc.property(jumps, (list) => {
        const [received, twin] = [new ReceivedPackets(), new Twin()];
        let toldUpTo = 0;
        for (const { by, tells } of list) {
          const number = twin.newest + by;
          if (received.check(number) === "new") {
            received.add(number, 0, true);
            twin.add(number);
          }
          if (twin.newest === 0 || !tells) continue;
          expect(received.wantsRanges).toBe(twin.newest - toldUpTo > 24);
          const ranges = received.ranges();
          expect(areRangesLawful(ranges, twin.newest)).toBe(true);
          let at = twin.newest;
          for (const [i, length] of ranges.entries()) {
            const stretch = Array.from({ length }, (_, n) => twin.arrived.has(at - n));
            expect(stretch.includes(i % 2 !== 0), `at packet ${at}`).toBe(false);
            at -= length;
          }
          const remembered = Math.max(1, twin.newest - 1_023);
          const untold = [...twin.arrived].filter((each) => each > toldUpTo - 32 && each >= remembered);
          if (ranges.length < 63) expect(Math.min(...untold)).toBeGreaterThan(at);
          received.acked();
          toldUpTo = twin.newest;
        }
      }),
      { numRuns: 300 },
    );
  });
});

test("an ack is due when the first that wants one has waited, and its delay counts from the newest", () => {
  const received = new ReceivedPackets();
  expect(received.ackDelayMs(500)).toBe(0);
  received.add(1, 100, false);
  expect(received.ackIsDue(1_000, 25)).toBe(false);
  received.add(2, 200, true);
  received.add(3, 220, true);
  expect([received.ackIsDue(224, 25), received.ackIsDue(225, 25)]).toEqual([false, true]);
  expect(received.ackDelayMs(230)).toBe(10);
  received.acked();
  expect(received.ackIsDue(9_999, 25)).toBe(false);
});
