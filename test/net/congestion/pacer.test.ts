import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Pacer } from "../../../src/net/congestion/pacer.ts";

describe("Pacer", () => {
  test("lets a packet overdraw, and says when its debt is paid", () => {
    const pacer = new Pacer();
    expect(pacer.creditBytes(10, 1_000)).toBe(300);
    expect(pacer.freeAtMs(10)).toBe(1_000);
    pacer.spend(1_300);
    expect(pacer.creditBytes(10, 1_000)).toBe(-1_000);
    expect(pacer.freeAtMs(10)).toBe(1_100);
    expect(pacer.creditBytes(10, 1_101)).toBe(10);
  });

  test("gathers no more than a few milliseconds' credit, however long it rests", () => {
    const pacer = new Pacer();
    expect(pacer.creditBytes(1_000, 60_000)).toBe(8_000);
    expect(pacer.creditBytes(2, 120_000)).toBe(300);
  });

  test("spares what is there again in time", () => {
    const pacer = new Pacer();
    // Full credit is 300 bytes, and 10 bytes a millisecond come.
    expect(pacer.spareBytes(10, 25, 1_000)).toBe(250);
    pacer.spend(250);
    expect(pacer.creditBytes(10, 1_025)).toBe(300);
    pacer.spend(400);
    expect(pacer.spareBytes(10, 25, 1_025)).toBe(-150);
  });

  test("keeps the rate over packets of any size, asked at any time", () => {
    const asks = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 20 }), bytes: fc.integer({ min: 60, max: 1_228 }) }),
      {
        minLength: 50,
        maxLength: 300,
        size: "max",
      },
    );
    fc.assert(
      fc.property(asks, fc.integer({ min: 2, max: 1_000 }), (list, perMs) => {
        const pacer = new Pacer();
        let [nowMs, sent] = [0, 0];
        for (const { afterMs, bytes } of list) {
          nowMs += afterMs;
          while (pacer.creditBytes(perMs, nowMs) > 0) {
            pacer.spend(bytes);
            sent += bytes;
          }
          expect(sent).toBeLessThanOrEqual(nowMs * perMs + Math.max(300, 8 * perMs) + 1_228);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a clock that stands or steps back gives nothing", () => {
    const pacer = new Pacer();
    pacer.creditBytes(10, 1_000);
    pacer.spend(500);
    expect(pacer.creditBytes(10, 1_000)).toBe(-200);
    expect(pacer.creditBytes(10, 900)).toBe(-200);
  });
});
