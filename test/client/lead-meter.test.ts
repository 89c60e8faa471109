import { describe, expect, test } from "vitest";
import { LeadMeter } from "../../client/lead-meter.ts";

const TICK_MS = 100;
/** The packet came so long before the answer left. */
const DELAY_MS = 40;
const WARM_UP_TICKS = 20;

/**
 * Inputs leave on time, each with a packet of its own, and take no time. Of those in `lost` the packet is lost; of
 * those in `unheard` the answer is. What is lost comes with the next packet.
 */
function play(ticks: number, lost: ReadonlySet<number>, unheard: ReadonlySet<number>): LeadMeter {
  const meter = new LeadMeter(TICK_MS);
  let newest = -1;
  for (let tick = 0; tick < ticks; tick += 1) {
    meter.sent(tick, tick * TICK_MS, tick * TICK_MS);
    if (!lost.has(tick)) newest = tick;
    if (unheard.has(tick)) continue;
    let cameBits = 0;
    for (let i = 0; i < 32; i += 1) if (newest - 1 - i >= 0 && !lost.has(newest - 1 - i)) cameBits |= 1 << i;
    const delayMs = DELAY_MS + (tick - newest) * TICK_MS;
    meter.hear({ newestTick: newest, delayMs, cameBits }, tick + 1, newest - tick);
  }
  return meter;
}

/** Every tenth from the warm-up on, and `behind` ticks later. */
function everyTenth(ticks: number, behind = 0): Set<number> {
  const all = new Set<number>();
  for (let tick = WARM_UP_TICKS; tick < ticks; tick += 10) all.add(tick + behind);
  return all;
}

describe("the lead meter", () => {
  test("sees no lateness where nothing is lost", () => {
    const meter = play(300, new Set(), new Set());
    expect(meter.seesLoss).toBe(false);
    expect(meter.resentMs).toBe(0);
  });

  test("takes a lost input to have come with the next packet: a tick late", () => {
    const meter = play(300, everyTenth(300), new Set());
    expect(meter.seesLoss).toBe(true);
    expect(meter.resentMs).toBe(TICK_MS);
    expect(meter.jitterMs).toBe(0);
  });

  test("and with that one too when no answer told of it before a later one did", () => {
    const meter = play(300, everyTenth(300), everyTenth(300, 1));
    expect(meter.resentMs).toBe(TICK_MS);
    expect(meter.jitterMs).toBe(0);
  });

  test("takes two ticks when two are lost in a row", () => {
    const lost = new Set([...everyTenth(300), ...everyTenth(300, 1)]);
    expect(play(300, lost, new Set()).resentMs).toBe(2 * TICK_MS);
    expect(play(300, lost, everyTenth(300, 2)).resentMs).toBe(2 * TICK_MS);
  });
});
