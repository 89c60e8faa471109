import { IdList } from "./id-list.ts";
import { IndexMap } from "./index-map.ts";
import { IntList } from "./int-list.ts";
import { mergeSlots } from "./slot-order.ts";
import { NO_TICK } from "./surprises.ts";

/** What a slot holds. All from `OutOfSight` on are left: the player must be told that the entity is gone. */
export const SlotState = {
  Free: 0,
  /** Seen because it is near enough, or owned. */
  Near: 1,
  /** Seen because everyone sees it. */
  Common: 2,
  OutOfSight: 3,
  Despawned: 4,
  /** Over, but its slot still stands in a list. */
  Over: 5,
} as const;

const FIRST_SLOTS = 32;

/**
 * What a slot remembers of sending, side by side, so that it is one place of memory per slot and not one per column:
 * with a thousand players nothing else is as dear.
 */
const CELLS = 8;
const HELD = 0;
const SENT = 1;
const FROM = 2;
const ENTERED = 3;
const WAITING = 4;
const PRIORITY = 5;

/**
 * Which entities one player sees, and what the player is known to hold of them. A slot per entity, kept while the
 * entity is seen and until the player has acked that it is gone; columns in memory that is used again.
 *
 * `fromTick` makes receipts safe: only what was sent at that tick or later speaks of what the slot holds now. It
 * moves with every entering, leaving, change of viewer class and `dropAll`, so that a late ack of another entity
 * with the same index, of an earlier stay or of another class counts for nothing.
 */
export class ViewList {
  /** Entity index. */
  index: Int32Array = new Int32Array(FIRST_SLOTS);
  /** Entity id. */
  id: Float64Array = new Float64Array(FIRST_SLOTS);
  state: Uint8Array = new Uint8Array(FIRST_SLOTS);
  viewerClass: Uint8Array = new Uint8Array(FIRST_SLOTS);
  /** Stands in `pending`, or is about to. */
  isPending: Uint8Array = new Uint8Array(FIRST_SLOTS);
  /** Something was sent, in this stay or an earlier one, that no acked leave has undone. */
  mayBeHeld: Uint8Array = new Uint8Array(FIRST_SLOTS);
  /** Slots of what is seen because it is near, by entity index. */
  readonly near = new IntList();
  /** Slots of all that the player may not have yet, by entity index. Whoever plans drops the settled ones. */
  readonly pending = new IntList();
  /** What came into sight in the newest look, with its viewer class. */
  readonly entered = new IdList();
  /** What went, with its state now; one that is still seen changed its class and stands in `entered` too. */
  readonly left = new IdList();
  /** The tick of the newest look. */
  tick: number = NO_TICK;
  /** How many entities are seen. */
  size = 0;
  #cells = new Float64Array(FIRST_SLOTS * CELLS);
  readonly #map = new IndexMap();
  readonly #free: IntList = new IntList();
  readonly #fresh = new IntList();
  #used = 0;
  #overInPending = 0;

  /** Slots in use are below this. */
  get slotEnd(): number {
    return this.#used;
  }

  /** Newest tick whose record the player has acked, or NO_TICK. */
  heldTick(slot: number): number {
    return this.#cells[slot * CELLS + HELD]!;
  }

  /** Newest tick at which something was sent that may still arrive or did, or NO_TICK. */
  sentTick(slot: number): number {
    return this.#cells[slot * CELLS + SENT]!;
  }

  /** First tick whose packets speak of what is here now. */
  fromTick(slot: number): number {
    return this.#cells[slot * CELLS + FROM]!;
  }

  /** When it came into sight, or changed its class. */
  enteredTick(slot: number): number {
    return this.#cells[slot * CELLS + ENTERED]!;
  }

  /** Since when something should be sent that was not, or NO_TICK. */
  waitingTick(slot: number): number {
    return this.#cells[slot * CELLS + WAITING]!;
  }

  setWaiting(slot: number, tick: number): void {
    this.#cells[slot * CELLS + WAITING] = tick;
  }

  priority(slot: number): number {
    return this.#cells[slot * CELLS + PRIORITY]!;
  }

  setPriority(slot: number, priority: number): void {
    this.#cells[slot * CELLS + PRIORITY] = priority;
  }

  /** The slot of an entity index, or -1. */
  find(index: number): number {
    return this.#map.get(index);
  }

  isSeen(slot: number): boolean {
    const state = this.state[slot]!;
    return state === SlotState.Near || state === SlotState.Common;
  }

  /** The slot of an entity that is seen, or -1. */
  findSeen(index: number, id: number): number {
    const slot = this.#map.get(index);
    return slot >= 0 && this.id[slot] === id && this.isSeen(slot) ? slot : -1;
  }

  /** The entity comes into sight. What left from the same index needs not be told any more: the newer record says it all. */
  enter(index: number, id: number, viewerClass: number, state: number, tick: number): number {
    let slot = this.#map.get(index);
    if (slot < 0) {
      slot = this.#takeSlot();
      this.index[slot] = index;
      this.mayBeHeld[slot] = 0;
      this.isPending[slot] = 0;
      this.#map.add(index, slot);
    }
    this.id[slot] = id;
    this.size += 1;
    this.#begin(slot, viewerClass, state, tick);
    return slot;
  }

