import { expect, test } from "vitest";
import { LastMinute } from "../../client/last-minute.ts";

test("what happened counts for a minute", () => {
  const minute = new LastMinute();
  expect(minute.sum(0)).toBe(0);
  minute.add(2, 500);
  minute.add(1, 30_200);
  expect([minute.sum(30_200), minute.sum(59_999)]).toEqual([3, 3]);
  expect(minute.sum(60_000)).toBe(1);
  expect(minute.sum(89_999)).toBe(1);
  expect(minute.sum(90_000)).toBe(0);
});

test("a pause of any length leaves nothing behind, and time that steps back does no harm", () => {
  const minute = new LastMinute();
  for (let second = 0; second < 200; second += 1) minute.add(1, second * 1000);
  expect(minute.sum(199_000)).toBe(60);
  expect(minute.sum(198_000)).toBe(60);
  expect(minute.sum(1e9)).toBe(0);
  minute.add(4, 1e9);
  expect(minute.sum(1e9 + 1)).toBe(4);
});
