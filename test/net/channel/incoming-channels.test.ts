/** What a receiver makes of a peer that lies, and how much memory it lets such a peer have. */

import { describe, expect, test } from "vitest";
import { MsgpackReader } from "../../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import type { ChannelConfig } from "../../../src/net/channel/channel-kind.ts";
import { MAX_HELD_BYTES } from "../../../src/net/channel/held-bytes.ts";
import { IncomingChannels } from "../../../src/net/channel/incoming-channels.ts";
import { PacketJudge } from "../../../src/net/connection/packet-judge.ts";
import { newFrame, readFrame } from "../../../src/net/wire/frames.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

const CHANNELS: readonly ChannelConfig[] = [
  { kind: "reliable-ordered" },
  { kind: "unreliable" },
  { kind: "unreliable-sequenced" },
  { kind: "reliable-unordered", maxMessageBytes: 5_000 },
  { kind: "reliable-latest" },
  { kind: "bulk" },
  { kind: "bulk", from: "server" },
];
const [ORDERED, UNRELIABLE, SEQUENCED, UNORDERED, LATEST, BULK, FROM_SERVER] = [0, 1, 2, 3, 4, 5, 6];

type Element = number | Uint8Array;
const bin = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value);

class Receiver {
  readonly counters = newNetCounters();
  readonly incoming = new IncomingChannels(CHANNELS, this.counters, "client");
  readonly heard: { readonly channel: number; readonly length: number; readonly first: number }[] = [];
  nowMs = 0;
  contradictions = 0;
  readonly #judge = new PacketJudge("server", this.incoming);

  /** Takes a packet of these frames, or says what is wrong with it. */
  take(...frames: readonly (readonly Element[])[]): string {
    const writer = new MsgpackWriter().reset(new Uint8Array(1_200));
    for (const frame of frames) {
      writer.arrayHeader(frame.length);
      for (const element of frame) {
        if (typeof element === "number") writer.int(element);
        else writer.bin(element);
      }
    }
    if (!writer.ok) throw new Error("more than a packet holds");
    const reader = new MsgpackReader().reset(writer.bytes, 0, writer.at);
    const fault = this.#judge.judge(reader, frames.length, 0);
    if (fault !== undefined) return fault;
    reader.reset(writer.bytes, 0, writer.at);
    const frame = newFrame();
    for (let i = 0; i < frames.length; i += 1) {
      readFrame(reader, frame);
      const isConsistent = this.incoming.receive(
        frame,
        writer.bytes,
        this.nowMs,
        (channel, bytes, start, end) =>
          this.heard.push({ channel, length: end - start, first: bytes[start] ?? -1 }),
      );
      if (!isConsistent) this.contradictions += 1;
    }
    return "taken";
  }
}

