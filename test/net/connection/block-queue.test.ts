import { describe, expect, test } from "vitest";
import { BlockQueue } from "../../../src/net/connection/block-queue.ts";
import { StateShare } from "../../../src/net/connection/state-share.ts";
import { FrameKind } from "../../../src/net/wire/frames.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

/** A queue, and a tick's memory, which the next tick writes over. */
function queue() {
  const counters = newNetCounters();
  const blocks = new BlockQueue(counters);
  const memory = [new Uint8Array(8), new Uint8Array(8), new Uint8Array(8)];
  const tick = (number: number): boolean[] =>
    memory.map((bytes, part) => blocks.queueState(bytes.fill(10 * number + part), 8 - part));
  const take = (): number[] => {
    const block = blocks.state!;
    const taken = [block.bytes[0]!, block.length];
    blocks.stateLeft();
    return taken;
  };
  return { counters, blocks, tick, take };
}

describe("states", () => {
  test("leave in order, and nothing is counted", () => {
    const { counters, blocks, tick, take } = queue();
    expect(tick(1)).toEqual([true, true, true]);
    expect([take(), take(), take()]).toEqual([
      [10, 8],
      [11, 7],
      [12, 6],
    ]);
    expect(blocks.isEmpty).toBe(true);
    blocks.endTurn();
    tick(2);
    expect(take()).toEqual([20, 8]);
    expect(counters).toMatchObject({ statesSkipped: 0, blocksDropped: 0 });
  });

  test("one that was begun is finished over the next turns, whatever became of its memory", () => {
    const { counters, blocks, tick, take } = queue();
    tick(1);
    take();
    blocks.endTurn();
    expect(tick(2)).toEqual([false, false, false]);
    expect(take()).toEqual([11, 7]);
    blocks.endTurn();
    expect(tick(3)[0]).toBe(false);
    expect(take()).toEqual([12, 6]);
    expect(blocks.isEmpty).toBe(true);
    expect(tick(4)).toEqual([true, true, true]);
    expect(take()).toEqual([40, 8]);
    expect(counters.blocksDropped).toBe(0);
    expect(counters.statesSkipped).toBeGreaterThanOrEqual(2);
  });

  test("one that was not begun waits till the next tick's takes its place", () => {
    const { counters, blocks, tick, take } = queue();
    tick(1);
    blocks.endTurn();
    blocks.endTurn();
    tick(2);
    blocks.endTurn();
    expect(counters).toMatchObject({ statesSkipped: 1, blocksDropped: 3 });
    expect([take(), take(), take()]).toEqual([
      [20, 8],
      [21, 7],
      [22, 6],
    ]);
  });

  test("memory of one tick at most is kept", () => {
    const { blocks, tick, take } = queue();
    const kept = new Set<ArrayBufferLike>();
    for (let turn = 1; turn < 200; turn += 1) {
      tick(turn);
      if (turn % 3 === 0 && blocks.state !== undefined) take();
      blocks.endTurn();
      if (blocks.state !== undefined) kept.add(blocks.state.bytes.buffer);
    }
    expect(kept.size).toBeLessThanOrEqual(3);
  });
});

describe("the newest block", () => {
  test("takes the place of one that waits, and is then overdue", () => {
    const { counters, blocks } = queue();
    blocks.queueNewest(FrameKind.Own, Uint8Array.of(1), 1, -1);
    expect(blocks.isNewestOverdue).toBe(false);
    blocks.queueNewest(FrameKind.Own, Uint8Array.of(2), 1, -1);
    expect(blocks.isNewestOverdue).toBe(true);
    expect(blocks.newest?.bytes[0]).toBe(2);
    expect(counters.blocksDropped).toBe(1);
    blocks.newestLeft();
    expect([blocks.newest, blocks.isNewestOverdue, blocks.isEmpty]).toEqual([undefined, false, true]);
  });

  test("is dropped with all others when there is nobody to send to", () => {
    const { counters, blocks, tick } = queue();
    blocks.queueNewest(FrameKind.Input, Uint8Array.of(1), 1, 5);
    tick(1);
    blocks.dropAll();
    expect(blocks.isEmpty).toBe(true);
    expect(counters.blocksDropped).toBe(4);
  });
});

describe("StateShare", () => {
  test("gives state twice what it gives messages while both wait", () => {
    const share = new StateShare();
    let [state, messages] = [0, 0];
    for (let packet = 0; packet < 3_000; packet += 1) {
      if (share.isMessagesTurn) {
        messages += 100;
        share.note(0, 100);
      } else {
        state += 100;
        share.note(100, 0);
      }
    }
    expect(state / messages).toBeCloseTo(2, 1);
  });

  test("pays nobody back for hours", () => {
    const share = new StateShare();
    for (let i = 0; i < 10_000; i += 1) share.note(0, 1_000);
    let state = 0;
    for (; !share.isMessagesTurn; state += 100) share.note(100, 0);
    expect(state).toBeLessThan(5_000);
  });
});
