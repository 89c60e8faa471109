import { IdList } from "./id-list.ts";
import { IndexMap } from "./index-map.ts";
import { SlotCell, SlotMemory } from "./slot-memory.ts";
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

/**
 * Which entities one player sees, and what the player is known to hold of them. A slot per entity, kept while the
 * entity is seen and until the player has acked that it is gone.
 *
 * `fromTick` makes receipts safe: only what was sent at that tick or later speaks of what the slot holds now. It
 * moves with every entering, leaving, change of viewer class and `dropAll`, so that a late ack of another entity
 * with the same index, of an earlier stay or of another class counts for nothing.
 */
export class ViewList extends SlotMemory {
  /** The tick of the newest look. */
  tick: number = NO_TICK;
  /** Something stands in `entered` or in `left`. */
  #hasEvents = false;
  #overInPending = 0;
  /** How many entities are seen. */
  size = 0;
  readonly #map = new IndexMap();
  /** What came into sight in the newest look, with its viewer class. */
  readonly entered: IdList = new IdList();
  /** What went, with its state now; one that is still seen changed its class and stands in `entered` too. */
  readonly left: IdList = new IdList();

  id(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.Id]!;
  }

  /** Newest tick whose record the player has acked, or NO_TICK. */
  heldTick(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.Held]!;
  }

  /** Newest tick at which something was sent that may still arrive or did, or NO_TICK. */
  sentTick(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.Sent]!;
  }

  /** First tick whose packets speak of what is here now. */
  fromTick(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.From]!;
  }

  /** When it came into sight, or changed its class. */
  enteredTick(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.Entered]!;
  }

  /** Since when something should be sent that was not, or NO_TICK. */
  waitingTick(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.Waiting]!;
  }

  setWaiting(slot: number, tick: number): void {
    this.cells[this.row(slot) + SlotCell.Waiting] = tick;
  }

  priority(slot: number): number {
    return this.cells[this.row(slot) + SlotCell.Priority]!;
  }

  setPriority(slot: number, priority: number): void {
    this.cells[this.row(slot) + SlotCell.Priority] = priority;
  }

  /** The slot of an entity index, or -1. */
  find(index: number): number {
    return this.#map.get(index);
  }

  isSeen(slot: number): boolean {
    const state = this.state(slot);
    return state === SlotState.Near || state === SlotState.Common;
  }

  /** The slot of an entity that is seen, or -1. */
  findSeen(index: number, id: number): number {
    const slot = this.#map.get(index);
    return slot >= 0 && this.id(slot) === id && this.isSeen(slot) ? slot : -1;
  }

  /** The entity comes into sight. What left from the same index needs not be told any more: the newer record says it all. */
  enter(index: number, id: number, viewerClass: number, state: number, tick: number): number {
    let slot = this.#map.get(index);
    if (slot < 0) {
      slot = this.takeSlot(index);
      this.#map.add(index, slot);
    }
    this.cells[this.row(slot) + SlotCell.Id] = id;
    this.setState(slot, state);
    this.size += 1;
    this.#begin(slot, viewerClass, tick);
    return slot;
  }

  /** From now on the player sees other fields of it, which counts as leaving and entering. Does not touch keys. */
  changeClass(slot: number, viewerClass: number, tick: number): void {
    this.#hasEvents = true;
    this.left.push(this.id(slot), this.state(slot));
    this.#begin(slot, viewerClass, tick);
  }

  /** `why`: OutOfSight or Despawned. Does not touch what is listed as near. */
  leave(slot: number, why: number, tick: number): void {
    this.size -= 1;
    this.#hasEvents = true;
    this.left.push(this.id(slot), why);
    if (!this.mayBeHeld(slot)) {
      this.#forget(slot);
      return;
    }
    this.setState(slot, why);
    this.#restart(slot, tick);
    this.addPending(slot);
  }

  /** The player has it, and it is no longer listed as pending. */
  settle(slot: number): void {
    this.setNotPending(slot);
    this.setPriority(slot, 0);
    this.setWaiting(slot, NO_TICK);
  }

  /** Brings what is pending in order. Slots that are over become free. */
  settlePending(): void {
    this.sortPending();
    if (this.#overInPending === 0) return;
    let kept = 0;
    for (let i = 0; i < this.pendingCount; i += 1) {
      const slot = this.pendingSlot(i);
      if (this.state(slot) === SlotState.Over) this.#release(slot);
      else this.movePending(i, kept++);
    }
    this.pendingCount = kept;
    this.#overInPending = 0;
  }

  clearEvents(): void {
    if (!this.#hasEvents) return;
    this.#hasEvents = false;
    this.entered.clear();
    this.left.clear();
  }

  /** Something of it leaves in a packet. */
  sent(slot: number, tick: number): void {
    if (this.state(slot) === SlotState.Over) return;
    this.setMayBeHeld(slot);
    const at = this.row(slot);
    if (tick < this.cells[at + SlotCell.From]!) return;
    this.cells[at + SlotCell.Sent] = tick;
    this.cells[at + SlotCell.Waiting] = NO_TICK;
    this.cells[at + SlotCell.Priority] = 0;
  }

  /** What was sent of it at `tick` has arrived. */
  acked(slot: number, tick: number): void {
    const at = this.row(slot);
    if (tick < this.cells[at + SlotCell.From]!) return;
    if (this.isSeen(slot)) this.cells[at + SlotCell.Held] = Math.max(this.cells[at + SlotCell.Held]!, tick);
    else if (this.state(slot) !== SlotState.Over && this.state(slot) !== SlotState.Free) this.#forget(slot);
  }

  /** What was sent of it at `tick`, when it had `priority`, is lost. */
  lost(slot: number, tick: number, priority: number): void {
    const at = this.row(slot);
    if (tick < this.cells[at + SlotCell.From]!) return;
    this.cells[at + SlotCell.Priority] = this.cells[at + SlotCell.Priority]! + priority;
    if (this.cells[at + SlotCell.Sent] === tick) this.cells[at + SlotCell.Sent] = NO_TICK;
  }

  /** The player holds nothing any more. What left is told again too: what was under way may still arrive. */
  dropAll(): void {
    for (let slot = 0; slot < this.slotEnd; slot += 1) {
      const state = this.state(slot);
      if (state === SlotState.Free || state === SlotState.Over) continue;
      this.#restart(slot, this.tick + 1);
      this.addPending(slot);
    }
  }

  #begin(slot: number, viewerClass: number, tick: number): void {
    this.setViewerClass(slot, viewerClass);
    this.cells[this.row(slot) + SlotCell.Entered] = tick;
    this.#hasEvents = true;
    this.entered.push(this.id(slot), viewerClass);
    this.#restart(slot, tick);
    this.addPending(slot);
  }

  #restart(slot: number, fromTick: number): void {
    const at = this.row(slot);
    this.cells[at + SlotCell.From] = fromTick;
    this.cells[at + SlotCell.Held] = NO_TICK;
    this.cells[at + SlotCell.Sent] = NO_TICK;
    this.cells[at + SlotCell.Waiting] = NO_TICK;
    this.cells[at + SlotCell.Priority] = 0;
  }

  #forget(slot: number): void {
    this.#map.delete(this.index(slot));
    this.setState(slot, SlotState.Over);
    // No receipt speaks of it.
    this.cells[this.row(slot) + SlotCell.From] = Infinity;
    if (this.isPending(slot)) this.#overInPending += 1;
    else this.#release(slot);
  }

  #release(slot: number): void {
    this.setState(slot, SlotState.Free);
    this.freeSlot(slot);
  }
}
