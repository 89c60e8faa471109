import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IntList } from "../../../src/game/interest/int-list.ts";
import { PlaceGrid } from "../../../src/game/interest/place-grid.ts";

const place = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 }));

function listOf(places: readonly (readonly [number, number])[]) {
  const indexes = new IntList();
  // Every third index is one that is not listed.
  for (const i of places.keys()) if (i % 3 !== 2) indexes.push(i);
  const x = Float64Array.from(places, ([x]) => x);
  const y = Float64Array.from(places, ([, y]) => y);
  return { indexes, x, y };
}

describe("a grid", () => {
  test("finds what is within the radius, the edge included, wherever one asks", () => {
    const radius = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 100 }), place, radius, radius, (places, at, reach, asked) => {
        const grid = new PlaceGrid(reach);
        const { indexes, x, y } = listOf(places);
        // A second build forgets the first.
        grid.build(listOf(places.toReversed()).indexes, y, x);
        grid.build(indexes, x, y);
        const count = grid.query(at[0], at[1], asked);
        const distance2 = (i: number): number => (x[i]! - at[0]) ** 2 + (y[i]! - at[1]) ** 2;
        const expected = [...indexes.items.slice(0, indexes.count)].filter((i) => distance2(i) <= asked ** 2);
        const found = [...grid.found.slice(0, count)];
        expect(found.toSorted((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("has cells of its own where all stand in one place, and none where no one stands", () => {
    const grid = new PlaceGrid(10);
    expect(grid.query(0, 0, 10)).toBe(0);
    const { indexes, x, y } = listOf([
      [7, 7],
      [7, 7],
    ]);
    grid.build(indexes, x, y);
    expect(grid.query(7, 7, 10)).toBe(2);
    expect(grid.query(Number.NaN, 7, 10)).toBe(0);
    grid.build(new IntList(), x, y);
    expect(grid.query(7, 7, 10)).toBe(0);
  });
});
