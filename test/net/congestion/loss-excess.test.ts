import { describe, expect, test } from "vitest";
import { LossExcess } from "../../../src/net/congestion/loss-excess.ts";
import { PathChange } from "../../../src/net/congestion/path-change.ts";
import { seeded } from "../endpoint/rig.ts";

/** Packets, ten a loop of 50 ms; how many loops called for less, and the last excess. */
function run(excess: LossExcess, random: () => number, ratio: number, loops: number, startMs: number) {
  let heavy = 0;
  for (let loop = 0; loop < loops; loop += 1) {
    const nowMs = startMs + loop * 50;
    for (let i = 0; i < 10; i += 1) excess.note(random() < ratio, false, nowMs);
    if (excess.take() > 0) heavy += 1;
  }
  return heavy;
}

describe("LossExcess", () => {
  test.each([0, 0.03, 0.1, 0.3])("a radio that loses %d of all is not what we cause", (ratio) => {
    const excess = new LossExcess();
    const random = seeded(3);
    run(excess, random, ratio, 100, 0);
    expect(run(excess, random, ratio, 1_200, 5_000)).toBeLessThanOrEqual(6);
  });

  test("a policer that drops half of a sudden is", () => {
    const excess = new LossExcess();
    const random = seeded(4);
    run(excess, random, 0.02, 200, 0);
    expect(run(excess, random, 0.5, 12, 10_000)).toBeGreaterThanOrEqual(2);
  });

  test("what is usual shows while the rate is halved, not in what was lost from the start", () => {
    const excess = new LossExcess();
    const random = seeded(6);
    // A policer met at once: its share would pass for the usual one.
    run(excess, random, 0.4, 200, 0);
    expect(run(excess, random, 0.4, 400, 10_000)).toBeLessThanOrEqual(6);
    for (let i = 0; i < 40; i += 1) excess.note(false, true, 40_000);
    expect(run(excess, random, 0.4, 60, 40_000)).toBeGreaterThan(5);
  });

  test("few packets are no ground for anything", () => {
    const excess = new LossExcess();
    for (let i = 0; i < 31; i += 1) excess.note(true, false, i);
    expect(excess.take()).toBe(0);
    excess.note(true, false, 32);
    expect(excess.take()).toBe(1);
  });
});

describe("PathChange", () => {
  /** One second and more of loops of 100 ms at falling rates; true if one of them looked like another path. */
  function looksChanged(
    queueMs: (loop: number) => number,
    rate: (loop: number) => number,
    hasLoss = false,
    isLeastRate = false,
  ): boolean {
    const change = new PathChange();
    let found = false;
    for (let loop = 0; loop < 15; loop += 1) {
      found = change.isLikely(queueMs(loop), rate(loop), isLeastRate, hasLoss, loop * 100) || found;
    }
    return found;
  }
  const halving = (loop: number): number => 64 * 0.9 ** loop;

  test("a delay that stands while ever less is sent is another path", () => {
    expect(looksChanged((loop) => 100 + (loop % 3), halving)).toBe(true);
  });

  test("so is one that stands while next to nothing is sent, as when it came at once; one that falls then is a queue", () => {
    const least = (): number => 2;
    expect(looksChanged(() => 400, least, false, true)).toBe(true);
    expect(looksChanged((loop) => 400 - 20 * loop, least, false, true)).toBe(false);
    expect(looksChanged(() => 400, least, true, true)).toBe(false);
    expect(looksChanged(() => 0, least, false, true)).toBe(false);
  });

  test("one that falls, or rises, or costs packets, or meets an unchanged rate, is a queue", () => {
    expect(looksChanged((loop) => 300 - 20 * loop, halving)).toBe(false);
    expect(looksChanged((loop) => 100 + 20 * loop, halving)).toBe(false);
    expect(looksChanged(() => 100, halving, true)).toBe(false);
    expect(
      looksChanged(
        () => 100,
        () => 64,
      ),
    ).toBe(false);
  });
});
