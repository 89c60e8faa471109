import { AGE_DESPAWNED, AGE_FULL, AGE_LEFT, MAX_AGE_TICKS } from "../schema/record-ages.ts";
import type { Census } from "./census.ts";
import { EntryCost } from "./entry-cost.ts";
import { IntList } from "./int-list.ts";
import { LEAVES_SHARE, overdueAfterTicks } from "./max-wait.ts";
import type { PlayerInterest } from "./player-interest.ts";
import type { SendPlan } from "./send-plan.ts";
import { SlotHeap } from "./slot-heap.ts";
import { NO_TICK, type Surprises } from "./surprises.ts";
import { SlotState, type ViewList } from "./view-list.ts";
import type { Watcher } from "./watcher.ts";

/** How much more than others each class counts, by `ViewerClass`. */
const RELATION: readonly number[] = [1, 4, 64];
/** What is under way may be repeated, when nothing better is to be sent. */
const UNDER_WAY_WEIGHT = 1 / 16;
/** At the edge of sight a quarter of the weight is left. */
const NEAR_FALLOFF = 3;
/** Who has waited so long counts twice. */
const STALENESS_TICKS = 8;
/** Once the packet is nearly full, so many that do not fit are passed over for smaller ones. */
const MAX_PASSED_OVER = 8;
const MIN_ENTRY_BYTES = 2;

/** Keys of the heap: priorities, above them what is overdue, above that what has left, the avatar over all. */
const OVERDUE_KEY = 1e9;
const LEFT_KEY = 2e9;
const MAX_PRIORITY = OVERDUE_KEY / 2;
const UNKNOWN_AGE = 255;

/** What may be sent now. */
export interface PlanLimits {
  /** For groups, in all packets together. */
  readonly budgetBytes: number;
  /** For groups, in one packet. */
  readonly packetBytes: number;
  /** Not all of it may leave, whatever the budget says: the most important goes first. */
  readonly isTight: boolean;
  /** For so long a record that is neither acked nor lost may still be acked. */
  readonly rttTicks: number;
}

/**
 * Chooses what a player is sent: a priority accumulator per entity (Frohnmayer and Gift, The TRIBES Engine
 * Networking Model, 2000; Fiedler, State Synchronization, 2015), which grows with nearness, relation and waiting
 * and is spent on sending. Where all fits one packet, nothing is weighed or sorted.
 *
 * Only what surprised since the held tick takes part. What is under way is repeated with what room is left, so that
 * one lost packet costs a tick and not a round trip; but not in full.
 */
export class Planner {
  readonly #census: Census;
  readonly #heap = new SlotHeap();
  readonly #cost = new EntryCost();
  /** Slots that take part, by entity index, and what is known of each. */
  readonly #slots = new IntList();
  #ages = new Uint8Array(64);
  #bytes = new Int32Array(64);

  constructor(census: Census) {
    this.#census = census;
  }

  /** `sight`: the distance over which nearness falls. */
  make(
    player: PlayerInterest<Watcher>,
    surprises: Surprises,
    tick: number,
    sight: number,
    limits: PlanLimits,
  ): SendPlan {
    const { view, plan } = player;
    const avatar = this.#sortOut(player, surprises, tick, limits.rttTicks);
    const { count, items } = this.#slots;
    plan.reset(tick);
    if (count === 0) return plan;
    const greatestIndex = view.index(items[count - 1]!);
    const { budgetBytes, packetBytes } = limits;
    this.#cost.reset(greatestIndex, packetBytes, packetBytes);
    if (!limits.isTight && this.#fitAll(view, surprises, Math.min(budgetBytes, packetBytes))) {
      plan.arrange(items, this.#ages, count);
    } else {
      this.#cost.reset(greatestIndex, budgetBytes, packetBytes);
      this.#weigh(player, tick, sight, budgetBytes, avatar);
      this.#choose(player, surprises, budgetBytes, avatar);
      plan.leftOut = count - plan.count;
    }
    plan.bytes = this.#cost.bytes;
    return plan;
  }

  /** Drops from `pending` what the player has, and collects what takes part. Returns where the avatar is, or -1. */
  #sortOut(player: PlayerInterest<Watcher>, surprises: Surprises, tick: number, rttTicks: number): number {
    const { view, avatarSlot } = player;
    let avatar = -1;
    view.settlePending();
    this.#slots.clear();
    const { pendingCount } = view;
    let kept = 0;
    for (let i = 0; i < pendingCount; i += 1) {
      const slot = view.pendingSlot(i);
      const isSeen = view.isSeen(slot);
      const held = view.heldTick(slot);
      const newest = isSeen
        ? surprises.newest(view.index(slot), view.viewerClass(slot))
        : view.fromTick(slot);
      if (isSeen && held >= newest) {
        view.settle(slot);
        continue;
      }
      view.movePending(i, kept);
      kept += 1;
      const sent = view.sentTick(slot);
      const isUnderWay = sent !== NO_TICK && sent >= newest && tick - sent < rttTicks;
      if (isUnderWay) view.setWaiting(slot, NO_TICK);
      else if (view.waitingTick(slot) === NO_TICK) view.setWaiting(slot, tick);
      if (isUnderWay && isSeen && this.#ageFor(view, surprises, slot) === AGE_FULL) continue;
      if (slot === avatarSlot) avatar = this.#slots.count;
      this.#slots.push(slot);
    }
    view.pendingCount = kept;
    this.#prepare(this.#slots.count);
    return avatar;
  }

  #prepare(count: number): void {
    if (count > this.#ages.length) {
      const length = 2 ** Math.ceil(Math.log2(count));
      this.#ages = new Uint8Array(length);
      this.#bytes = new Int32Array(length);
    }
    this.#ages.fill(UNKNOWN_AGE, 0, count);
  }

