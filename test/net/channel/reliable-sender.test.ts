import { describe, expect, test } from "vitest";
import { type ChannelKind, channelSettings } from "../../../src/net/channel/channel-kind.ts";
import { type HeldBytes, MAX_HELD_BYTES } from "../../../src/net/channel/held-bytes.ts";
import type { Piece } from "../../../src/net/channel/outgoing-message.ts";
import { RELIABLE_WINDOW, ReliableSender } from "../../../src/net/channel/reliable-sender.ts";
import { SentPackets } from "../../../src/net/channel/sent-packets.ts";

const LOST_AFTER_MS = 100;
const payload = (length = 1): Uint8Array => new Uint8Array(length);

/** A sender whose pieces leave one per packet. */
class Sending {
  readonly packets = new SentPackets();
  readonly held: HeldBytes = { bytes: 0 };
  readonly sender: ReliableSender;

  constructor(kind: ChannelKind = "reliable-ordered") {
    this.sender = new ReliableSender(0, channelSettings({ kind }, "server"), this.held);
  }

  /** Sends what is next, at most `most` bytes of it. */
  leave(nowMs = 0, most = Number.POSITIVE_INFINITY, onlyProbes = false): Piece | undefined {
    const due = this.sender.next(nowMs, onlyProbes);
    if (due === undefined) return undefined;
    const packet = this.packets.begin(nowMs);
    this.sender.sent(due, Math.min(due.end, due.start + most), packet);
    return packet.pieces[0]!;
  }

  /** Ids and bytes of all that is due. */
  leaveAll(
    nowMs = 0,
    most = Number.POSITIVE_INFINITY,
  ): (readonly [id: number, start: number, end: number])[] {
    const left: (readonly [number, number, number])[] = [];
    for (let piece = this.leave(nowMs, most); piece !== undefined; piece = this.leave(nowMs, most)) {
      left.push([piece.message.id, piece.start, piece.end]);
    }
    return left;
  }

  ack(piece: Piece): void {
    this.sender.acked(piece, piece.packetNumber);
  }

  lose(piece: Piece, nowMs = 0): void {
    this.sender.lost(piece, piece.packetNumber, nowMs, LOST_AFTER_MS);
  }
}

describe("what is due", () => {
  test("goes in order, and nothing past the window, which moves with the oldest", () => {
    const sending = new Sending();
    for (let i = 0; i < 300; i += 1) expect(sending.sender.send(payload())).toBe("queued");
    const pieces = Array.from({ length: RELIABLE_WINDOW }, () => sending.leave()!);
    expect(pieces.map(({ message }) => message.id)).toEqual(pieces.map((_, id) => id));
    expect(sending.leave()).toBeUndefined();
    sending.ack(pieces[1]!);
    expect(sending.sender.queued).toBe(299);
    expect(sending.leave()).toBeUndefined();
    sending.ack(pieces[0]!);
    expect(sending.leaveAll()).toEqual([256, 257].map((id) => [id, 0, 1]));
    for (const piece of pieces.slice(2)) sending.ack(piece);
    expect(sending.sender).toMatchObject({ queued: 44, queuedBytes: 44, underWay: 2 });
  });

  test("is sent once, and again only when its packet is lost", () => {
    const sending = new Sending();
    sending.sender.send(payload());
    const piece = sending.leave()!;
    expect(sending.leave(1e9)).toBeUndefined();
    const first = piece.packetNumber;
    sending.lose(piece, 50);
    expect(sending.leave(50)).toBe(piece);
    // News of the first packet is no news any more.
    sending.sender.lost(piece, first, 60, LOST_AFTER_MS);
    expect(sending.leave(1e9)).toBeUndefined();
    sending.ack(piece);
    expect(sending.sender).toMatchObject({ queued: 0, queuedBytes: 0, underWay: 0 });
  });

  test("what is lost again and again waits longer each time, up to a second", () => {
    const sending = new Sending();
    sending.sender.send(payload());
    const piece = sending.leave()!;
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      sending.lose(piece, 0);
      waits.push(piece.notBeforeMs);
      expect(sending.leave(piece.notBeforeMs - 1)).toBeUndefined();
      expect(sending.leave(piece.notBeforeMs)).toBe(piece);
    }
    expect(waits.map(Math.round)).toEqual([0, 100, 150, 225, 338, 506, 759, 1_000, 1_000]);
  });

  test("a probe goes though nothing is lost, and while all else waits", () => {
    const sending = new Sending();
    sending.sender.send(payload());
    sending.sender.send(payload());
    const piece = sending.leave()!;
    expect(sending.leave(0, 1, true)).toBeUndefined();
    const former = piece.packetNumber;
    sending.sender.probe(piece, former);
    expect(sending.leave(0, 1, true)).toBe(piece);
    expect(sending.leave(0, 1, true)).toBeUndefined();
    // The packet that was probed for arrives after all.
    sending.sender.acked(piece, former);
    expect(sending.sender).toMatchObject({ queued: 1, underWay: 1 });
    sending.lose(piece);
    expect(sending.leaveAll()).toEqual([[1, 0, 1]]);
  });
});

