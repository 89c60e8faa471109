import { keyedSlot, mergeKeys, slotKey } from "./slot-key.ts";

/*
 * All in one piece of memory, for with a thousand players nothing is as dear as another place of it. Of `room` slots:
 *
 *   near       room            keys of what is seen because it is near (`slot-key.ts`)
 *   pending    room            keys of all that the player may not have yet
 *   planned    room            slot × 128 + age, of what is to be sent: see `SendPlan`
 *   rows       room × 8        what is known of each slot: `SlotCell`
 */
const FIRST_SLOTS = 32;
const LISTS = 3;
const ROW = 8;

/** Cells of a row. `What` is entity index × 128 + state × 16 + viewer class × 4 + flags. */
export const SlotCell = {
  Held: 0,
  Sent: 1,
  From: 2,
  Entered: 3,
  Waiting: 4,
  Priority: 5,
  Id: 6,
  What: 7,
} as const;
/** While the slot is free: the next that is, or -1. */
const NEXT_FREE = SlotCell.Held;
const INDEX_SHIFT = 7;
const STATE_SHIFT = 4;
const STATE_BITS = 7 << STATE_SHIFT;
const CLASS_SHIFT = 2;
const CLASS_BITS = 3 << CLASS_SHIFT;
/** Flag: stands in `pending`. */
const IS_PENDING = 1;
/** Flag: something was sent, in this stay or an earlier one, that no acked leave has undone. */
const MAY_BE_HELD = 2;

/** The slots of one player's view, and lists of them. What they mean is the view's affair. */
export class SlotMemory {
  /** Renewed when slots are taken. */
  cells: Float64Array = new Float64Array(FIRST_SLOTS * (LISTS + ROW));
  #room = FIRST_SLOTS;
  /** How many keys there are of what is seen because it is near. */
  nearCount = 0;
  /** How many slots hold what the player may not have yet. Whoever plans drops the settled ones. */
  pendingCount = 0;
  /** How many of each list stand at its end, still to be brought in order. */
  #freshNear = 0;
  #freshPending = 0;
  #used = 0;
  #firstFree = -1;

  /** Slots in use are below this. */
  get slotEnd(): number {
    return this.#used;
  }

  /** Where the cells of a slot are. */
  row(slot: number): number {
    return this.#room * LISTS + slot * ROW;
  }

  index(slot: number): number {
    return this.#what(slot) >> INDEX_SHIFT;
  }

  state(slot: number): number {
    return (this.#what(slot) & STATE_BITS) >> STATE_SHIFT;
  }

  setState(slot: number, state: number): void {
    this.#setWhat(slot, (this.#what(slot) & ~STATE_BITS) | (state << STATE_SHIFT));
  }

  viewerClass(slot: number): number {
    return (this.#what(slot) & CLASS_BITS) >> CLASS_SHIFT;
  }

  setViewerClass(slot: number, viewerClass: number): void {
    this.#setWhat(slot, (this.#what(slot) & ~CLASS_BITS) | (viewerClass << CLASS_SHIFT));
  }

  mayBeHeld(slot: number): boolean {
    return (this.#what(slot) & MAY_BE_HELD) !== 0;
  }

  setMayBeHeld(slot: number): void {
    this.#setWhat(slot, this.#what(slot) | MAY_BE_HELD);
  }

  isPending(slot: number): boolean {
    return (this.#what(slot) & IS_PENDING) !== 0;
  }

  nearKey(place: number): number {
    return this.cells[place]!;
  }

  setNearKey(place: number, key: number): void {
    this.cells[place] = key;
  }

  /** Comes in order with `settleNear`. */
  addNear(slot: number): void {
    this.cells[this.nearCount] = slotKey(this.index(slot), this.viewerClass(slot), slot);
    this.nearCount += 1;
    this.#freshNear += 1;
  }

  settleNear(): void {
    if (this.#freshNear === 0) return;
    mergeKeys(this.cells, 0, this.nearCount - this.#freshNear, this.nearCount);
    this.#freshNear = 0;
  }

  pendingSlot(place: number): number {
    return keyedSlot(this.cells[this.#room + place]!);
  }

  /** To a place before it, in which nothing stands any more. */
  movePending(place: number, to: number): void {
    this.cells[this.#room + to] = this.cells[this.#room + place]!;
  }

  /** Comes in order with `sortPending`. */
  addPending(slot: number): void {
    const what = this.#what(slot);
    if ((what & IS_PENDING) !== 0) return;
    this.#setWhat(slot, what | IS_PENDING);
    this.cells[this.#room + this.pendingCount] = slotKey(what >> INDEX_SHIFT, 0, slot);
    this.pendingCount += 1;
    this.#freshPending += 1;
  }

  /** Of one that is no longer listed. */
  setNotPending(slot: number): void {
    this.#setWhat(slot, this.#what(slot) & ~IS_PENDING);
  }

  sortPending(): void {
    if (this.#freshPending === 0) return;
    const start = this.#room;
    const end = start + this.pendingCount;
    mergeKeys(this.cells, start, end - this.#freshPending, end);
    this.#freshPending = 0;
  }

  planned(place: number): number {
    return this.cells[this.#room * 2 + place]!;
  }

  setPlanned(place: number, entry: number): void {
    this.cells[this.#room * 2 + place] = entry;
  }

  /** For an entity index; no flag is set. */
  takeSlot(index: number): number {
    let slot = this.#firstFree;
    if (slot >= 0) this.#firstFree = this.cells[this.row(slot) + NEXT_FREE]!;
    else {
      if (this.#used === this.#room) this.#grow();
      slot = this.#used;
      this.#used += 1;
    }
    this.#setWhat(slot, index << INDEX_SHIFT);
    return slot;
  }

  /** Its state must be that of a free one. */
  freeSlot(slot: number): void {
    this.cells[this.row(slot) + NEXT_FREE] = this.#firstFree;
    this.#firstFree = slot;
  }

  #what(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.What]! | 0;
  }

  #setWhat(slot: number, what: number): void {
    this.cells[this.row(slot) + SlotCell.What] = what;
  }

  #grow(): void {
    const old = this.cells;
    const room = this.#room;
    this.#room = room * 2;
    this.cells = new Float64Array(old.length * 2);
    for (let list = 0; list < LISTS; list += 1) {
      this.cells.set(old.subarray(list * room, (list + 1) * room), list * this.#room);
    }
    this.cells.set(old.subarray(LISTS * room), LISTS * this.#room);
  }
}
