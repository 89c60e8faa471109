import fc from "fast-check";
import { expect, test } from "vitest";
import { keyedEntity, keyedSlot, mergeKeys, slotKey } from "../../../src/game/interest/slot-key.ts";

test("a key tells what it was made of, and sorts by index", () => {
  const parts = fc.tuple(fc.nat(2 ** 20 - 1), fc.nat(2), fc.nat(2 ** 21 - 1));
  fc.assert(
    fc.property(parts, parts, ([index, viewerClass, slot], [otherIndex, otherClass, otherSlot]) => {
      const key = slotKey(index, viewerClass, slot);
      expect([keyedEntity(key), keyedSlot(key)]).toEqual([index * 4 + viewerClass, slot]);
      const other = slotKey(otherIndex, otherClass, otherSlot);
      if (index !== otherIndex) expect(key < other).toBe(index < otherIndex);
    }),
  );
});

test("keys are merged in order, few or many, and what stands around them is left alone", () => {
  const keys = Array.from({ length: 400 }, (_, slot) => slotKey((slot * 7919) % 1009, 0, slot));
  fc.assert(
    fc.property(fc.shuffledSubarray(keys), fc.nat(400), fc.nat(3), (all, split, start) => {
      const around = Array.from({ length: start }, () => 0);
      const sorted = all.slice(0, split).sort((a, b) => a - b);
      const memory = Float64Array.from([...around, ...sorted, ...all.slice(split), ...around]);
      mergeKeys(memory, start, start + sorted.length, start + all.length);
      expect([...memory]).toEqual([...around, ...all.toSorted((a, b) => a - b), ...around]);
    }),
    { numRuns: 200 },
  );
});
