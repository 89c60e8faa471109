import fc from "fast-check";
import { expect, test } from "vitest";
import { TickLoop } from "../../../src/game/room/tick-loop.ts";

test("ticks are due at exact multiples, without drift", () => {
  const loop = new TickLoop({ tickRate: 30, startMs: 1000 });
  for (let n = 1; n <= 100_000; n += 1) {
    expect(loop.nextDueMs).toBe(1000 + (n * 1000) / 30);
    expect(loop.ticksDue(loop.nextDueMs - 0.001)).toBe(0);
    expect(loop.ticksDue(loop.nextDueMs)).toBe(1);
  }
  expect([loop.overruns, loop.lostMs]).toEqual([0, 0]);
});

test("catches up a little and drops the rest", () => {
  const loop = new TickLoop({ tickRate: 20, maxCatchUpTicks: 4, startMs: 0 });
  expect(loop.ticksDue(160)).toBe(3);
  expect(loop.latenessMs).toBe(110);
  expect(loop.ticksDue(160 + 500)).toBe(4);
  expect([loop.overruns, loop.lostMs, loop.nextDueMs]).toEqual([1, 300, 700]);
  expect(loop.ticksDue(600)).toBe(0);
});

test("runs or drops every tick once, whatever the clock does", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 240 }),
      fc.array(fc.double({ min: -50, max: 300, noNaN: true })),
      (tickRate, steps) => {
        const loop = new TickLoop({ tickRate, startMs: 5 });
        let now = 5;
        let latest = 5;
        let run = 0;
        for (const step of steps) {
          now += step;
          latest = Math.max(latest, now);
          run += loop.ticksDue(now);
          expect(loop.nextDueMs).toBeGreaterThan(latest);
        }
        const next = Math.round(((loop.nextDueMs - 5) * tickRate) / 1000);
        expect(run + Math.round((loop.lostMs * tickRate) / 1000)).toBe(next - 1);
      },
    ),
  );
});
