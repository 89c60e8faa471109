import { expect, test } from "vitest";
import { NewestBlock } from "../../../src/net/connection/newest-block.ts";
import { FrameKind } from "../../../src/net/wire/frames.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

function newest() {
  const counters = newNetCounters();
  return { counters, block: new NewestBlock(FrameKind.Input, counters) };
}

test("nothing waits before the first, and dropping nothing counts nothing", () => {
  const { counters, block } = newest();
  block.drop();
  expect([block.isWaiting, block.length, block.inputTick, counters.blocksDropped]).toEqual([false, 0, -1, 0]);
});

test("a block waits until it has left, whole and as it was put", () => {
  const { counters, block } = newest();
  const memory = Uint8Array.of(1, 2, 3);
  block.put(memory, 2, 7);
  expect(block).toMatchObject({ kind: FrameKind.Input, length: 2, inputTick: 7, isWaiting: true });
  expect(block.bytes).toBe(memory);
  block.left();
  expect([block.isWaiting, block.isOverdue, counters.blocksDropped]).toEqual([false, false, 0]);
});

test("a newer one takes the place of one that waits, and only then one is dropped", () => {
  const { counters, block } = newest();
  block.put(Uint8Array.of(1), 1, 5);
  expect(block.isOverdue).toBe(false);
  block.put(Uint8Array.of(2), 1, 6);
  expect([block.bytes[0], block.inputTick, counters.blocksDropped]).toEqual([2, 6, 1]);
  // As one before it waited in vain.
  expect(block.isOverdue).toBe(true);
  block.left();
  block.put(Uint8Array.of(3), 1, 7);
  expect([block.bytes[0], block.isOverdue, counters.blocksDropped]).toEqual([3, false, 1]);
});

test("with nobody to send to it is dropped, once", () => {
  const { counters, block } = newest();
  block.put(Uint8Array.of(1), 1, 5);
  block.drop();
  block.drop();
  expect([block.isWaiting, counters.blocksDropped]).toEqual([false, 1]);
  block.put(Uint8Array.of(2), 1, 6);
  expect(block.isOverdue).toBe(false);
});
