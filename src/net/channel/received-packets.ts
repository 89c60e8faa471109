/**
 * Which packets of the peer have arrived: refuses what came before or is too old to tell, and says what the
 * next packet to the peer acks.
 *
 * A ring of bits by packet number; only numbers within WINDOW of the newest are known.
 */
const WINDOW = 1024; // packets; a power of two. 200 packets a tick for 5 ticks still leave a doubled one known

export class ReceivedPackets {
  /** 0 before the first packet. */
  newest = 0;
  newestAtMs = 0;
  /** Packets that want an ack and have had none. */
  unacked = 0;
  #firstUnackedAtMs = 0;
  readonly #seen = new Uint32Array(WINDOW / 32);

  check(number: number): "new" | "duplicate" | "stale" {
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
