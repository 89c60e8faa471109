import type { SeededRandom } from "../net/bytes/seeded-random.ts";
import type { LinkConditions } from "./link-conditions.ts";

/**
 * Which datagrams of a way vanish. Without bursts each has its own luck; with them the way is whole or broken for
 * spells of random length, and a broken one loses all (Gilbert's model, with spells in time instead of datagrams).
 */
export class BurstLoss {
  #isBroken = false;
  /** When the present spell is over. */
  #untilMs = Number.NEGATIVE_INFINITY;

  /** True when a datagram that is sent now is lost. */
  takes({ lossPercent, burstMs }: LinkConditions, nowMs: number, random: SeededRandom): boolean {
    if (lossPercent <= 0) return false;
    if (burstMs <= 0 || lossPercent >= 100) return random.next() * 100 < lossPercent;
    const wholeMs = (burstMs * (100 - lossPercent)) / lossPercent;
    if (this.#untilMs === Number.NEGATIVE_INFINITY) this.#untilMs = nowMs + spellMs(wholeMs, random);
    while (this.#untilMs <= nowMs) {
      this.#isBroken = !this.#isBroken;
      this.#untilMs += spellMs(this.#isBroken ? burstMs : wholeMs, random);
    }
    return this.#isBroken;
  }
}

/** Memoryless: how long a spell has lasted says nothing of how long it will. */
function spellMs(meanMs: number, random: SeededRandom): number {
  // Logarithms may differ between runtimes in the last digit: rounded, the same seed gives the same spells.
  return Math.max(0.01, Math.round(-Math.log(1 - random.next()) * meanMs * 100) / 100);
}
