import { describe, expect, test } from "vitest";
import type { AckTracker } from "../../../src/net/channel/ack-tracker.ts";
import { type SentPacket, SentPackets } from "../../../src/net/channel/sent-packets.ts";
import type { CongestionController } from "../../../src/net/congestion/congestion-controller.ts";
import { EarlyRepeat } from "../../../src/net/connection/early-repeat.ts";
import type { NewestBlock } from "../../../src/net/connection/newest-block.ts";
import type { PacketWriter } from "../../../src/net/connection/packet-writer.ts";
import type { StateFiller } from "../../../src/net/connection/state-filler.ts";
import { Outbox } from "../../../src/net/ports/outbox.ts";

const TICK_MS = 33;
const TICK_BYTES = 500;

/** A connection whose newest tick left just now, at 1000 ms, and all that there is to repeat of it. */
function begun({
  isNoticed = true,
  isHurried = false,
  spareBytes = TICK_BYTES,
  maxPacketBytes = 1_200,
} = {}) {
  const sent = new SentPackets();
  const own = { isWaiting: false, write: () => true };
  const state = { isWaiting: false, writeAgain: () => 1 };
  const written: number[] = [];
  const packets = {
    begin: (nowMs: number): SentPacket => sent.begin(nowMs),
    finish: (packet: SentPacket) => written.push(packet.number),
  };
  const congestion = { spareBytes: () => spareBytes, maxPacketBytes };
  const repeat = new EarlyRepeat(
    packets as unknown as PacketWriter,
    own as unknown as NewestBlock,
    state as unknown as StateFiller,
    { loss: { isNoticed }, sent, newestRepeat: 0 } as unknown as AckTracker,
    congestion as unknown as CongestionController,
    TICK_MS,
  );
  const first = sent.begin(1_000);
  repeat.begin(first, isHurried);
  repeat.left(TICK_BYTES, 1_000);
  const turn = (nowMs: number, queuedBytes = 0): void => repeat.turn(queuedBytes, nowMs, new Outbox());
  return { repeat, first, own, state, written, turn };
}

describe("EarlyRepeat", () => {
  test("writes one packet, when it is due", () => {
    const { repeat, written, turn } = begun();
    expect(repeat.dueMs).toBe(1_008);
    turn(1_007);
    expect(written).toEqual([]);
    turn(1_008);
    turn(1_009);
    expect(written).toEqual([2]);
    expect(repeat.dueMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("wants no turn where no loss is noticed", () => {
    expect(begun({ isNoticed: false }).repeat.dueMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("wants no turn of a server that has no time to spare", () => {
    expect(begun({ isHurried: true }).repeat.dueMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("has not even a turn beside more messages than a packet holds, or what waits of the tick", () => {
    const few = begun();
    few.turn(1_000, 1_200);
    expect(few.repeat.dueMs).toBe(1_008);
    few.turn(1_000, 1_201);
    expect(few.repeat.dueMs).toBe(Number.POSITIVE_INFINITY);
    for (const what of ["own", "state"] as const) {
      const other = begun();
      other[what].isWaiting = true;
      other.turn(1_000);
      expect(other.repeat.dueMs).toBe(Number.POSITIVE_INFINITY);
    }
  });

  test("writes nothing that arrived, or that has no room as a whole", () => {
    const acked = begun();
    acked.first.pending = false;
    const narrow = begun({ spareBytes: TICK_BYTES - 1 });
    const long = begun({ spareBytes: 5_000, maxPacketBytes: TICK_BYTES - 1 });
    for (const { turn, written } of [acked, narrow, long]) {
      turn(1_008);
      expect(written).toEqual([]);
    }
  });
});
