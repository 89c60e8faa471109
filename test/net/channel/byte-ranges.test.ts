import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteRanges } from "../../../src/net/channel/byte-ranges.ts";

const SPAN = 60;
const range = fc.tuple(fc.nat(SPAN), fc.nat(12)).map(([start, length]) => [start, start + length] as const);

test("knows what a set of bytes knows", () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30, size: "max" }), fc.array(range), (added, asked) => {
      const ranges = new ByteRanges();
      const bytes = new Set<number>();
      const runs = (): number => [...bytes].filter((byte) => !bytes.has(byte - 1)).length;
      for (const [start, end] of added) {
        const before = runs();
        const wouldAddRun = ranges.wouldAddRun(start, end);
        ranges.add(start, end);
        for (let byte = start; byte < end; byte += 1) bytes.add(byte);
        expect(ranges.count).toBe(runs());
        if (start < end) expect(wouldAddRun).toBe(runs() > before);
      }
      for (const [start, end] of asked) {
        const here = Array.from({ length: end - start }, (_, i) => bytes.has(start + i));
        expect(ranges.covers(start, end)).toBe(!here.includes(false));
        let missing = start;
        while (bytes.has(missing)) missing += 1;
        expect(ranges.firstMissing(start)).toBe(missing);
        const present = here.indexOf(true);
        expect(ranges.firstPresent(start, end)).toBe(present < 0 ? end : start + present);
      }
    }),
    { numRuns: 500 },
  );
});
