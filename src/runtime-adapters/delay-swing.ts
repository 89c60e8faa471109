import { SeededRandom } from "../net/bytes/seeded-random.ts";

/** A leg takes this many times its height at least: delay that fell faster than time passes would turn order round. */
const FASTEST_LEG = 1;
const SLOWEST_LEG = 4;
/** After so many heights without a datagram nothing is left of what was: walking there leg by leg would take longer. */
const FORGETS_AFTER_LEGS = 1_000;

/**
 * A delay that comes and goes between 0 and a height, in legs of random speed all the way up and all the way down. At
 * any moment each value between is as likely as any other, however often one looks, and order is always kept.
 */
export class DelaySwing {
  /** Its own: how often one looks must not change what else is drawn. */
  readonly #random: SeededRandom;
  #heightMs = 0;
  #isFalling = false;
  #fromMs = 0;
  #toMs = Number.NEGATIVE_INFINITY;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** Of what leaves at `nowMs`. That goes back only where a queue is done away with: then the leg begins anew. */
  delayMs(nowMs: number, heightMs: number): number {
    if (heightMs !== this.#heightMs || nowMs - this.#toMs > heightMs * FORGETS_AFTER_LEGS) {
      this.#start(nowMs, heightMs);
    }
    while (this.#toMs <= nowMs) {
      this.#isFalling = !this.#isFalling;
      this.#fromMs = this.#toMs;
      this.#toMs += this.#legMs();
    }
    const part = Math.max(0, nowMs - this.#fromMs) / (this.#toMs - this.#fromMs);
    return heightMs * (this.#isFalling ? 1 - part : part);
  }

  /** Somewhere on some leg. */
  #start(nowMs: number, heightMs: number): void {
    this.#heightMs = heightMs;
    this.#isFalling = this.#random.next() < 0.5;
    const legMs = this.#legMs();
    this.#fromMs = nowMs - legMs * this.#random.next();
    this.#toMs = this.#fromMs + legMs;
  }

  #legMs(): number {
    return this.#heightMs * (FASTEST_LEG + (SLOWEST_LEG - FASTEST_LEG) * this.#random.next());
  }
}