describe("frames that are not lawful", () => {
  test.each<readonly [why: string, frame: readonly Element[]]>([
    ["a fragment that ends past its message", [7, ORDERED, 0, 91, 100, bin(10)]],
    ["a fragment of nothing", [7, ORDERED, 0, 0, 100, bin(0)]],
    ["a fragment of an empty message", [7, ORDERED, 0, 0, 0, bin(1)]],
    ["a message longer than any", [7, BULK, 0, 0, 2 ** 24 + 1, bin(1)]],
    ["longer than its channel's kind takes", [7, ORDERED, 0, 0, 262_145, bin(1)]],
    ["longer than its channel's definition says", [7, UNORDERED, 0, 0, 5_001, bin(1)]],
    ["longer than unreliable ones may be", [7, UNRELIABLE, 0, 0, 8_193, bin(1)]],
    ["a channel that is not there", [7, 7, 0, 0, 100, bin(10)]],
    ["a channel the other end does not send on", [7, FROM_SERVER, 0, 0, 100, bin(10)]],
    ["an id past the window", [7, ORDERED, 256, 0, 100, bin(10)]],
    ["an id before the first", [7, BULK, 65_535, 0, 100, bin(10)]],
    ["an unreliable id before the first", [7, UNRELIABLE, 65_535, 0, 100, bin(10)]],
    ["a key where there is none", [7, ORDERED, 0, 3, 0, 100, bin(10)]],
    ["no key where there is one", [7, LATEST, 0, 0, 100, bin(10)]],
    ["a key past the last", [7, LATEST, 0, 256, 0, 100, bin(10)]],
    ["a message with a key where there is none", [0, ORDERED, 0, 3, bin(1)]],
    ["a value without a key", [0, LATEST, 0, bin(1)]],
    ["an id on an unreliable message", [0, UNRELIABLE, 0, bin(1)]],
    ["no id on a sequenced one", [0, SEQUENCED, bin(1)]],
    ["an id far from the newest value's", [0, LATEST, 20_000, 3, bin(1)]],
  ])("%s", (_why, frame) => {
    const receiver = new Receiver();
    expect(receiver.take([4], frame)).toBe("refusedFrame");
    expect(receiver.incoming.heldBytes).toBe(0);
    expect(receiver.counters.fragmentsReceived).toBe(0);
  });

  test("each has a lawful neighbour", () => {
    const receiver = new Receiver();
    for (const frame of [
      [7, ORDERED, 0, 90, 100, bin(10)],
      [7, BULK, 0, 0, 2 ** 24, bin(1)],
      [7, ORDERED, 255, 0, 262_144, bin(1)],
      [7, UNORDERED, 0, 0, 5_000, bin(1)],
      [7, UNRELIABLE, 0, 0, 8_192, bin(1)],
      [7, LATEST, 16_384, 255, 0, 100, bin(10)],
      [0, LATEST, 0, 3, bin(1)],
      [0, FROM_SERVER, 0, bin(1)],
    ]) {
      expect(receiver.take(frame), JSON.stringify(frame.slice(0, 4))).toBe("taken");
    }
  });
});

describe("pieces that contradict one another", () => {
  test.each<readonly [why: string, frame: readonly Element[]]>([
    ["another total", [7, ORDERED, 0, 50, 101, bin(50)]],
    ["other bytes where they overlap", [7, ORDERED, 0, 40, 100, bin(20, 9)]],
  ])("%s: the later one is dropped, and told", (_why, frame) => {
    const receiver = new Receiver();
    receiver.take([7, ORDERED, 0, 0, 100, bin(50)]);
    expect(receiver.take(frame)).toBe("taken");
    expect(receiver.contradictions).toBe(1);
    expect(receiver.counters.fragmentsContradictory).toBe(1);
    receiver.take([7, ORDERED, 0, 50, 100, bin(50)]);
    expect(receiver.heard).toEqual([{ channel: ORDERED, length: 100, first: 0 }]);
  });

  test("the same bytes cut otherwise do not", () => {
    const receiver = new Receiver();
    for (const [offset, length] of [
      [0, 50],
      [25, 50],
      [0, 100],
      [0, 100],
    ] as const) {
      receiver.take([7, BULK, 0, offset, 100, bin(length)]);
    }
    expect(receiver.contradictions).toBe(0);
    expect(receiver.heard).toHaveLength(1);
    expect(receiver.counters.fragmentsDuplicate).toBe(1);
  });
});