  #fitAll(view: ViewList, surprises: Surprises, budgetBytes: number): boolean {
    const { count } = this.#slots;
    if (count * MIN_ENTRY_BYTES > budgetBytes) return false;
    for (let i = 0; i < count; i += 1) {
      this.#measure(view, surprises, i);
      this.#cost.add(this.#ages[i]!, this.#cost.of(this.#ages[i]!, this.#bytes[i]!));
      if (this.#cost.bytes > budgetBytes) return false;
    }
    return true;
  }

  /** Finds age and size, once per tick. */
  #measure(view: ViewList, surprises: Surprises, i: number): void {
    if (this.#ages[i] !== UNKNOWN_AGE) return;
    const slot = this.#slots.items[i]!;
    if (!view.isSeen(slot)) {
      this.#ages[i] = view.state(slot) === SlotState.Despawned ? AGE_DESPAWNED : AGE_LEFT;
      this.#bytes[i] = 0;
      return;
    }
    const age = this.#ageFor(view, surprises, slot);
    this.#ages[i] = age;
    this.#bytes[i] = surprises.recordBytes(view.index(slot), age, view.viewerClass(slot));
  }

  #ageFor(view: ViewList, surprises: Surprises, slot: number): number {
    const held = view.heldTick(slot);
    if (held === NO_TICK) return AGE_FULL;
    return surprises.ageFor(view.index(slot), held, view.viewerClass(slot));
  }

  /** Lets priorities grow, and puts all into the heap. */
  #weigh(
    player: PlayerInterest<Watcher>,
    tick: number,
    sight: number,
    budgetBytes: number,
    avatar: number,
  ): void {
    const { view, plan } = player;
    const { items, count } = this.#slots;
    const overdueAfter = overdueAfterTicks(count, plan.meanBytes, budgetBytes);
    this.#heap.clear();
    for (let i = 0; i < count; i += 1) {
      const slot = items[i]!;
      const since = view.waitingTick(slot);
      const waited = since === NO_TICK ? 0 : tick - since;
      const isSeen = view.isSeen(slot);
      const relation = isSeen ? RELATION[view.viewerClass(slot)]! : 1;
      const nearness = isSeen ? this.#nearness(player, view.index(slot), sight) : 1;
      const staleness = since === NO_TICK ? UNDER_WAY_WEIGHT : 1 + waited / STALENESS_TICKS;
      const priority = Math.min(MAX_PRIORITY, view.priority(slot) + relation * nearness * staleness);
      view.setPriority(slot, priority);
      let key = priority;
      if (i === avatar) key = Infinity;
      else if (since !== NO_TICK && !isSeen) key = LEFT_KEY + waited;
      else if (since !== NO_TICK && waited >= overdueAfter) key = OVERDUE_KEY + waited;
      this.#heap.add(i, key);
    }
    this.#heap.order();
  }

  #nearness(player: PlayerInterest<Watcher>, index: number, sight: number): number {
    const census = this.#census;
    if (!player.hasCentre || census.isPlaced[index] === 0) return 1;
    const dx = (census.x[index]! - player.centreX) / sight;
    const dy = (census.y[index]! - player.centreY) / sight;
    return 1 / (1 + NEAR_FALLOFF * (dx * dx + dy * dy));
  }

  /** Takes the first of the heap until the budget is full. */
  #choose(player: PlayerInterest<Watcher>, surprises: Surprises, budgetBytes: number, avatar: number): void {
    const { view, plan } = player;
    const heap = this.#heap;
    const cost = this.#cost;
    let leftBytes = 0;
    let records = 0;
    let passedOver = 0;
    while (heap.count > 0 && passedOver < MAX_PASSED_OVER) {
      const key = heap.topKey;
      // Before all else that is seen goes what is overdue, even if it takes more than there is: one per tick.
      const isOwed = records === 0 && key >= OVERDUE_KEY && key < LEFT_KEY;
      if (!isOwed && key < LEFT_KEY && cost.with(MIN_ENTRY_BYTES) > budgetBytes) break;
      const i = heap.take();
      this.#measure(view, surprises, i);
      const age = this.#ages[i]!;
      const bytes = cost.of(age, this.#bytes[i]!);
      const fits = cost.with(bytes) <= budgetBytes;
      if (age > MAX_AGE_TICKS) {
        const isFirst = leftBytes === 0 && key >= LEFT_KEY;
        if (!isFirst && (!fits || leftBytes + bytes > budgetBytes * LEAVES_SHARE)) continue;
        leftBytes += bytes;
      } else if (i !== avatar) {
        if (!fits && !isOwed) {
          passedOver += 1;
          continue;
        }
        records += 1;
        plan.meanBytes += (bytes - plan.meanBytes) / 16;
      }
      plan.put(this.#slots.items[i]!, age);
      cost.add(age, bytes);
    }
  }
}
