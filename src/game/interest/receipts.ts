import type { ViewList } from "./view-list.ts";

/** As many packets as the connection remembers: what it has forgotten can neither be acked nor lost. */
export const MAX_RECEIPT_PACKETS = 1024;
/** Records under way to one player. Beyond it the oldest packets count as lost. */
export const MAX_RECEIPT_RECORDS = 65_536;
const FIRST_PACKETS = 8;
const FIRST_RECORDS = 32;

/*
 * Two rings in one piece of memory, for with a thousand players nothing is as dear as another place of it. Both have
 * room for a power of two:
 *
 *   packets    4 cells each, in the order of their numbers
 *   records    2 cells each, of all packets, one packet after the other
 */

/** Cells of a packet. */
const PACKET = 4;
const NUMBER = 0;
/** As of which its records are; `SETTLED` once it is acked or lost. */
const TICK = 1;
/** First record, and how many. */
const START = 2;
const COUNT = 3;
const SETTLED = -2;
/** And of a record: its slot, and then the priority that had before it was sent. */
const RECORD = 2;

/** Where entries are found in the order they were put, as in a plan. */
export interface SlotSource {
  slot(place: number): number;
}

/**
 * Which slots went with which packet, until it is acked or lost. The rings grow to their bounds and are used
 * again.
 *
 * A receipt does not say what lived in the slot: `ViewList.fromTick` tells whether it still speaks of that.
 */
export class Receipts {
  readonly #view: ViewList;
  /** Packets `#tail` up to `#head`, modulo what there is room for. */
  #packetMask = FIRST_PACKETS - 1;
  #tail = 0;
  #head = 0;
  /** Records `#recordTail` up to `#recordHead`, likewise. */
  #recordMask = FIRST_RECORDS - 1;
  #recordTail = 0;
  #recordHead = 0;
  #cells = new Float64Array(FIRST_PACKETS * PACKET + FIRST_RECORDS * RECORD);

  constructor(view: ViewList) {
    this.#view = view;
  }

  /** Packets that are neither acked nor lost, counting those between them. */
  get size(): number {
    return this.#head - this.#tail;
  }

  /**
   * `slots` from place `from` to before `end`, as of `tick`, leave in packet `number`.
   *
   * @throws RangeError for a number that does not go up, unless it is the newest once more, at the same tick.
   */
  note(number: number, tick: number, slots: SlotSource, from: number, end: number): void {
    if (end <= from) return;
    this.#openPacket(number, tick);
    for (let i = from; i < end; i += 1) {
      const slot = slots.slot(i);
      this.#addRecord(slot, this.#view.priority(slot));
      this.#view.sent(slot, tick);
    }
  }

  acked(number: number): void {
    const at = this.#find(number);
    if (at < 0) return;
    const cells = this.#cells;
    const tick = cells[at + TICK]!;
    cells[at + TICK] = SETTLED;
    const start = cells[at + START]!;
    const end = start + cells[at + COUNT]!;
    for (let record = start; record < end; record += 1) {
      this.#view.acked(cells[this.#recordAt(record)]!, tick);
    }
    this.#trim();
  }

  lost(number: number): void {
    const at = this.#find(number);
    if (at >= 0) this.#loseAt(at);
    this.#trim();
  }

  #loseAt(at: number): void {
    const cells = this.#cells;
    const tick = cells[at + TICK]!;
    cells[at + TICK] = SETTLED;
    const start = cells[at + START]!;
    const end = start + cells[at + COUNT]!;
    for (let record = start; record < end; record += 1) {
      const cell = this.#recordAt(record);
      this.#view.lost(cells[cell]!, tick, cells[cell + 1]!);
    }
  }

  #packetAt(packet: number): number {
    return (packet & this.#packetMask) * PACKET;
  }

  #recordAt(record: number): number {
    return (this.#packetMask + 1) * PACKET + (record & this.#recordMask) * RECORD;
  }

  /** Where the cells of the unsettled packet are, or -1. */
  #find(number: number): number {
    const cells = this.#cells;
    let low = this.#tail;
    let high = this.#head;
    // Mostly it is the oldest one.
    if (low < high && cells[this.#packetAt(low) + NUMBER]! >= number) high = low;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (cells[this.#packetAt(middle) + NUMBER]! < number) low = middle + 1;
      else high = middle;
    }
    const at = this.#packetAt(low);
    const isIt = low < this.#head && cells[at + NUMBER] === number && cells[at + TICK] !== SETTLED;
    return isIt ? at : -1;
  }

  #openPacket(number: number, tick: number): void {
    if (this.#head > this.#tail) {
      const newest = this.#packetAt(this.#head - 1);
      const newestNumber = this.#cells[newest + NUMBER]!;
      if (number === newestNumber && tick === this.#cells[newest + TICK]) return;
      if (number <= newestNumber) throw new RangeError("packet numbers go up");
      while (this.#head > this.#tail && this.#oldestNumber() <= number - MAX_RECEIPT_PACKETS)
        this.#loseOldest();
    }
    if (this.#head - this.#tail > this.#packetMask) this.#grow(this.#packetMask * 2 + 1, this.#recordMask);
    const at = this.#packetAt(this.#head);
    this.#cells[at + NUMBER] = number;
    this.#cells[at + TICK] = tick;
    this.#cells[at + START] = this.#recordHead;
    this.#cells[at + COUNT] = 0;
    this.#head += 1;
  }

  #addRecord(slot: number, priority: number): void {
    if (this.#recordHead - this.#recordTail > this.#recordMask) {
      if (this.#recordMask < MAX_RECEIPT_RECORDS - 1) this.#grow(this.#packetMask, this.#recordMask * 2 + 1);
      // The packet that is being written stays, or its records would be without one.
      else if (this.#head - this.#tail > 1) this.#loseOldest();
      else return;
    }
    const cell = this.#recordAt(this.#recordHead);
    this.#cells[cell] = slot;
    this.#cells[cell + 1] = priority;
    this.#recordHead += 1;
    this.#cells[this.#packetAt(this.#head - 1) + COUNT]! += 1;
  }

  #oldestNumber(): number {
    return this.#cells[this.#packetAt(this.#tail) + NUMBER]!;
  }

  #loseOldest(): void {
    const at = this.#packetAt(this.#tail);
    if (this.#cells[at + TICK] !== SETTLED) this.#loseAt(at);
    this.#trim();
  }

  /** Gives the memory of settled packets back, oldest first. */
  #trim(): void {
    const cells = this.#cells;
    while (this.#tail < this.#head) {
      const at = this.#packetAt(this.#tail);
      if (cells[at + TICK] !== SETTLED) return;
      this.#recordTail = cells[at + START]! + cells[at + COUNT]!;
      this.#tail += 1;
    }
  }

  #grow(packetMask: number, recordMask: number): void {
    const old = this.#cells;
    const records = (packetMask + 1) * PACKET;
    const cells = new Float64Array(records + (recordMask + 1) * RECORD);
    for (let packet = this.#tail; packet < this.#head; packet += 1) {
      const from = this.#packetAt(packet);
      cells.set(old.subarray(from, from + PACKET), (packet & packetMask) * PACKET);
    }
    for (let record = this.#recordTail; record < this.#recordHead; record += 1) {
      const from = this.#recordAt(record);
      cells.set(old.subarray(from, from + RECORD), records + (record & recordMask) * RECORD);
    }
    this.#cells = cells;
    this.#packetMask = packetMask;
    this.#recordMask = recordMask;
  }
}
