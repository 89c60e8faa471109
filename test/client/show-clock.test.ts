import { array, assert, boolean, integer, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { ShowClock } from "../../client/show-clock.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";

const RATE = 50;
const TICK_MS = 20;

/** Runs a clock by states that come `latenessOf(tick)` after the server's tick; undefined: never. */
function run(
  ticks: number,
  latenessOf: (tick: number) => number | undefined,
  onFrame: (clock: ShowClock, nowMs: number) => void = () => {},
): ShowClock {
  const clock = new ShowClock(RATE);
  const arrivals = new Map<number, number[]>();
  for (let tick = 0; tick < ticks; tick += 1) {
    const latenessMs = latenessOf(tick);
    if (latenessMs === undefined) continue;
    const atMs = Math.round(tick * TICK_MS + latenessMs);
    arrivals.set(atMs, [...(arrivals.get(atMs) ?? []), tick]);
  }
  for (let nowMs = 0; nowMs < ticks * TICK_MS; nowMs += 1) {
    for (const tick of arrivals.get(nowMs) ?? []) clock.hear(tick, nowMs);
    clock.show(nowMs);
    onFrame(clock, nowMs);
  }
  return clock;
}

describe("the delay", () => {
  test("is one tick where states come like clockwork", () => {
    expect(run(500, () => 30).delayMs).toBeCloseTo(TICK_MS, 1);
  });

  test("grows by the lateness of all but the latest few", () => {
    const random = new SeededRandom(1);
    const jittered = run(1000, () => 30 + random.below(41));
    expect(jittered.delayMs).toBeGreaterThan(TICK_MS + 30);
    expect(jittered.delayMs).toBeLessThan(TICK_MS + 45);
    // One in fifty is not waited for.
    expect(run(1000, (tick) => (tick % 50 === 0 ? 70 : 30)).delayMs).toBeCloseTo(TICK_MS, 1);
  });

  test("grows by a tick where more than the latest few are lost", () => {
    expect(run(1000, (tick) => (tick % 10 === 0 ? undefined : 30)).delayMs).toBeCloseTo(2 * TICK_MS, 1);
    expect(run(1000, (tick) => (tick % 50 === 0 ? undefined : 30)).delayMs).toBeCloseTo(TICK_MS, 1);
  });

  test("follows a way that becomes longer and shorter again, slowly", () => {
    const speeds: number[] = [];
    let before = 0;
    const clock = run(
      1500,
      (tick) => (tick < 500 || tick >= 1000 ? 20 : 80),
      ({ tick }, nowMs) => {
        if (nowMs > 1000) speeds.push((tick - before) * TICK_MS);
        before = tick;
      },
    );
    expect(Math.min(...speeds)).toBeGreaterThanOrEqual(0.949);
    expect(Math.max(...speeds)).toBeLessThanOrEqual(1.051);
    expect(clock.freezes).toBe(0);
    expect(clock.delayMs).toBeCloseTo(TICK_MS, 0);
  });
});

describe("an outage", () => {
  const OUT_FROM = 300;
  const OUT_TO = 400;

  test("is bridged for 250 ms; then time stands still, until it jumps to where it would be", () => {
    let most = 0;
    let backAtMs = 0;
    const clock = run(
      600,
      (tick) => (tick >= OUT_FROM && tick < OUT_TO ? undefined : 30),
      ({ tick }, nowMs) => {
        if (nowMs < OUT_TO * TICK_MS) most = tick;
        else if (backAtMs === 0 && tick > OUT_TO - 3) backAtMs = nowMs;
      },
    );
    expect(most).toBeCloseTo(OUT_FROM - 1 + 250 / TICK_MS, 6);
    expect(clock.freezes).toBe(1);
    expect(clock.extrapolatedTicks).toBeCloseTo(250 / TICK_MS, 6);
    expect(backAtMs).toBe(OUT_TO * TICK_MS + 30);
    expect(clock.delayMs).toBeCloseTo(TICK_MS, 1);
  });

  test("of the program itself leaves no trace, though all that waited comes at once", () => {
    const wakesAtMs = OUT_TO * TICK_MS;
    const clock = run(500, (tick) => (tick >= OUT_FROM && tick < OUT_TO ? wakesAtMs - tick * TICK_MS : 0));
    expect(clock.delayMs).toBeCloseTo(TICK_MS, 1);
  });

  test("of the server, whose ticks go on later, is waited out", () => {
    const clock = run(500, (tick) => (tick < OUT_FROM ? 10 : 1010));
    expect(clock.delayMs).toBeCloseTo(TICK_MS, 0);
    expect(clock.freezes).toBe(1);
  });
});

test("it starts at the first state it hears of, and does nothing before", () => {
  const clock = new ShowClock(RATE);
  expect([clock.show(100), clock.delayMs, clock.freezes]).toEqual([-1, 0, 0]);
  clock.hear(77, 200);
  expect(clock.show(200)).toBe(77);
});

test("whatever comes whenever, shown time never goes back, nor more than 250 ms beyond the newest state", () => {
  const steps = array(
    record({
      waitMs: integer({ min: 0, max: 400 }),
      ticks: integer({ min: -3, max: 40 }),
      isHeard: boolean(),
    }),
  );
  assert(
    property(steps, (script) => {
      const clock = new ShowClock(RATE);
      let nowMs = 0;
      let tick = 0;
      let shown = -1;
      for (const { waitMs, ticks, isHeard } of script) {
        nowMs += waitMs;
        tick = Math.max(0, tick + ticks);
        if (isHeard) clock.hear(tick, nowMs);
        const next = clock.show(nowMs);
        if (next < shown || next > clock.newestTick + 250 / TICK_MS) return false;
        shown = next;
      }
      return true;
    }),
  );
});
