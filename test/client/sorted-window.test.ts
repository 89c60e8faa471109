import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedWindow } from "../../client/sorted-window.ts";

/** Few different values, so that many are equal, as they are on a quiet way. */
const values = fc.array(fc.integer({ min: -3, max: 6 }), { maxLength: 60 });
const SHARES = [0, 0.25, 0.5, 0.95, 1];

function quantile(of: readonly number[], share: number): number {
  const sorted = [...of].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

test("it holds the newest numbers, whatever was forgotten between", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), values, fc.nat(14), values, (size, first, kept, second) => {
      const window = new SortedWindow(size);
      let model: number[] = [];
      const add = (value: number): void => {
        window.add(value);
        model = [...model, value].slice(-size);
        expect(window.count).toBe(model.length);
        for (const share of SHARES) expect(window.quantile(share)).toBe(quantile(model, share));
      };
      first.forEach(add);
      window.keepNewest(kept);
      model = kept === 0 ? [] : model.slice(-kept);
      second.forEach(add);
      expect(window.count).toBe(model.length);
    }),
  );
});