  /** From now on the player sees other fields of it, which counts as leaving and entering. */
  changeClass(slot: number, viewerClass: number, tick: number): void {
    const state = this.state[slot]!;
    this.left.push(this.id[slot]!, state);
    this.#begin(slot, viewerClass, state, tick);
  }

  /** `why`: OutOfSight or Despawned. Does not touch `near`. */
  leave(slot: number, why: number, tick: number): void {
    this.size -= 1;
    this.left.push(this.id[slot]!, why);
    if (this.mayBeHeld[slot] === 0) {
      this.#forget(slot);
      return;
    }
    this.state[slot] = why;
    this.#restart(slot, tick);
    this.addPending(slot);
  }

  addPending(slot: number): void {
    if (this.isPending[slot] === 1) return;
    this.isPending[slot] = 1;
    this.#fresh.push(slot);
  }

  /** Brings `pending` in order. Slots that are over become free. */
  settlePending(): void {
    const { pending } = this;
    if (this.#fresh.count > 0) mergeSlots(pending, this.#fresh, this.index);
    this.#fresh.clear();
    if (this.#overInPending === 0) return;
    let kept = 0;
    for (let i = 0; i < pending.count; i += 1) {
      const slot = pending.items[i]!;
      if (this.state[slot] === SlotState.Over) this.#release(slot);
      else pending.items[kept++] = slot;
    }
    pending.count = kept;
    this.#overInPending = 0;
  }

  clearEvents(): void {
    this.entered.clear();
    this.left.clear();
  }

  /** Something of it leaves in a packet. */
  sent(slot: number, tick: number): void {
    if (this.state[slot] === SlotState.Over) return;
    this.mayBeHeld[slot] = 1;
    const at = slot * CELLS;
    if (tick < this.#cells[at + FROM]!) return;
    this.#cells[at + SENT] = tick;
    this.#cells[at + WAITING] = NO_TICK;
    this.#cells[at + PRIORITY] = 0;
  }

  /** What was sent of it at `tick` has arrived. */
  acked(slot: number, tick: number): void {
    const at = slot * CELLS;
    if (tick < this.#cells[at + FROM]!) return;
    if (this.isSeen(slot)) this.#cells[at + HELD] = Math.max(this.#cells[at + HELD]!, tick);
    else if (this.state[slot] !== SlotState.Over && this.state[slot] !== SlotState.Free) this.#forget(slot);
  }

  /** What was sent of it at `tick`, when it had `priority`, is lost. */
  lost(slot: number, tick: number, priority: number): void {
    const at = slot * CELLS;
    if (tick < this.#cells[at + FROM]!) return;
    this.#cells[at + PRIORITY] = this.#cells[at + PRIORITY]! + priority;
    if (this.#cells[at + SENT] === tick) this.#cells[at + SENT] = NO_TICK;
  }

  /** The player holds nothing any more. What left is told again too: what was under way may still arrive. */
  dropAll(): void {
    for (let slot = 0; slot < this.#used; slot += 1) {
      const state = this.state[slot]!;
      if (state === SlotState.Free || state === SlotState.Over) continue;
      this.#restart(slot, this.tick + 1);
      this.addPending(slot);
    }
  }

  #begin(slot: number, viewerClass: number, state: number, tick: number): void {
    this.state[slot] = state;
    this.viewerClass[slot] = viewerClass;
    this.#cells[slot * CELLS + ENTERED] = tick;
    this.entered.push(this.id[slot]!, viewerClass);
    this.#restart(slot, tick);
    this.addPending(slot);
  }

  #restart(slot: number, fromTick: number): void {
    const at = slot * CELLS;
    this.#cells[at + FROM] = fromTick;
    this.#cells[at + HELD] = NO_TICK;
    this.#cells[at + SENT] = NO_TICK;
    this.#cells[at + WAITING] = NO_TICK;
    this.#cells[at + PRIORITY] = 0;
  }

  #forget(slot: number): void {
    this.#map.delete(this.index[slot]!);
    this.state[slot] = SlotState.Over;
    // No receipt speaks of it.
    this.#cells[slot * CELLS + FROM] = Infinity;
    if (this.isPending[slot] === 1) this.#overInPending += 1;
    else this.#release(slot);
  }

  #release(slot: number): void {
    this.state[slot] = SlotState.Free;
    this.#free.push(slot);
  }

  #takeSlot(): number {
    if (this.#free.count > 0) {
      this.#free.count -= 1;
      return this.#free.items[this.#free.count]!;
    }
    if (this.#used === this.index.length) this.#grow();
    this.#used += 1;
    return this.#used - 1;
  }

  #grow(): void {
    const length = this.index.length * 2;
    const uint8 = (old: Uint8Array): Uint8Array => copied(old, new Uint8Array(length));
    this.index = copied(this.index, new Int32Array(length));
    this.id = copied(this.id, new Float64Array(length));
    this.#cells = copied(this.#cells, new Float64Array(length * CELLS));
    this.state = uint8(this.state);
    this.viewerClass = uint8(this.viewerClass);
    this.isPending = uint8(this.isPending);
    this.mayBeHeld = uint8(this.mayBeHeld);
  }
}

function copied<A extends Float64Array | Int32Array | Uint8Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
