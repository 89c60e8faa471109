import { describe, expect, test } from "vitest";
import { largestPacketBytes, PathDelay } from "../../../src/net/congestion/path-delay.ts";

const PER_MS = 64;
const LARGE = largestPacketBytes(PER_MS);

describe("largestPacketBytes", () => {
  test("is what a slow path carries in 25 ms, from 300 to 1200 bytes and the headers", () => {
    expect([0.5, 8, 12, 16, 40, 48, 1_000].map(largestPacketBytes)).toEqual([
      ...[328, 328, 328, 428, 1_028, 1_228, 1_228],
    ]);
  });
});

describe("PathDelay", () => {
  /** Answers every 33 ms, each to a packet of `bytes` that waited `queueMs` before a link of 64 bytes a ms. */
  function answers(delay: PathDelay, startMs: number, list: readonly (readonly [number, number])[]): number {
    let nowMs = startMs;
    for (const [bytes, queueMs] of list) {
      delay.add(40 + bytes / PER_MS + queueMs, bytes, LARGE, PER_MS, nowMs);
      nowMs += 33;
    }
    return nowMs;
  }

  test("does not take a longer packet's own sending for queue", () => {
    const delay = new PathDelay();
    answers(delay, 0, [
      ...[[100, 0] as const, [LARGE, 0] as const, [100, 0] as const, [700, 0] as const],
      [LARGE, 0],
    ]);
    expect(delay.excessMs).toBeCloseTo(0);
    answers(delay, 200, [[600, 15]]);
    expect(delay.excessMs).toBeCloseTo(15);
  });

  test("lets a burst pass, and sees what stands", () => {
    const delay = new PathDelay();
    const quiet = Array.from({ length: 60 }, (_, i) => [i % 2 === 0 ? 100 : LARGE, 0] as const);
    let nowMs = answers(delay, 0, quiet);
    nowMs = answers(delay, nowMs, [[LARGE, 30]]);
    expect(delay.queueMs(LARGE, PER_MS, nowMs - 33)).toBe(0);
    const standing = Array.from({ length: 60 }, () => [LARGE, 30] as const);
    nowMs = answers(delay, nowMs, standing);
    expect(delay.queueMs(LARGE, PER_MS, nowMs - 33)).toBeGreaterThan(28);
  });

  test("forgets the empty path after ten seconds, and not before", () => {
    const delay = new PathDelay();
    answers(delay, 0, [[LARGE, 0]]);
    let nowMs = answers(
      delay,
      100,
      Array.from({ length: 200 }, () => [LARGE, 20] as const),
    );
    expect(delay.leastMs).toBeCloseTo(40 + LARGE / PER_MS);
    nowMs = answers(
      delay,
      nowMs,
      Array.from({ length: 200 }, () => [LARGE, 20] as const),
    );
    expect(delay.leastMs).toBeCloseTo(60 + LARGE / PER_MS);
    expect(nowMs).toBeGreaterThan(10_000);
  });

  test("a slow flow does not count that others' packets are longer than its own", () => {
    const delay = new PathDelay();
    const sizes = Array.from({ length: 20 }, (_, i) => [i % 2 === 0 ? 100 : 400, 0] as const);
    let nowMs = 0;
    for (const [bytes] of sizes) {
      delay.add(40 + bytes / PER_MS, bytes, 428, 16, nowMs);
      nowMs += 33;
    }
    for (let i = 0; i < 60; i += 1) {
      delay.add(40 + 400 / PER_MS + 20, 400, 428, 16, nowMs);
      nowMs += 33;
    }
    // 1228 bytes instead of 428 take 12.5 ms more at 64 bytes a ms.
    expect(delay.queueMs(428, 16, nowMs - 33)).toBeCloseTo(20 - 12.5, 1);
  });
});
