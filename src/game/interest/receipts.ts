import type { ViewList } from "./view-list.ts";

/** As many packets as the connection remembers: what it has forgotten can neither be acked nor lost. */
export const MAX_RECEIPT_PACKETS = 1024;
/** Records under way to one player. Beyond it the oldest packets count as lost. */
export const MAX_RECEIPT_RECORDS = 65_536;
const FIRST_PACKETS = 32;
const FIRST_RECORDS = 256;

/**
 * Which slots went with which packet, until it is acked or lost. Two rings that grow to their bounds and are used
 * again: packets in the order of their numbers, and the records of all of them, one packet after the other.
 *
 * A receipt does not say what lived in the slot: `ViewList.fromTick` tells whether it still speaks of that.
 */
export class Receipts {
  readonly #view: ViewList;
  /** Packets `#tail` up to `#head`, modulo the length of these. */
  #number = new Float64Array(FIRST_PACKETS);
  #tick = new Float64Array(FIRST_PACKETS);
  /** First record and how many. */
  #start = new Float64Array(FIRST_PACKETS);
  #count = new Int32Array(FIRST_PACKETS);
  #isSettled = new Uint8Array(FIRST_PACKETS);
  #tail = 0;
  #head = 0;
  /** Slots of records `#recordTail` up to `#recordHead`, and their priority before they were sent. */
  #slots = new Int32Array(FIRST_RECORDS);
  #priorities = new Float64Array(FIRST_RECORDS);
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
    this.#isSettled[at] = 1;
    const tick = this.#tick[at]!;
    const start = this.#start[at]!;
    const end = start + this.#count[at]!;
    const mask = this.#slots.length - 1;
    for (let record = start; record < end; record += 1) this.#view.acked(this.#slots[record & mask]!, tick);
    this.#trim();
  }

  lost(number: number): void {
    const at = this.#find(number);
    if (at >= 0) this.#loseAt(at);
    this.#trim();
  }

  #loseAt(at: number): void {
    this.#isSettled[at] = 1;
    const tick = this.#tick[at]!;
    const start = this.#start[at]!;
    const end = start + this.#count[at]!;
    const mask = this.#slots.length - 1;
    for (let record = start; record < end; record += 1) {
      this.#view.lost(this.#slots[record & mask]!, tick, this.#priorities[record & mask]!);
    }
  }

  /** Where the unsettled packet is, or -1. */
  #find(number: number): number {
    const mask = this.#number.length - 1;
    let low = this.#tail;
    let high = this.#head;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#number[middle & mask]! < number) low = middle + 1;
      else high = middle;
    }
    const at = low & mask;
    return low < this.#head && this.#number[at] === number && this.#isSettled[at] === 0 ? at : -1;
  }

  #openPacket(number: number, tick: number): void {
    if (this.#head > this.#tail) {
      const newest = (this.#head - 1) & (this.#number.length - 1);
      if (number === this.#number[newest] && tick === this.#tick[newest]) return;
      if (number <= this.#number[newest]!) throw new RangeError("packet numbers go up");
      while (this.#head > this.#tail && this.#oldestNumber() <= number - MAX_RECEIPT_PACKETS)
        this.#loseOldest();
    }
    if (this.#head - this.#tail === this.#number.length) this.#growPackets();
    const at = this.#head & (this.#number.length - 1);
    this.#number[at] = number;
    this.#tick[at] = tick;
    this.#start[at] = this.#recordHead;
    this.#count[at] = 0;
    this.#isSettled[at] = 0;
    this.#head += 1;
  }

  #addRecord(slot: number, priority: number): void {
    if (this.#recordHead - this.#recordTail === this.#slots.length) {
      if (this.#slots.length < MAX_RECEIPT_RECORDS) this.#growRecords();
      // The packet that is being written stays, or its records would be without one.
      else if (this.#head - this.#tail > 1) this.#loseOldest();
      else return;
    }
    const at = this.#recordHead & (this.#slots.length - 1);
    this.#slots[at] = slot;
    this.#priorities[at] = priority;
    this.#recordHead += 1;
    const packet = (this.#head - 1) & (this.#number.length - 1);
    this.#count[packet] = this.#count[packet]! + 1;
  }

  #oldestNumber(): number {
    return this.#number[this.#tail & (this.#number.length - 1)]!;
  }

  #loseOldest(): void {
    const at = this.#tail & (this.#number.length - 1);
    if (this.#isSettled[at] === 0) this.#loseAt(at);
    this.#trim();
  }

  /** Gives the memory of settled packets back, oldest first. */
  #trim(): void {
    const mask = this.#number.length - 1;
    while (this.#tail < this.#head && this.#isSettled[this.#tail & mask] === 1) {
      this.#recordTail = this.#start[this.#tail & mask]! + this.#count[this.#tail & mask]!;
      this.#tail += 1;
    }
  }

  #growPackets(): void {
    const length = this.#number.length;
    const moved = <A extends Float64Array | Int32Array | Uint8Array>(from: A, into: A): A => {
      for (let packet = this.#tail; packet < this.#head; packet += 1) {
        into[packet & (length * 2 - 1)] = from[packet & (length - 1)]!;
      }
      return into;
    };
    this.#number = moved(this.#number, new Float64Array(length * 2));
    this.#tick = moved(this.#tick, new Float64Array(length * 2));
    this.#start = moved(this.#start, new Float64Array(length * 2));
    this.#count = moved(this.#count, new Int32Array(length * 2));
    this.#isSettled = moved(this.#isSettled, new Uint8Array(length * 2));
  }

  #growRecords(): void {
    const length = this.#slots.length;
    const slots = new Int32Array(length * 2);
    const priorities = new Float64Array(length * 2);
    for (let record = this.#recordTail; record < this.#recordHead; record += 1) {
      slots[record & (length * 2 - 1)] = this.#slots[record & (length - 1)]!;
      priorities[record & (length * 2 - 1)] = this.#priorities[record & (length - 1)]!;
    }
    this.#slots = slots;
    this.#priorities = priorities;
  }
}
