import { describe, expect, test } from "vitest";
import {
  MAX_RECEIPT_PACKETS,
  MAX_RECEIPT_RECORDS,
  Receipts,
  type SlotSource,
} from "../../../src/game/interest/receipts.ts";
import { SlotState, ViewList } from "../../../src/game/interest/view-list.ts";

const NONE = -1;

function oneSeen(): { view: ViewList; receipts: Receipts; slot: number; slots: SlotSource } {
  const view = new ViewList();
  view.tick = 10;
  const slot = view.enter(5, 500, 0, SlotState.Common, 10);
  view.settlePending();
  return { view, receipts: new Receipts(view), slot, slots: { slot: () => slot } };
}

describe("receipts", () => {
  test("move what is held forward only, and once", () => {
    const { view, receipts, slot, slots } = oneSeen();
    for (const tick of [10, 11, 12]) receipts.note(tick, tick, slots, 0, 1);
    receipts.acked(11);
    expect(view.heldTick(slot)).toBe(11);
    receipts.acked(10);
    expect(view.heldTick(slot)).toBe(11);
    receipts.acked(12);
    expect(view.heldTick(slot)).toBe(12);
    expect(receipts.size).toBe(0);
    receipts.acked(12);
    receipts.lost(12);
    receipts.acked(99);
    expect(view.heldTick(slot)).toBe(12);
    expect(view.sentTick(slot)).toBe(12);
  });

  test("give priority back on loss; under way is then only what was sent later", () => {
    const { view, receipts, slot, slots } = oneSeen();
    view.setPriority(slot, 40);
    receipts.note(1, 10, slots, 0, 1);
    expect(view.priority(slot)).toBe(0);
    view.setPriority(slot, 2);
    receipts.note(2, 11, slots, 0, 1);
    receipts.lost(1);
    expect([view.priority(slot), view.sentTick(slot)]).toEqual([40, 11]);
    receipts.lost(2);
    expect([view.priority(slot), view.sentTick(slot)]).toEqual([42, NONE]);
    receipts.acked(1);
    expect(view.heldTick(slot)).toBe(NONE);
  });

  test("say nothing of another entity with the same index, a later stay, another class, or after a drop", () => {
    const changes: ((view: ViewList, slot: number) => void)[] = [
      (view, slot) => {
        view.leave(slot, SlotState.Despawned, 11);
        view.enter(5, 501, 0, SlotState.Common, 11);
      },
      (view, slot) => {
        view.leave(slot, SlotState.OutOfSight, 11);
        view.enter(5, 500, 0, SlotState.Common, 12);
      },
      (view, slot) => view.changeClass(slot, 2, 11),
      (view) => view.dropAll(),
    ];
    for (const change of changes) {
      const { view, receipts, slot, slots } = oneSeen();
      receipts.note(1, 10, slots, 0, 1);
      view.setPriority(slot, 9);
      receipts.note(2, 10, slots, 0, 1);
      change(view, slot);
      expect(view.find(5)).toBe(slot);
      receipts.acked(1);
      receipts.lost(2);
      expect([view.heldTick(slot), view.priority(slot)], String(change)).toEqual([NONE, 0]);
      view.tick = 12;
      receipts.note(3, 12, slots, 0, 1);
      receipts.acked(3);
      expect(view.heldTick(slot)).toBe(12);
    }
  });

  test("free a slot whose leaving was told, and no packet from before speaks of its next owner", () => {
    const { view, receipts, slot, slots } = oneSeen();
    receipts.note(1, 10, slots, 0, 1);
    view.leave(slot, SlotState.OutOfSight, 11);
    receipts.note(2, 11, slots, 0, 1);
    receipts.note(3, 12, slots, 0, 1);
    receipts.acked(1);
    expect(view.state(slot), "the record does not tell that it left").toBe(SlotState.OutOfSight);
    receipts.acked(2);
    expect(view.find(5)).toBe(NONE);
    view.settlePending();
    expect(view.pendingCount).toBe(0);
    expect(view.enter(9, 900, 0, SlotState.Common, 13)).toBe(slot);
    receipts.acked(3);
    expect(view.heldTick(slot)).toBe(NONE);
    expect(view.isSeen(slot)).toBe(true);
    view.leave(slot, SlotState.OutOfSight, 14);
    expect(view.find(9), "nothing of it was sent").toBe(NONE);
  });

  test("forget what the connection has forgotten, as lost", () => {
    const { view, receipts, slot, slots } = oneSeen();
    view.setPriority(slot, 9);
    receipts.note(1, 10, slots, 0, 1);
    for (let number = 2; number <= MAX_RECEIPT_PACKETS; number += 1) receipts.note(number, 11, slots, 0, 1);
    expect(receipts.size).toBe(MAX_RECEIPT_PACKETS);
    expect(view.priority(slot)).toBe(0);
    receipts.note(MAX_RECEIPT_PACKETS + 5, 12, slots, 0, 1);
    expect(receipts.size).toBe(MAX_RECEIPT_PACKETS - 4);
    receipts.acked(5);
    expect(view.heldTick(slot)).toBe(NONE);
    receipts.acked(6);
    expect(view.heldTick(slot)).toBe(11);
    receipts.lost(MAX_RECEIPT_PACKETS + 5);
    expect(view.priority(slot), "the forgotten one gave its priority back").toBe(9);
  });

  test("hold a bounded number of records", () => {
    const view = new ViewList();
    view.tick = 1;
    const slots = Int32Array.from({ length: 200 }, (_, i) => view.enter(i, i + 1, 0, SlotState.Common, 1));
    const receipts = new Receipts(view);
    for (let number = 1; number <= 1000; number += 1)
      receipts.note(number, number, { slot: (i) => slots[i]! }, 0, slots.length);
    const oldest = 1000 - receipts.size + 1;
    expect(receipts.size).toBe(Math.floor(MAX_RECEIPT_RECORDS / slots.length));
    receipts.acked(oldest - 1);
    expect(view.heldTick(slots[199]!)).toBe(NONE);
    receipts.acked(oldest);
    expect(view.heldTick(slots[199]!)).toBe(oldest);
  });

  test("refuse numbers that do not go up", () => {
    const { receipts, slots } = oneSeen();
    receipts.note(7, 10, slots, 0, 1);
    receipts.note(7, 10, slots, 0, 1);
    expect(receipts.size).toBe(1);
    expect(() => receipts.note(7, 11, slots, 0, 1)).toThrow(RangeError);
    expect(() => receipts.note(6, 11, slots, 0, 1)).toThrow(RangeError);
    receipts.note(8, 11, slots, 0, 0);
    expect(receipts.size).toBe(1);
  });
});
