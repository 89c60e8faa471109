import { expect, test } from "vitest";
import { ForeignDelay } from "../../../src/net/congestion/foreign-delay.ts";

/** Six seconds of loops of 100 ms; when, if ever, the delay turned out not to be ours. */
function foundAtMs(delayMs: (loop: number) => number, isLeast = (_loop: number): boolean => true) {
  const foreign = new ForeignDelay();
  for (let loop = 0; loop < 60; loop += 1) {
    if (foreign.note(delayMs(loop), isLeast(loop), loop * 100)) return { loop, foreign };
  }
  return undefined;
}

test("a delay that stays for two seconds at the least rate is not ours, quiet or not", () => {
  expect(foundAtMs(() => 100)?.loop).toBeGreaterThanOrEqual(20);
  expect(foundAtMs((loop) => 60 + 37 * (loop % 3))).toBeDefined();
});

test("one that goes away, or grows, or meets a rate that is not the least, may be", () => {
  expect(foundAtMs((loop) => 300 * 0.85 ** loop)).toBeUndefined();
  expect(foundAtMs((loop) => 100 * 1.1 ** loop)).toBeUndefined();
  expect(
    foundAtMs(
      () => 100,
      (loop) => loop % 10 < 9,
    ),
  ).toBeUndefined();
});

test("what is tolerated shrinks with the delay, and is forgotten with it", () => {
  const { foreign } = foundAtMs(() => 100)!;
  const tolerated = foreign.toleratedMs;
  expect(tolerated).toBeGreaterThan(60);
  for (let loop = 0; loop < 5; loop += 1) foreign.note(50, false, 5_000 + loop * 100);
  expect(foreign.toleratedMs).toBeLessThan(tolerated);
  for (let loop = 0; loop < 60; loop += 1) foreign.note(0, false, 6_000 + loop * 100);
  expect(foreign.toleratedMs).toBe(0);
});
