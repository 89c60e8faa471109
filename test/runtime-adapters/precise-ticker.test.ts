import { describe, expect, it } from "vitest";
import { MonotonicClock } from "../../src/runtime-adapters/monotonic-clock.ts";
import { PreciseTicker } from "../../src/runtime-adapters/precise-ticker.ts";

const clock = new MonotonicClock();

function woken(ticker: PreciseTicker, dueMs: number): Promise<number> {
  return new Promise((resolve) => ticker.wakeAt(dueMs, () => resolve(clock.nowMs())));
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("PreciseTicker", () => {
  it("never wakes before it is due, near or far", async () => {
    const ticker = new PreciseTicker(clock);
    for (const inMs of [0, 0.02, 0.3, 1, 1.6, 2.4, 3, 5.5, 12.34, 25]) {
      const dueMs = clock.nowMs() + inMs;
      expect(await woken(ticker, dueMs)).toBeGreaterThanOrEqual(dueMs);
    }
  });

  it.each([0, 0.2])("never wakes before it is due when it may stand still for %d ms", async (deafMs) => {
    const ticker = new PreciseTicker(clock, deafMs);
    for (const inMs of [0, 0.02, 0.3, 1, 1.6, 2.4, 3, 5.5]) {
      const dueMs = clock.nowMs() + inMs;
      expect(await woken(ticker, dueMs)).toBeGreaterThanOrEqual(dueMs);
    }
  });

  it("has the loop turn on the way when it may not stand still", async () => {
    const ticker = new PreciseTicker(clock, 0);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    for (let i = 0; i < 20; i += 1) await woken(ticker, clock.nowMs() + 1.4);
    isOver = true;
    // Standing still it would be one or two for each.
    expect(turns).toBeGreaterThan(100);
  });

  it("wakes for what is past, but never inside the call", async () => {
    const ticker = new PreciseTicker(clock);
    const events: string[] = [];
    const done = woken(ticker, clock.nowMs() - 1_000).then(() => events.push("woken"));
    events.push("asked");
    await done;
    expect(events).toEqual(["asked", "woken"]);
  });

  it("lets a later call replace an earlier one", async () => {
    const ticker = new PreciseTicker(clock);
    const events: string[] = [];
    ticker.wakeAt(clock.nowMs() + 5, () => events.push("first"));
    ticker.wakeAt(clock.nowMs() - 5, () => events.push("second"));
    await new Promise<void>((resolve) => {
      ticker.wakeAt(clock.nowMs() + 10, () => {
        events.push("third");
        resolve();
      });
    });
    await pause(15);
    expect(events).toEqual(["third"]);
  });

  it("can be asked again from inside its wake-up, on a steady grid", async () => {
    const ticker = new PreciseTicker(clock);
    const startMs = clock.nowMs();
    const wakes: number[] = [];
    await new Promise<void>((resolve) => {
      const next = (): void => {
        if (wakes.length === 20) resolve();
        else {
          ticker.wakeAt(startMs + (wakes.length + 1) * 4, () => {
            wakes.push(clock.nowMs() - startMs);
            next();
          });
        }
      };
      next();
    });
    expect(wakes.every((atMs, i) => atMs >= (i + 1) * 4)).toBe(true);
  });

  it("forgets what was cancelled, soon or late", async () => {
    const ticker = new PreciseTicker(clock);
    let wakes = 0;
    ticker.wakeAt(clock.nowMs() + 5, () => {
      wakes += 1;
    });
    ticker.cancel();
    ticker.wakeAt(clock.nowMs() - 5, () => {
      wakes += 1;
    });
    ticker.cancel();
    ticker.cancel();
    await pause(20);
    expect(wakes).toBe(0);
  });

  it("takes a hundred thousand requests and wakes once", async () => {
    const ticker = new PreciseTicker(clock);
    let wakes = 0;
    for (let i = 0; i < 100_000; i += 1) {
      ticker.wakeAt(clock.nowMs() + 3 + (i % 3), () => {
        wakes += 1;
      });
    }
    await pause(30);
    expect(wakes).toBe(1);
  });
});
