import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputTimes } from "../../../bench/peers/input-times.ts";

describe("input times", () => {
  test("run from setting an input to a state that it is in", () => {
    const times = new InputTimes();
    expect([times.set(100), times.set(133)]).toEqual([1, 2]);
    times.answer(1, 150);
    times.answer(2, 190);
    expect(times.judge(new Set([1, 2]), 200)).toEqual({
      allMs: [50, 57],
      usedMs: [50, 57],
      unused: 0,
      unanswered: 0,
    });
  });

  test("of an input that was superseded run to the state of the next, and it counts as unused", () => {
    const times = new InputTimes();
    times.set(100);
    times.set(110);
    times.answer(2, 150);
    const { allMs, usedMs, unused } = times.judge(new Set([2]), 200);
    expect({ allMs, usedMs, unused }).toEqual({ allMs: [50, 40], usedMs: [40], unused: 1 });
  });

  test("count only between begin and end", () => {
    const times = new InputTimes();
    times.set(0);
    times.begin();
    times.set(10);
    times.end();
    times.set(20);
    times.answer(3, 30);
    expect(times.judge(new Set([1, 2, 3]), 40).allMs).toEqual([20]);
  });

  test("of what was never answered run until they are judged", () => {
    const times = new InputTimes();
    times.set(0);
    times.end();
    expect(times.isAnswered).toBe(false);
    const judged = times.judge(new Set([1]), 5000);
    expect(judged).toMatchObject({ allMs: [5000], unanswered: 1 });
  });

  test("do not change when an older state comes again, and wait for no input after the end", () => {
    const times = new InputTimes();
    times.set(0);
    times.end();
    times.set(1);
    times.answer(1, 10);
    expect(times.isAnswered).toBe(true);
    times.answer(1, 20);
    times.answer(0, 30);
    expect(times.judge(new Set([1]), 40).allMs).toEqual([10]);
  });

  test("leave none out, whatever the order of setting and answering", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined }), { maxLength: 60 }), (moves) => {
        const times = new InputTimes();
        let nowMs = 0;
        for (const move of moves) {
          nowMs += 1;
          if (move === undefined) times.set(nowMs);
          else times.answer(move, nowMs);
        }
        const { allMs, unanswered, unused } = times.judge(new Set(), nowMs);
        expect(allMs.length).toBe(times.newestSerial);
        expect(unused).toBe(times.newestSerial);
        expect(unanswered).toBeLessThanOrEqual(times.newestSerial);
        expect(allMs.every((ms) => ms >= 0 && ms <= nowMs)).toBe(true);
      }),
    );
  });
});
