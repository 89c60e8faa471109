import fc from "fast-check";
import { expect, test } from "vitest";
import { FORGOTTEN, SurpriseTicks } from "../../../src/game/replication/surprise-ticks.ts";

const REMEMBERED_TICKS = 64;

/** What `firstAfter` says, from a list of all surprises. */
function firstAfter(surprises: readonly number[], tick: number): number {
  const first = surprises.find((surprise) => surprise > tick);
  if (first === undefined) return Infinity;
  return first > surprises.at(-1)! - REMEMBERED_TICKS ? first : FORGOTTEN;
}

test("surprises of 64 ticks are remembered, and of those before it that there were any", () => {
  const gap = fc.oneof(
    fc.constant(1),
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 28, max: 36 }),
    fc.integer({ min: 0, max: 140 }),
  );
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 100 }), fc.integer({ min: 150, max: 1e10 }), (gaps, start) => {
      const ticks = new SurpriseTicks();
      ticks.grow(6);
      const [rows, indexes, flags] = [new Int32Array([9, 1]), new Int32Array([0, 2]), new Uint8Array([0, 4])];
      // Index 2 of two groups, the second: slot 5.
      ticks.begin(5, start);
      const surprises = [start];
      for (const after of gaps) {
        surprises.push(surprises.at(-1)! + after);
        ticks.markAll(rows, 1, 2, flags, 6, indexes, 2, 1, surprises.at(-1)!);
      }
      const newest = surprises.at(-1)!;
      expect(ticks.newest(5)).toBe(newest);
      for (let tick = newest + 1; tick > newest - 150; tick -= 1) {
        expect(ticks.firstAfter(5, tick)).toBe(firstAfter(surprises, tick));
      }
    }),
  );
});

test("only rows with a flag that is asked for are marked", () => {
  const ticks = new SurpriseTicks();
  ticks.grow(2);
  ticks.begin(0, 10);
  ticks.begin(1, 10);
  ticks.markAll(new Int32Array([0, 1]), 0, 2, new Uint8Array([1, 2]), 3, new Int32Array([0, 1]), 1, 0, 11);
  ticks.markAll(new Int32Array([0, 1]), 0, 2, new Uint8Array([1, 2]), 1, new Int32Array([0, 1]), 1, 0, 12);
  expect([ticks.newest(0), ticks.newest(1)]).toEqual([12, 11]);
});
