import { describe, expect, test } from "vitest";
import { InputBuffer } from "../../../src/game/room/input-buffer.ts";
import { newRoomCounters } from "../../../src/game/room/room-counters.ts";

describe("an input buffer", () => {
  const newBuffer = () => {
    const counters = newRoomCounters();
    return { counters, buffer: new InputBuffer(["neutral"], counters) };
  };

  test("gives each input to its tick, the first that came", () => {
    const { buffer, counters } = newBuffer();
    buffer.offer(12, ["b"], 10);
    buffer.offer(10, ["a"], 10);
    buffer.offer(12, ["other"], 10);
    expect([10, 11, 12].map((tick) => buffer.take(tick)[0])).toEqual(["a", "a", "b"]);
    buffer.offer(12, ["again"], 13);
    buffer.offer(11, ["late"], 13);
    expect(counters).toMatchObject({
      inputsBuffered: 2,
      inputsDuplicate: 2,
      inputsLate: 1,
      inputsRepeated: 1,
    });
    expect(buffer.newestTick).toBe(12);
  });

  test("repeats the last for 8 ticks, then the neutral one", () => {
    const { buffer, counters } = newBuffer();
    expect(buffer.take(0)).toEqual(["neutral"]);
    buffer.offer(1, ["a"], 1);
    const taken = Array.from({ length: 11 }, (_, n) => buffer.take(n + 1)[0]);
    expect(taken).toEqual([...new Array<string>(9).fill("a"), "neutral", "neutral"]);
    expect(counters).toMatchObject({ inputsRepeated: 8, inputsNeutral: 3 });
  });

  test("tells the input a tick has, else the newest kept, and lets go of what was used", () => {
    const { buffer } = newBuffer();
    expect(buffer.inputLike(5)).toEqual(["neutral"]);
    buffer.offer(5, ["a"], 5);
    buffer.offer(6, ["b"], 5);
    expect([5, 6, 7].map((tick) => buffer.inputLike(tick)[0])).toEqual(["a", "b", "b"]);
    buffer.take(5);
    expect(buffer.inputLike(5)).toEqual(["a"]);
    buffer.take(6);
    buffer.take(7);
    expect(buffer.inputLike(5)).not.toEqual(["a"]);
  });

  test("refuses what is 64 ticks ahead, and takes what is 63", () => {
    const { buffer, counters } = newBuffer();
    buffer.offer(164, ["far"], 100);
    buffer.offer(163, ["near"], 100);
    expect(counters).toMatchObject({ inputsTooEarly: 1, inputsBuffered: 1 });
    expect(buffer.take(163)).toEqual(["near"]);
  });

  test("tells the newest tick an input came for of late, be it far too early or too late", () => {
    const { buffer } = newBuffer();
    expect(buffer.newestTick).toBe(-1);
    for (const tick of [400, 399, 398]) buffer.offer(tick, ["early"], 100);
    expect(buffer.newestTick).toBe(400);
    buffer.take(100);
    expect(buffer.newestTick).toBe(400);
    // Its clock was set back: what came before says nothing any more.
    for (const tick of [103, 102, 101, 90]) buffer.offer(tick, ["a"], 101);
    expect(buffer.newestTick).toBe(103);
    buffer.offer(20, ["late"], 102);
    expect(buffer.newestTick).toBe(20);
  });
});
