import type { ViewList } from "./view-list.ts";

/** As many packets as the connection remembers: what it has forgotten can neither be acked nor lost. */
export const MAX_RECEIPT_PACKETS = 1024;
/** Records under way to one player. Beyond it the oldest packets count as lost. */
export const MAX_RECEIPT_RECORDS = 65_536;
const FIRST_PACKETS = 8;
const FIRST_RECORDS = 64;

/** What is remembered of a packet, side by side: one place of memory, for with a thousand players nothing is as dear. */
const CELLS = 4;
const NUMBER = 0;
/** As of which its records are; `SETTLED` once it is acked or lost. */
const TICK = 1;
/** First record, and how many. */
const START = 2;
const COUNT = 3;
const SETTLED = -2;
/** And of a record: its slot, and the priority that had before it was sent. */
const RECORD_CELLS = 2;

/**
 * Which slots went with which packet, until it is acked or lost. Two rings that grow to their bounds and are used
 * again: packets in the order of their numbers, and the records of all of them, one packet after the other.
 *
 * A receipt does not say what lived in the slot: `ViewList.fromTick` tells whether it still speaks of that.
 */
export class Receipts {
  readonly #view: ViewList;
  /** Packets `#tail` up to `#head`, modulo what there is room for. */
  #packets = new Float64Array(FIRST_PACKETS * CELLS);
  #packetMask = FIRST_PACKETS - 1;
  #tail = 0;
  #head = 0;
  /** Records `#recordTail` up to `#recordHead`, likewise. */
  #records = new Float64Array(FIRST_RECORDS * RECORD_CELLS);
  #recordMask = FIRST_RECORDS - 1;
  #recordTail = 0;
  #recordHead = 0;

  constructor(view: ViewList) {
    this.#view = view;
  }

  /** Packets that are neither acked nor lost, counting those between them. */
  get size(): number {
    return this.#head - this.#tail;
  }

  /**
   * `slots[from]` up to `slots[end]`, as of `tick`, leave in packet `number`.
   *
   * @throws RangeError for a number that does not go up, unless it is the newest once more, at the same tick.
   */
  note(number: number, tick: number, slots: Int32Array, from: number, end: number): void {
    if (end <= from) return;
    this.#openPacket(number, tick);
    for (let i = from; i < end; i += 1) {
      const slot = slots[i]!;
      this.#addRecord(slot, this.#view.priority(slot));
      this.#view.sent(slot, tick);
    }
  }

  acked(number: number): void {
    const at = this.#find(number);
    if (at < 0) return;
    const packets = this.#packets;
    const tick = packets[at + TICK]!;
    packets[at + TICK] = SETTLED;
    const start = packets[at + START]!;
    const end = start + packets[at + COUNT]!;
    for (let record = start; record < end; record += 1) {
      this.#view.acked(this.#records[this.#recordAt(record)]!, tick);
    }
    this.#trim();
  }

  lost(number: number): void {
    const at = this.#find(number);
    if (at >= 0) this.#loseAt(at);
    this.#trim();
  }

  #loseAt(at: number): void {
    const packets = this.#packets;
    const tick = packets[at + TICK]!;
    packets[at + TICK] = SETTLED;
    const start = packets[at + START]!;
    const end = start + packets[at + COUNT]!;
    for (let record = start; record < end; record += 1) {
      const cell = this.#recordAt(record);
      this.#view.lost(this.#records[cell]!, tick, this.#records[cell + 1]!);
    }
  }

  #packetAt(packet: number): number {
    return (packet & this.#packetMask) * CELLS;
  }

  #recordAt(record: number): number {
    return (record & this.#recordMask) * RECORD_CELLS;
  }

  /** Where the cells of the unsettled packet are, or -1. */
  #find(number: number): number {
    const packets = this.#packets;
    let low = this.#tail;
    let high = this.#head;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (packets[this.#packetAt(middle) + NUMBER]! < number) low = middle + 1;
      else high = middle;
    }
    const at = this.#packetAt(low);
    const isIt = low < this.#head && packets[at + NUMBER] === number && packets[at + TICK] !== SETTLED;
    return isIt ? at : -1;
  }

  #openPacket(number: number, tick: number): void {
    if (this.#head > this.#tail) {
      const newest = this.#packetAt(this.#head - 1);
      const newestNumber = this.#packets[newest + NUMBER]!;
      if (number === newestNumber && tick === this.#packets[newest + TICK]) return;
      if (number <= newestNumber) throw new RangeError("packet numbers go up");
      while (this.#head > this.#tail && this.#oldestNumber() <= number - MAX_RECEIPT_PACKETS)
        this.#loseOldest();
    }
    if (this.#head - this.#tail > this.#packetMask) this.#growPackets();
    const at = this.#packetAt(this.#head);
    this.#packets[at + NUMBER] = number;
    this.#packets[at + TICK] = tick;
    this.#packets[at + START] = this.#recordHead;
    this.#packets[at + COUNT] = 0;
    this.#head += 1;
  }

  #addRecord(slot: number, priority: number): void {
    if (this.#recordHead - this.#recordTail > this.#recordMask) {
      if (this.#recordMask < MAX_RECEIPT_RECORDS - 1) this.#growRecords();
      // The packet that is being written stays, or its records would be without one.
      else if (this.#head - this.#tail > 1) this.#loseOldest();
      else return;
    }
    const cell = this.#recordAt(this.#recordHead);
    this.#records[cell] = slot;
    this.#records[cell + 1] = priority;
    this.#recordHead += 1;
    this.#packets[this.#packetAt(this.#head - 1) + COUNT]! += 1;
  }

  #oldestNumber(): number {
    return this.#packets[this.#packetAt(this.#tail) + NUMBER]!;
  }

  #loseOldest(): void {
    const at = this.#packetAt(this.#tail);
    if (this.#packets[at + TICK] !== SETTLED) this.#loseAt(at);
    this.#trim();
  }

  /** Gives the memory of settled packets back, oldest first. */
  #trim(): void {
    const packets = this.#packets;
    while (this.#tail < this.#head) {
      const at = this.#packetAt(this.#tail);
      if (packets[at + TICK] !== SETTLED) return;
      this.#recordTail = packets[at + START]! + packets[at + COUNT]!;
      this.#tail += 1;
    }
  }

  #growPackets(): void {
    this.#packets = grownRing(this.#packets, CELLS, this.#tail, this.#head);
    this.#packetMask = this.#packetMask * 2 + 1;
  }

  #growRecords(): void {
    this.#records = grownRing(this.#records, RECORD_CELLS, this.#recordTail, this.#recordHead);
    this.#recordMask = this.#recordMask * 2 + 1;
  }
}

/** A ring of twice the length, with entries `tail` up to `head` of `cells` numbers each at their new places. */
function grownRing(ring: Float64Array, cells: number, tail: number, head: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(ring.length * 2);
  const mask = ring.length / cells - 1;
  for (let entry = tail; entry < head; entry += 1) {
    const from = (entry & mask) * cells;
    const to = (entry & (mask * 2 + 1)) * cells;
    for (let cell = 0; cell < cells; cell += 1) larger[to + cell] = ring[from + cell]!;
  }
  return larger;
}
