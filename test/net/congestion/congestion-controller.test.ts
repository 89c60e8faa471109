import { describe, expect, test } from "vitest";
import { CongestionController } from "../../../src/net/congestion/congestion-controller.ts";
import { DEFAULT_RATES } from "../../../src/net/congestion/rate-limits.ts";

const LOOP_MS = 60;

/** A peer that answers each loop's first and last packet; `queueMs` of the path while so much is under way. */
class Loops {
  readonly control = new CongestionController();
  nowMs = 1_000;

  /** So many loops, with a packet of `bytes` at the begin of each. */
  run(loops: number, { queueMs = 0, isLimited = true, bytes = 1_172 } = {}): void {
    for (let i = 0; i < loops; i += 1) {
      const sentAtMs = this.nowMs;
      const counted = this.control.sent(bytes, true, sentAtMs);
      if (isLimited) this.control.noteLimited();
      this.nowMs += LOOP_MS + queueMs;
      this.control.acked(counted, sentAtMs, this.nowMs);
      this.control.answered(counted, sentAtMs, 0, this.nowMs);
    }
  }
}

describe("CongestionController", () => {
  test("starts at 16 kB/s, with packets as long as that allows", () => {
    const control = new CongestionController();
    expect(control.bytesPerSecond).toBe(16_000);
    expect(control.maxPacketBytes).toBe(400);
    expect(control.mayStillSend(0)).toBe(true);
  });

  test("doubles each loop while something waits, up to its most", () => {
    const loops = new Loops();
    loops.run(3);
    const before = loops.control.bytesPerSecond;
    loops.run(1);
    expect(loops.control.bytesPerSecond / before).toBeCloseTo(2, 0);
    loops.run(20);
    expect(loops.control.bytesPerSecond).toBe(DEFAULT_RATES.maxBytesPerSecond);
    expect(loops.control.maxPacketBytes).toBe(1_200);
  });

  test("does not grow by what nobody tried", () => {
    const loops = new Loops();
    loops.run(2);
    const before = loops.control.bytesPerSecond;
    loops.run(100, { isLimited: false });
    expect(loops.control.bytesPerSecond).toBeCloseTo(before, -2);
  });

  test("goes down to its least when the queue only grows, and not below", () => {
    const loops = new Loops();
    loops.run(5);
    for (let queueMs = 10; queueMs < 2_000; queueMs *= 1.1) loops.run(1, { queueMs });
    expect(loops.control.bytesPerSecond).toBe(2_000);
    expect(loops.control.queueingDelayMs).toBeGreaterThan(500);
    expect(loops.control.maxPacketBytes).toBe(300);
  });

  test("leaves the start at the first standing queue", () => {
    const loops = new Loops();
    loops.run(4);
    const before = loops.control.bytesPerSecond;
    loops.run(3, { queueMs: 40 });
    expect(loops.control.bytesPerSecond).toBeLessThan(before);
    const after = loops.control.bytesPerSecond;
    loops.run(1);
    expect(loops.control.bytesPerSecond).toBeLessThan(after * 1.9);
  });

  test("who has no more to send need not yield to a short queue", () => {
    const loops = new Loops();
    loops.run(6);
    const before = loops.control.bytesPerSecond;
    loops.run(30, { queueMs: 25, isLimited: false });
    // The rate falls as the loop gets longer, the window does not.
    expect(loops.control.bytesPerSecond).toBeGreaterThan(before * 0.6);
    loops.run(30, { queueMs: 80, isLimited: false });
    expect(loops.control.bytesPerSecond).toBeLessThan(before * 0.3);
  });

  test("spares nothing while something is held back, nor beside a queue", () => {
    const loops = new Loops();
    const spare = (): number => loops.control.spareBytes(25, loops.nowMs);
    loops.run(3, { isLimited: false });
    expect(spare()).toBeGreaterThan(100);
    loops.control.noteLimited();
    expect(spare()).toBe(0);
    // One loop in which nothing was held back is not enough.
    loops.run(1, { isLimited: false });
    expect(spare()).toBe(0);
    loops.run(1, { isLimited: false });
    expect(spare()).toBeGreaterThan(100);
    loops.run(4, { isLimited: false, queueMs: 35 });
    expect(spare()).toBe(0);
  });

  test("spares nothing while the window is under way", () => {
    const control = new CongestionController();
    for (let nowMs = 0; control.underWayBytes < 1_600; nowMs += 100) control.sent(400, true, nowMs);
    expect(control.spareBytes(25, 10_000)).toBe(0);
  });

  test("counts what is under way, whatever becomes of it", () => {
    const control = new CongestionController();
    const bytes = [100, 200, 300].map((length) => control.sent(length, true, 0));
    expect(bytes).toEqual([128, 228, 328]);
    expect(control.sent(40, false, 0)).toBe(0);
    expect(control.underWayBytes).toBe(684);
    control.acked(128, 0, 50);
    control.lost(228, 10, 60);
    control.forgotten(328, 0);
    control.acked(0, 0, 70);
    control.lost(0, 10, 70);
    expect(control.underWayBytes).toBe(0);
  });

  test("sends nothing more once the window is under way, but for what cannot wait", () => {
    const control = new CongestionController();
    let nowMs = 0;
    while (control.underWayBytes < 1_600) {
      nowMs += 10;
      if (control.mayStillSend(nowMs)) control.sent(372, true, nowMs);
    }
    nowMs += 1_000;
    expect(control.mayStillSend(nowMs)).toBe(false);
    expect(control.mayStillSendVital(nowMs)).toBe(true);
    // Asked again soon at first; a path that is silent is not worth it.
    expect(control.retryAtMs(nowMs)).toBe(Number.POSITIVE_INFINITY);
    let vital = 0;
    for (; control.mayStillSendVital(nowMs) && vital < 1_000; vital += 1) control.sent(100, false, nowMs);
    // A quarter of a second at 16 kB/s, and the credit there was.
    expect(vital).toBe(34);
  });

  test("after a no it says when to ask again", () => {
    const control = new CongestionController();
    expect(control.mayStillSend(0)).toBe(true);
    control.sent(672, true, 0);
    expect(control.mayStillSend(0)).toBe(false);
    expect(control.retryAtMs(0)).toBe(25); // 400 bytes of debt at 16 bytes a ms
    expect(control.mayStillSend(25)).toBe(false);
    expect(control.mayStillSend(25.1)).toBe(true);
  });

  test("does not believe in a round trip whose ack was held too long to tell", () => {
    const loops = new Loops();
    loops.run(3);
    const { control } = loops;
    const before = control.bytesPerSecond;
    const counted = control.sent(500, true, loops.nowMs);
    control.acked(counted, loops.nowMs, loops.nowMs + 450);
    control.answered(counted, loops.nowMs, 127, loops.nowMs + 450);
    expect(control.bytesPerSecond).toBe(before);
    expect(control.queueingDelayMs).toBe(0);
  });

  test("begins anew on another path", () => {
    const loops = new Loops();
    loops.run(8);
    const underWay = loops.control.sent(500, true, loops.nowMs);
    loops.control.reset();
    expect(loops.control.bytesPerSecond).toBe(16_000);
    expect(loops.control.queueingDelayMs).toBe(0);
    expect(loops.control.underWayBytes).toBe(underWay);
  });
});