describe("memory", () => {
  test("is not taken on the word of a total", () => {
    const receivers = Array.from({ length: 50 }, () => new Receiver());
    const before = process.memoryUsage();
    for (const receiver of receivers) {
      for (const channel of [ORDERED, UNORDERED, BULK]) receiver.take([7, channel, 0, 0, 5_000, bin(1)]);
      receiver.take([7, BULK, 0, 16_000_000, 2 ** 24, bin(1)]);
    }
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(50 * 100_000);
  });

  test("what comes early is held up to a bound; past it the whole packet is refused, and may come again", () => {
    const receiver = new Receiver();
    // Messages of 100,000 bytes, in part, all before their turn.
    const begun = (id: number): readonly Element[] => [7, ORDERED, id, 0, 100_000, bin(100)];
    for (let id = 1; id <= 10; id += 1) expect(receiver.take(begun(id)), `${id}`).toBe("taken");
    expect(receiver.take(begun(11), [0, UNRELIABLE, bin(1)])).toBe("refusedRoom");
    expect(receiver.heard).toEqual([]);
    expect(receiver.incoming.heldBytes).toBe(1_000_000);
    // Also for other channels, but for the oldest message of each.
    expect(receiver.take([7, UNORDERED, 0, 0, 5_000, bin(100)])).toBe("taken");
    for (let id = 1; id < 10; id += 1)
      expect(receiver.take([7, UNORDERED, id, 0, 5_000, bin(9)])).toBe("taken");
    expect(receiver.take([7, UNORDERED, 10, 0, 5_000, bin(100)])).toBe("refusedRoom");
    // What is begun may go on, and the next in order is always welcome, whole or not.
    expect(receiver.take([7, ORDERED, 7, 100, 100_000, bin(100)])).toBe("taken");
    expect(receiver.take([7, ORDERED, 0, 0, 600, bin(500)])).toBe("taken");
    expect(receiver.take([7, ORDERED, 0, 500, 600, bin(100)])).toBe("taken");
    expect(receiver.heard).toEqual([{ channel: ORDERED, length: 600, first: 0 }]);
  });

  test("many pieces in one packet are counted together", () => {
    const receiver = new Receiver();
    const frames = Array.from({ length: 40 }, (_, i): readonly Element[] => [
      7,
      ORDERED,
      i + 1,
      0,
      200_000,
      bin(1),
    ]);
    expect(receiver.take(...frames)).toBe("refusedRoom");
    expect(receiver.incoming.heldBytes).toBe(0);
    expect(receiver.take(...frames.slice(0, 6))).toBe("refusedRoom");
    expect(receiver.take(...frames.slice(0, 5))).toBe("taken");
    expect(receiver.incoming.heldBytes).toBeLessThanOrEqual(MAX_HELD_BYTES);
    // One message in several pieces is counted once.
    expect(receiver.take([7, BULK, 1, 0, 40_000, bin(1)], [7, BULK, 1, 5, 40_000, bin(1)])).toBe("taken");
    expect(receiver.take([7, BULK, 2, 0, 40_000, bin(1)])).toBe("refusedRoom");
  });

  test("gaps are remembered up to a bound", () => {
    const receiver = new Receiver();
    let taken = 0;
    for (let i = 0; i < 40; i += 1) {
      const frames = Array.from({ length: 40 }, (_, n): readonly Element[] => [
        ...[7, BULK, 0, (i * 40 + n) * 2, 1_000_000],
        bin(1),
      ]);
      if (receiver.take(...frames) === "taken") taken += 1;
    }
    expect(taken).toBe(26);
    // Bytes that close gaps go on being taken.
    expect(receiver.take([7, BULK, 0, 0, 1_000_000, bin(1_000)])).toBe("taken");
    expect(receiver.take([7, BULK, 0, 500_000, 1_000_000, bin(1)])).toBe("taken");
  });

  test("unreliable messages in part: the four newest, for three seconds", () => {
    const receiver = new Receiver();
    for (let id = 0; id < 6; id += 1) receiver.take([7, UNRELIABLE, id, 0, 20, bin(10, id)]);
    expect(receiver.counters.messagesIncomplete).toBe(2);
    receiver.take([7, UNRELIABLE, 3, 10, 20, bin(10, 3)]);
    receiver.take([7, UNRELIABLE, 0, 10, 20, bin(10)]);
    expect(receiver.heard).toEqual([{ channel: UNRELIABLE, length: 20, first: 3 }]);
    receiver.nowMs = 3_001;
    receiver.incoming.update(receiver.nowMs);
    expect(receiver.counters.messagesIncomplete).toBe(6);
    receiver.take([7, UNRELIABLE, 5, 10, 20, bin(10, 5)]);
    expect(receiver.heard).toHaveLength(1);
  });

  test("a sequenced message in part gives way to a newer one", () => {
    const receiver = new Receiver();
    receiver.take([7, SEQUENCED, 4, 0, 20, bin(10)], [7, SEQUENCED, 6, 0, 20, bin(10)]);
    receiver.take([0, SEQUENCED, 5, bin(3)]);
    receiver.take(
      [7, SEQUENCED, 4, 10, 20, bin(10)],
      [7, SEQUENCED, 6, 10, 20, bin(10)],
      [0, SEQUENCED, 6, bin(1)],
    );
    expect(receiver.heard.map(({ length }) => length)).toEqual([3, 20]);
    expect(receiver.counters).toMatchObject({
      messagesIncomplete: 1,
      fragmentsOutdated: 1,
      messagesOutdated: 1,
    });
  });
});
