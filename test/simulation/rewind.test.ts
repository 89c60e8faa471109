import { describe, expect, test } from "vitest";
import { MAX_REWIND_MS, MAX_SHOWN_LATE_TICKS } from "../../src/game/room/seen-tick.ts";
import { type Shooting, shoot, type Tally } from "./hitscan-game.ts";

const range: Shooting = { tickRate: 60, link: {}, seconds: 60, seed: 7 };
/** Enough to tell whether lies pay. */
const SHORT_SECONDS = 20;
const rate = ({ hits, shots }: Tally): number => hits / shots;
const presentRate = ({ presentHits, shots }: Tally): number => presentHits / shots;
const ticksBack = ({ ticksBack: ticks, shots }: Tally): number => ticks / shots;
const ticksAhead = ({ ticksAhead: ticks, shots }: Tally): number => ticks / shots;
/** Claims are in eighths of a tick. */
const ROUNDING_TICKS = 1 / 16;
/** What two rates of the same may differ by, twice the standard deviation. */
const noise = ({ shots }: Tally): number => 2 * Math.sqrt((2 * 0.25) / shots);

const ROUND_TRIPS_MS = [0, 50, 100, 200];
const shootAt = (rttMs: number, shooting = range): Tally =>
  shoot({ ...shooting, link: { latencyMs: rttMs / 2 } });

describe("a shot at what one sees", () => {
  const tallies = ROUND_TRIPS_MS.map((rttMs) => shootAt(rttMs));
  const near = tallies[0]!;
  const far = tallies.slice(1);

  test("is a matter of aim: two of three hit", () => {
    expect(near.shots).toBe(8 * 30 * range.seconds);
    expect(rate(near)).toBeGreaterThan(0.64);
    expect(rate(near)).toBeLessThan(0.73);
  });

  test("hits at round trips of 50, 100 and 200 ms within 3 % of its rate at 0 ms", () => {
    for (const tally of far) {
      expect(Math.abs(rate(tally) / rate(near) - 1)).toBeLessThan(0.03);
      expect([tally.shots, tally.clamped]).toEqual([near.shots, 0]);
    }
  });

  test("hits less and less in the present, and not even at 0 ms as it should", () => {
    expect(presentRate(near)).toBeLessThan(rate(near) - noise(near));
    const shares = far.map((tally) => presentRate(tally) / rate(near));
    const atMost = [0.89, 0.75, 0.55];
    for (const [n, share] of shares.entries()) expect(share).toBeLessThan(atMost[n]!);
  });

  test("is judged where it was seen, as much further back as the round trip is longer", () => {
    for (const [n, tally] of tallies.entries()) {
      expect(tally.mostAstray).toBeLessThanOrEqual(ROUNDING_TICKS);
      // The tick that runs, by how much the input came early, the trip, and how much later than it came a state is shown.
      const shownLate =
        ticksBack(tally) - 1 - ticksAhead(tally) - (ROUND_TRIPS_MS[n]! * range.tickRate) / 1000;
      expect(shownLate).toBeGreaterThanOrEqual(-ROUNDING_TICKS);
      expect(shownLate).toBeLessThan(2);
      expect(tally.capped).toBe(0);
    }
  });

  test("and at 30 Hz, where ticks are long", () => {
    const slow = ROUND_TRIPS_MS.map((rttMs) => shootAt(rttMs, { ...range, tickRate: 30 }));
    const [first, ...others] = slow.map(rate) as [number, ...number[]];
    for (const other of others) expect(Math.abs(other / first - 1)).toBeLessThan(0.03);
    for (const { mostAstray, capped, clamped } of slow) {
      expect(mostAstray).toBeLessThanOrEqual(ROUNDING_TICKS);
      expect([capped, clamped]).toEqual([0, 0]);
    }
    expect(presentRate(slow[3]!)).toBeLessThan(first / 2);
  });

  test("is not judged further back than 250 ms of trip, its lead, and what drawing takes", () => {
    const tally = shootAt(400, { ...range, seconds: SHORT_SECONDS });
    const tripTicks = (MAX_REWIND_MS * range.tickRate) / 1000;
    expect(ticksBack(tally)).toBeCloseTo(tripTicks + ticksAhead(tally) + MAX_SHOWN_LATE_TICKS, 6);
    expect(tally.capped).toBe(tally.shots);
    expect(rate(tally)).toBeLessThan(rate(near) - noise(tally));
  });

  test.each([
    { latencyMs: 30, jitterMs: 5, lossPercent: 1 },
    { latencyMs: 50, jitterMs: 10, lossPercent: 2 },
    { latencyMs: 100, jitterMs: 20, lossPercent: 3 },
  ])("does not suffer from jitter and loss: %o", (link) => {
    const tally = shoot({ ...range, link });
    expect(Math.abs(rate(tally) / rate(near) - 1)).toBeLessThan(0.03);
    expect(tally.clamped).toBeLessThan(tally.shots / 200);
    expect(tally.capped).toBe(0);
  });
});

describe("who lies about what it saw", () => {
  const link = { latencyMs: 25 };
  const seconds = SHORT_SECONDS;
  const honest = shoot({ ...range, seconds, link });
  const lies: readonly (readonly [string, Partial<Shooting>])[] = [
    ["claims the oldest", { claim: () => 511 }],
    ["claims a tick more", { claim: (seen) => seen + 8 }],
    ["claims two ticks more", { claim: (seen) => seen + 16 }],
    ["claims two ticks more and aims at that", { claim: (seen) => seen + 16, aimsTicksBack: 2 }],
    ["claims the oldest and aims at what is believed", { claim: () => 511, aimsTicksBack: 4 }],
    ["claims a tick less", { claim: (seen) => seen - 8 }],
    ["claims an eighth", { claim: () => 1 }],
    ["claims nothing", { claim: () => 0 }],
  ];

  test.each(lies)("hits no more: %s", (_, lie) => {
    const tally = shoot({ ...range, seconds, link, ...lie });
    expect(tally.shots).toBe(honest.shots);
    expect(rate(tally)).toBeLessThan(rate(honest) + noise(honest));
    // What it hits it hits no further back than anyone of its round trip may: the tick that runs, the lead, the drawing,
    // the trip, and the tick that acks wait for, which cannot be told from the trip.
    const tripTicks = (2 * link.latencyMs * range.tickRate) / 1000;
    const allowed = 1 + ticksAhead(tally) + MAX_SHOWN_LATE_TICKS + tripTicks + 1;
    expect(ticksBack(tally)).toBeLessThan(allowed + ROUNDING_TICKS);
  });

  test("hits less if it aims at what it sees, and is found out", () => {
    const oldest = shoot({ ...range, seconds, link, claim: () => 511 });
    expect(rate(oldest)).toBeLessThan(rate(honest) - noise(honest));
    expect([oldest.clamped, honest.clamped]).toEqual([oldest.shots, 0]);
    // A state that was not there yet when the shot came.
    expect(shoot({ ...range, seconds, link, claim: () => 1 }).clamped).toBe(honest.shots);
  });
});
