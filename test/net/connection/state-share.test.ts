import { expect, test } from "vitest";
import { StateShare } from "../../../src/net/connection/state-share.ts";

test("gives state twice what it gives messages while both wait", () => {
  const share = new StateShare();
  let [state, messages] = [0, 0];
  for (let packet = 0; packet < 3_000; packet += 1) {
    if (share.isMessagesTurn) {
      messages += 100;
      share.note(0, 100);
    } else {
      state += 100;
      share.note(100, 0);
    }
  }
  expect(state / messages).toBeCloseTo(2, 1);
});

test("pays nobody back for hours", () => {
  const share = new StateShare();
  for (let i = 0; i < 10_000; i += 1) share.note(0, 1_000);
  let state = 0;
  for (; !share.isMessagesTurn; state += 100) share.note(100, 0);
  expect(state).toBeLessThan(5_000);
});
