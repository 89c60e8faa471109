import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channelSettings } from "../../../src/net/channel/channel-kind.ts";
import type { HeldBytes } from "../../../src/net/channel/held-bytes.ts";
import { LatestReceiver } from "../../../src/net/channel/latest-receiver.ts";
import { LatestSender } from "../../../src/net/channel/latest-sender.ts";
import type { Piece } from "../../../src/net/channel/outgoing-message.ts";
import { SentPackets } from "../../../src/net/channel/sent-packets.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

const value = (n: number, length = 4): Uint8Array => new Uint8Array(length).fill(n);

class Sending {
  readonly counters = newNetCounters();
  readonly held: HeldBytes = { bytes: 0 };
  readonly packets = new SentPackets();
  readonly sender = new LatestSender(
    0,
    channelSettings({ kind: "reliable-latest", maxQueuedMessages: 3, maxQueuedBytes: 10_000 }, "server"),
    this.held,
    this.counters,
  );

  leave(most = Number.POSITIVE_INFINITY): Piece | undefined {
    const due = this.sender.next(0, false);
    if (due === undefined) return undefined;
    const packet = this.packets.begin(0);
    this.sender.sent(due, Math.min(due.end, due.start + most), packet);
    return packet.pieces[0]!;
  }

  ack(piece: Piece): void {
    this.sender.acked(piece, piece.packetNumber);
  }

  lose(piece: Piece): void {
    this.sender.lost(piece, piece.packetNumber, 0, 100);
  }
}

const told = (piece: Piece | undefined): unknown =>
  piece && [piece.message.id, piece.message.key, piece.message.payload[0]];

describe("LatestSender", () => {
  test("of each key only the newest leaves, in the place of the first", () => {
    const sending = new Sending();
    sending.sender.send(value(1), 7);
    sending.sender.send(value(2), 8);
    sending.sender.send(value(3), 7);
    expect([sending.leave(), sending.leave(), sending.leave()].map(told)).toEqual([
      [0, 7, 3],
      [1, 8, 2],
      undefined,
    ]);
    expect(sending.counters.messagesReplaced).toBe(1);
  });

  test("what is replaced under way is sent no more, whatever becomes of its packet", () => {
    const sending = new Sending();
    sending.sender.send(value(1, 2_000), 7);
    const [first, second] = [sending.leave(1_000)!, sending.leave(1_000)!];
    sending.sender.send(value(2), 7);
    sending.lose(first);
    const newer = sending.leave()!;
    expect(told(newer)).toEqual([1, 7, 2]);
    sending.ack(second);
    expect(sending.leave()).toBeUndefined();
    expect(sending.sender).toMatchObject({ queued: 1, queuedBytes: 4, underWay: 1 });
    sending.lose(newer);
    expect(sending.leave()).toBe(newer);
    sending.ack(newer);
    expect(sending.sender).toMatchObject({ queued: 0, queuedBytes: 0, underWay: 0 });
  });

  test("a value sent in part and replaced is forgotten", () => {
    const sending = new Sending();
    sending.sender.send(value(1, 2_000), 7);
    sending.leave(1_000);
    sending.sender.send(value(2), 7);
    expect(told(sending.leave())).toEqual([1, 7, 2]);
    expect(sending.leave()).toBeUndefined();
  });

  test("bounds are of keys and bytes; a newer value of a known key needs no more room", () => {
    const { sender } = new Sending();
    for (const key of [1, 2, 3]) expect(sender.send(value(0, 3_000), key)).toBe("queued");
    expect(sender.send(value(0), 4)).toBe("queue-full");
    expect(sender.send(value(0, 3_000), 3)).toBe("queued");
    expect(sender.send(value(0, 5_000), 3)).toBe("queue-full");
    // What never has room is too large.
    expect(sender.send(value(0, 10_001), 3)).toBe("too-large");
  });

  test("the peer need not hold more than both agreed, also of what was replaced", () => {
    const sending = new Sending();
    for (const key of [1, 2]) sending.sender.send(value(0, 3_000), key);
    sending.leave(1_000);
    sending.leave(3_000);
    expect(sending.held.bytes).toBe(0);
    const second = sending.leave(1_000)!;
    expect(sending.held.bytes).toBe(3_000);
    sending.sender.send(value(1, 10), 2);
    expect(sending.held.bytes).toBe(3_000);
    const newer = sending.leave()!;
    expect([second.message.isDone, newer.message.key]).toEqual([true, 2]);
    sending.ack(newer);
    expect(sending.held.bytes).toBe(0);
  });
});

describe("LatestReceiver", () => {
  test("lets through each newer value of its key once, in any order of arrival", () => {
    const arrivals = fc.array(fc.record({ id: fc.nat(60), isPieces: fc.boolean() }), {
      maxLength: 200,
      size: "max",
    });
    fc.assert(
      fc.property(arrivals, fc.nat(200_000), (list, base) => {
        const receiver = new LatestReceiver();
        // On from any id, so that 16 bits are gone round.
        for (let id = 0; id < base; id += 16_000) receiver.accept(id, 255);
        receiver.accept(base, 255);
        const newest = new Map<number, number>();
        for (const { id: above, isPieces } of list) {
          const id = base + 1 + above;
          const key = above % 3;
          expect(receiver.idOf(id % 65_536)).toBe(id);
          const isNewer = id > (newest.get(key) ?? -1);
          const whole = value(above, 10);
          const take = (from: number, to: number) => receiver.acceptPiece(id, key, from, 10, whole, from, to);
          const outcome = isPieces
            ? [take(0, 6), take(6, 10)].at(-1) instanceof Uint8Array
            : receiver.accept(id, key) === "next";
          expect(outcome).toBe(isNewer);
          if (isNewer) newest.set(key, id);
        }
        expect(receiver.heldBytes).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("holds of each key the newest in part", () => {
    const receiver = new LatestReceiver();
    const bytes = value(1, 100);
    expect(receiver.acceptPiece(5, 1, 0, 100, bytes, 0, 50)).toBe("part");
    expect(receiver.acceptPiece(4, 1, 0, 80, bytes, 0, 50)).toBe("outdated");
    expect(receiver.countsMoreBytes(6, 1, 120)).toBe(20);
    expect(receiver.countsMoreBytes(7, 2, 120)).toBe(120);
    expect(receiver.countedBytes).toBe(0);
    expect(receiver.acceptPiece(6, 1, 0, 120, bytes, 0, 50)).toBe("part");
    expect(receiver.heldBytes).toBe(120);
    expect(receiver.acceptPiece(5, 1, 50, 100, bytes, 50, 100)).toBe("outdated");
    expect(receiver.accept(7, 1)).toBe("next");
    expect(receiver.heldBytes).toBe(0);
    expect(receiver.accept(7, 1)).toBe("known");
    expect(receiver.acceptPiece(6, 1, 50, 120, bytes, 50, 100)).toBe("outdated");
  });

  test("ids too far from the newest, and before the first, are none", () => {
    const receiver = new LatestReceiver();
    expect([0, 16_384, 16_385, 65_535].map((sequence) => receiver.idOf(sequence))).toEqual([
      0, 16_384, -1, -1,
    ]);
    receiver.accept(16_384, 0);
    expect([0, 32_768, 32_769, 65_535].map((sequence) => receiver.idOf(sequence))).toEqual([
      0, 32_768, -1, -1,
    ]);
  });
});