describe("pieces", () => {
  test("each is acked for itself, and a lost one may be cut anew", () => {
    const sending = new Sending();
    sending.sender.send(payload(2_500));
    const [a, b, c] = [sending.leave(0, 1_000)!, sending.leave(0, 1_000)!, sending.leave(0, 1_000)!];
    expect([a, b, c].map(({ start, end }) => [start, end])).toEqual([
      [0, 1_000],
      [1_000, 2_000],
      [2_000, 2_500],
    ]);
    sending.ack(a);
    sending.lose(c);
    sending.lose(b);
    expect(sending.leaveAll(0, 400)).toEqual([
      [0, 1_000, 1_400],
      [0, 1_400, 1_800],
      [0, 1_800, 2_000],
      [0, 2_000, 2_400],
      [0, 2_400, 2_500],
    ]);
    expect(sending.sender.queued).toBe(1);
  });

  test("at most 256 are under way, lost ones included; those go first, oldest bytes before newer", () => {
    const sending = new Sending("bulk");
    sending.sender.send(payload(1_000_000));
    const pieces = Array.from({ length: 256 }, () => sending.leave(0, 1_000)!);
    expect(sending.leave(0, 1_000)).toBeUndefined();
    for (const piece of [pieces[200]!, pieces[3]!, pieces[100]!]) sending.lose(piece);
    expect(sending.leaveAll(0, 1_000).map(([, start]) => start)).toEqual([3_000, 100_000, 200_000]);
    sending.ack(pieces[7]!);
    expect(sending.leaveAll(0, 1_000)).toEqual([[0, 256_000, 257_000]]);
  });
});

describe("bounds", () => {
  test("of one message, of how many and how many bytes; acks give the bytes back", () => {
    const { sender } = new Sending();
    expect(sender.send(payload(262_145))).toBe("too-large");
    expect(sender.send(payload(262_144))).toBe("queued");
    expect(sender.send(payload(262_144))).toBe("queued");
    expect(sender.send(payload(1))).toBe("queue-full");
    const many = new Sending();
    for (let i = 0; i < 4_096; i += 1) expect(many.sender.send(payload(0))).toBe("queued");
    expect(many.sender.send(payload(0))).toBe("queue-full");
    many.ack(many.leave()!);
    expect(many.sender.send(payload(0))).toBe("queued");
  });

  test("no more is begun than the peer may have to hold, but for the oldest of a channel", () => {
    const sending = new Sending();
    sending.held.bytes = MAX_HELD_BYTES - 1_500;
    for (let i = 0; i < 3; i += 1) sending.sender.send(payload(1_000));
    const [first, second] = [sending.leave()!, sending.leave()!];
    expect(sending.leave()).toBeUndefined();
    sending.ack(first);
    expect(sending.held.bytes).toBe(MAX_HELD_BYTES - 1_500);
    expect(sending.leaveAll()).toEqual([[2, 0, 1_000]]);
    expect(sending.held.bytes).toBe(MAX_HELD_BYTES - 500);
    sending.ack(second);
    expect(sending.held.bytes).toBe(MAX_HELD_BYTES - 1_500);
  });

  test("out of order an acked message is held by nobody; in order it is until its turn", () => {
    for (const [kind, heldBytes] of [
      ["reliable-unordered", 0],
      ["reliable-ordered", 1_000],
    ] as const) {
      const sending = new Sending(kind);
      for (let i = 0; i < 2; i += 1) sending.sender.send(payload(1_000));
      sending.leave();
      sending.ack(sending.leave()!);
      expect(sending.held.bytes, kind).toBe(heldBytes);
    }
  });

  test("a long queue is not moved for every ack", () => {
    const sending = new Sending();
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 4_096; i += 1) expect(sending.sender.send(payload(2))).toBe("queued");
      for (let piece = sending.leave(); piece !== undefined; piece = sending.leave()) sending.ack(piece);
      expect(sending.sender).toMatchObject({ queued: 0, queuedBytes: 0, underWay: 0 });
    }
  });
});
