/**
 * Which packets of the peer have arrived: refuses what came before or is too old to tell, and says what the
 * next packet to the peer acks.
 *
 * A bit for each packet number, in words of 32; only numbers within WINDOW of the newest are known.
 *
 *   … | a ring of words, written when the newest leaves one | #former | #word, of #from … #from + 31, holds the newest
 *                                                        a bit: 31 − number mod 32
 *
 * An ordinary packet asks for the last two alone: with a thousand peers each piece of memory costs time.
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
  /** Most peers never break anything. */
  #refused: Set<number> | undefined;
  /** First number of the word that holds the newest. */
  #from = 0;
  #word = 0;
  #former = 0;
  newestAtMs = 0;
  /** Packets that want an ack and have had none. */
  unacked = 0;
  #firstUnackedAtMs = 0;
  /** `newest` when an ack left last. */
  #toldUpTo = 0;
  readonly #seen = new Int32Array(WINDOW / 32);

  check(number: number): "new" | "duplicate" | "stale" {
    if (this.#refused?.has(number) === true) return "duplicate";
    if (number > this.newest) return "new";
    if (number <= this.newest - WINDOW || number < 1) return "stale";
    return this.#has(number) ? "duplicate" : "new";
  }

  /** Notes a packet that `check` called new. */
  add(number: number, nowMs: number, elicitsAck: boolean): void {
    if (number > this.newest) {
      if (number >= this.#from + 32) this.#turnTo(number - (number % 32));
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
    this.#refused ??= new Set();
    this.#refused.add(number);
    if (this.#refused.size <= MAX_REFUSED) return;
    const [oldest] = this.#refused;
    this.#refused.delete(oldest!);
  }

  /** Bit i is set when packet newest − 1 − i did not arrive; packets before the first count as arrived. */
  missingBits(): number {
    const before = this.newest - this.#from;
    const arrived = (before === 0 ? 0 : this.#word >>> (32 - before)) | (this.#former << before);
    const first = this.newest <= 32 ? (1 << Math.max(0, this.newest - 1)) - 1 : -1;
    return (~arrived & first) >>> 0;
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
    return (this.#wordOf(number) & bitOf(number)) !== 0;
  }

  #wordOf(number: number): number {
    return number >= this.#from ? this.#word : this.#seen[slotOf(number)]!;
  }

  #set(number: number): void {
    if (number >= this.#from) {
      this.#word |= bitOf(number);
      return;
    }
    if (number >= this.#from - 32) this.#former |= bitOf(number);
    this.#seen[slotOf(number)]! |= bitOf(number);
  }

  /** The newest number is to lie in the word that begins at `from`. */
  #turnTo(from: number): void {
    this.#seen[slotOf(this.#from)] = this.#word;
    for (let skipped = Math.max(this.#from + 32, from - WINDOW); skipped < from; skipped += 32) {
      this.#seen[slotOf(skipped)] = 0;
    }
    this.#former = from === this.#from + 32 ? this.#word : 0;
    this.#word = 0;
    this.#from = from;
  }
}

function slotOf(number: number): number {
  return (number % WINDOW) >> 5;
}

function bitOf(number: number): number {
  return 1 << (31 - (number % 32));
}
