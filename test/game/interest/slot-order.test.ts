import fc from "fast-check";
import { expect, test } from "vitest";
import { IntList } from "../../../src/game/interest/int-list.ts";
import { mergeSlots } from "../../../src/game/interest/slot-order.ts";

test("slots are merged in the order of their entities, few or many", () => {
  const indexOf = Int32Array.from({ length: 400 }, (_, slot) => (slot * 7919) % 1009);
  const byIndex = (a: number, b: number): number => indexOf[a]! - indexOf[b]!;
  const slots = fc.shuffledSubarray(Array.from({ length: 400 }, (_, slot) => slot));
  fc.assert(
    fc.property(slots, fc.nat(400), (all, split) => {
      const sorted = new IntList();
      const fresh = new IntList();
      for (const slot of all.slice(0, split).sort(byIndex)) sorted.push(slot);
      for (const slot of all.slice(split)) fresh.push(slot);
      mergeSlots(sorted, fresh, indexOf);
      expect([...sorted.items.slice(0, sorted.count)]).toEqual(all.toSorted(byIndex));
    }),
    { numRuns: 200 },
  );
});
