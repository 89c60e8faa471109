import { describe, expect, test } from "vitest";
import { NoticedLoss } from "../../../src/net/channel/noticed-loss.ts";

/** Of so many packets each `every`th is lost. Answers after how many that was noticed, or -1. */
function run(loss: NoticedLoss, packets: number, every: number): number {
  for (let i = 1; i <= packets; i += 1) {
    loss.note(i % every === 0 ? 1 : 0);
    if (loss.isNoticed) return i;
  }
  return -1;
}

describe("NoticedLoss", () => {
  test("takes one lost packet for chance, and one in five hundred", () => {
    expect(run(new NoticedLoss(), 2_000, 2_000)).toBe(-1);
    expect(run(new NoticedLoss(), 20_000, 500)).toBe(-1);
  });

  test("notices one in fifty by the second, and one in ten likewise", () => {
    expect(run(new NoticedLoss(), 1_000, 50)).toBe(100);
    expect(run(new NoticedLoss(), 1_000, 10)).toBe(20);
  });

  test("does not change its mind at one in fifty, and forgets once hardly any is lost", () => {
    const loss = new NoticedLoss();
    run(loss, 1_000, 50);
    for (let i = 1; i <= 1_000; i += 1) {
      loss.note(i % 50 === 0 ? 1 : 0);
      expect(loss.isNoticed).toBe(true);
    }
    for (let i = 0; i < 128; i += 1) loss.note(0);
    expect(loss.isNoticed).toBe(true);
    for (let i = 0; i < 384; i += 1) loss.note(0);
    expect(loss.isNoticed).toBe(false);
  });

  test("knows nothing of another path", () => {
    const loss = new NoticedLoss();
    run(loss, 1_000, 10);
    loss.clear();
    expect(loss.isNoticed).toBe(false);
    loss.note(1);
    expect(loss.isNoticed).toBe(false);
  });
});
