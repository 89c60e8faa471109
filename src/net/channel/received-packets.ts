/**
 * Which packets of the peer have arrived: refuses what came before or is too old to tell, and says what the
 * next packet to the peer acks.
 *
 * A ring of bits by packet number; only numbers within WINDOW of the newest are known.
 */
import { MAX_RANGE_SPAN, MAX_RANGES } from "./ack-ranges.ts";

const WINDOW = MAX_RANGE_SPAN; // packets; a power of two. 200 packets a tick for 5 ticks still leave a doubled one known

/** Ack bits reach 32 back; an ack that gets lost must not cost what it told. */
const RANGES_BEYOND = 24;

/** More than a peer may break before it is told to go. */
const MAX_REFUSED = 64;

export class ReceivedPackets {
  /** 0 before the first packet. */
  newest = 0;
  newestAtMs = 0;
  /** Packets that want an ack and have had none. */
  unacked = 0;
  #firstUnackedAtMs = 0;
  /** `newest` when an ack left last. */
  #toldUpTo = 0;
  readonly #seen = new Uint32Array(WINDOW / 32);
  readonly #refused = new Set<number>();

  check(number: number): "new" | "duplicate" | "stale" {
    if (this.#refused.has(number)) return "duplicate";
    if (number > this.newest) return "new";
    if (number <= this.newest - WINDOW || number < 1) return "stale";
    return this.#has(number) ? "duplicate" : "new";
  }

  /** Notes a packet that `check` called new. */
  add(number: number, nowMs: number, elicitsAck: boolean): void {
    if (number > this.newest) {
      const from = Math.max(this.newest + 1, number - WINDOW + 1);
      for (let skipped = from; skipped < number; skipped += 1) this.#clear(skipped);
      this.newest = number;
      this.newestAtMs = nowMs;
    }
    this.#set(number);
    if (elicitsAck) {
      if (this.unacked === 0) this.#firstUnackedAtMs = nowMs;
      this.unacked += 1;
    }
  }

  /**
   * Notes a packet that opened and was not taken: it is never acked, and whoever repeats it must not have its sender
   * pay for it again.
   */
  refuse(number: number): void {
    this.#refused.add(number);
    if (this.#refused.size <= MAX_REFUSED) return;
    const [oldest] = this.#refused;
    this.#refused.delete(oldest!);
  }

  /** Bit i is set when packet newest − 1 − i did not arrive; packets before the first count as arrived. */
  missingBits(): number {
    let bits = 0;
    for (let i = 0; i < 32; i += 1) {
      const number = this.newest - 1 - i;
      if (number < 1) break;
      if (!this.#has(number)) bits |= 1 << i;
    }
    return bits >>> 0;
  }

  ackDelayMs(nowMs: number): number {
    return this.newest === 0 ? 0 : nowMs - this.newestAtMs;
  }

  /** True when a packet has waited for its ack for `afterMs`. */
  ackIsDue(nowMs: number, afterMs: number): boolean {
    return this.unacked > 0 && nowMs - this.#firstUnackedAtMs >= afterMs;
  }

  acked(): void {
    this.unacked = 0;
    this.#toldUpTo = this.newest;
  }

  /** True when more came since the last ack than its bits can tell, with some to spare for a lost one. */
  get wantsRanges(): boolean {
    return this.newest - this.#toldUpTo > RANGES_BEYOND;
  }

  /** Runs and gaps from the newest down to what the last ack told, see `ack-ranges.ts`. */
  ranges(): number[] {
    const ranges: number[] = [];
    const lowest = Math.max(1, this.#toldUpTo - 31, this.newest - WINDOW + 1);
    let arrived = true;
    let length = 0;
    for (let number = this.newest; number >= lowest && ranges.length < 2 * MAX_RANGES - 1; number -= 1) {
      if (this.#has(number) === arrived) {
        length += 1;
        continue;
      }
      ranges.push(length);
      arrived = !arrived;
      length = 1;
    }
    // A list ends with a run; the gap below it says nothing.
    if (arrived && ranges.length < 2 * MAX_RANGES - 1) ranges.push(length);
    else if (ranges.length % 2 === 0) ranges.pop();
    return ranges;
  }

  #has(number: number): boolean {
    const bit = number % WINDOW;
    return (this.#seen[bit >> 5]! & (1 << (bit & 31))) !== 0;
  }

  #set(number: number): void {
    const bit = number % WINDOW;
    this.#seen[bit >> 5]! |= 1 << (bit & 31);
  }

  #clear(number: number): void {
    const bit = number % WINDOW;
    this.#seen[bit >> 5]! &= ~(1 << (bit & 31));
  }
}
