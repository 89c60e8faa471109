import fc from "fast-check";
import { expect, test } from "vitest";
import { IndexMap } from "../../../src/game/interest/index-map.ts";

test("an index map is a map", () => {
  // Multiples of 32 collide while the map is small.
  const index = fc.oneof(
    fc.nat(40),
    fc.nat(40).map((n) => n * 32),
    fc.nat(2 ** 20 - 1),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ index, remove: fc.boolean() }), { maxLength: 300 }), (steps) => {
      const map = new IndexMap();
      const model = new Map<number, number>();
      for (const [slot, step] of steps.entries()) {
        if (step.remove) {
          map.delete(step.index);
          model.delete(step.index);
        } else if (!model.has(step.index)) {
          map.add(step.index, slot);
          model.set(step.index, slot);
        }
        for (const { index } of steps) expect(map.get(index)).toBe(model.get(index) ?? -1);
      }
    }),
    { numRuns: 50 },
  );
});
