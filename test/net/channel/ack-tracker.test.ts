import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { AckTracker } from "../../../src/net/channel/ack-tracker.ts";
import type { ChannelConfig } from "../../../src/net/channel/channel-kind.ts";
import { Channels } from "../../../src/net/channel/channels.ts";
import { newOutgoingMessage, type Piece } from "../../../src/net/channel/outgoing-message.ts";
import { ReceivedPackets } from "../../../src/net/channel/received-packets.ts";
import { SentPackets } from "../../../src/net/channel/sent-packets.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

const TICK_MS = 33;

function tracker(configs: readonly ChannelConfig[] = []) {
  const counters = newNetCounters();
  const channels = new Channels(configs, counters);
  return { acks: new AckTracker(channels, counters, TICK_MS), channels, counters };
}

/** Sends what is due in one packet; what it carried. */
function send(acks: AckTracker, channels: Channels, nowMs: number): Piece[] {
  const packet = acks.begin(nowMs);
  packet.elicitsAck = true;
  channels.fill(new MsgpackWriter().reset(new Uint8Array(1_100)), packet, nowMs, 256, 1_100);
  return packet.pieces.slice();
}

describe("SentPackets", () => {
  test("knows what is pending, and forgets the oldest when a newer one needs its place", () => {
    const sent = new SentPackets();
    for (let i = 0; i < 1_500; i += 1) sent.begin(i);
    expect(sent.newest).toBe(1_500);
    expect(sent.oldest).toBe(477);
    expect([476, 477, 1_500, 1_501].map((number) => sent.pending(number)?.sentAtMs)).toEqual([
      ...[undefined, 476, 1_499, undefined],
    ]);
    sent.pending(477)!.pending = false;
    sent.pending(479)!.pending = false;
    sent.trim();
    expect(sent.oldest).toBe(478);
  });

  test("a record that is used again remembers nothing", () => {
    const sent = new SentPackets();
    const first = sent.begin(0);
    first.elicitsAck = true;
    first.inputTick = 7;
    const message = newOutgoingMessage(0, 0, -1, new Uint8Array(0));
    first.pieces.push({
      message,
      ...{ start: 0, end: 0, sends: 1, packetNumber: 1, notBeforeMs: 0, isProbe: false },
    });
    for (let i = 0; i < 1_024; i += 1) sent.begin(1);
    expect(sent.pending(1_025)).toBe(first);
    expect(first).toMatchObject({ elicitsAck: false, inputTick: -1, pieces: [] });
  });
});

describe("what is no round trip", () => {
  const step = (acks: AckTracker, fromMs: number, toMs: number): void => {
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 33) acks.update(nowMs);
  };

  test("a packet sent before the peer fell silent", () => {
    const { acks } = tracker();
    acks.update(1_000);
    acks.sent.begin(1_000).elicitsAck = true;
    step(acks, 1_033, 11_000);
    acks.noteSilence();
    step(acks, 11_000, 21_000);
    acks.take(1, 0, 127, [], 21_000);
    expect([acks.newestAcked, acks.rtt.smoothedMs]).toEqual([1, undefined]);
    acks.sent.begin(21_000).elicitsAck = true;
    acks.take(2, 0, 0, [], 21_050);
    expect(acks.rtt.smoothedMs).toBe(50);
  });

  test("a packet whose ack waited while our own process stood still", () => {
    const { acks } = tracker();
    acks.update(1_000);
    acks.sent.begin(1_000).elicitsAck = true;
    acks.take(1, 0, 0, [], 1_040);
    acks.sent.begin(1_040).elicitsAck = true;
    acks.take(2, 0, 0, [], 4_000);
    expect([acks.newestAcked, acks.rtt.smoothedMs]).toEqual([2, 40]);
    acks.sent.begin(4_000).elicitsAck = true;
    acks.take(3, 0, 0, [], 4_100);
    expect(acks.rtt.smoothedMs).toBe(47.5);
  });

  test("at another host all begins anew", () => {
    const { acks } = tracker();
    acks.update(1_000);
    acks.sent.begin(1_000).elicitsAck = true;
    acks.take(1, 0, 0, [], 1_300);
    acks.sent.begin(1_300).elicitsAck = true;
    acks.forgetPath();
    expect([acks.rtt.smoothedMs, acks.lossRatio]).toEqual([undefined, 0]);
    acks.take(2, 0, 0, [], 1_340);
    expect(acks.rtt.smoothedMs).toBeUndefined();
    acks.sent.begin(1_340).elicitsAck = true;
    acks.take(3, 0, 0, [], 1_350);
    expect([acks.rtt.smoothedMs, acks.rtt.minMs]).toEqual([10, 10]);
  });

  test("inputs that are to be played again are not acked by acks of their former packets", () => {
    const { acks } = tracker();
    acks.sent.begin(0).inputTick = 70;
    acks.sent.begin(0).inputTick = 71;
    acks.take(1, 0, 0, [], 40);
    expect(acks.ackedInputTick).toBe(70);
    acks.forgetInputs();
    acks.take(2, 0, 0, [], 50);
    expect(acks.ackedInputTick).toBe(-1);
    acks.sent.begin(60).inputTick = 12;
    acks.take(3, 0, 0, [], 100);
    expect(acks.ackedInputTick).toBe(12);
  });
});

describe("AckTracker", () => {
  test("acks from a receiver over a lossy way: nobody is acked that did not arrive, and all that did", () => {
    const turns = fc.array(fc.record({ sent: fc.nat(40), lost: fc.nat(100), ackArrives: fc.boolean() }), {
      minLength: 1,
      maxLength: 40,
      size: "max",
    });
    fc.assert(
      fc.property(turns, fc.infiniteStream(fc.nat(99)), (list, chance) => {
        const { acks } = tracker();
        const received = new ReceivedPackets();
        const arrived = new Set<number>();
        let nowMs = 0;
        for (const { sent, lost, ackArrives } of [...list, { sent: 1, lost: 0, ackArrives: true }]) {
          nowMs += 33;
          for (let i = 0; i < sent; i += 1) {
            const packet = acks.sent.begin(nowMs);
            packet.elicitsAck = true;
            packet.inputTick = packet.number;
            if (chance.next().value! < lost) continue;
            received.add(packet.number, nowMs, true);
            arrived.add(packet.number);
          }
          if (received.newest === 0) continue;
          const ranges = received.wantsRanges ? received.ranges() : [];
          if (ackArrives) acks.take(received.newest, received.missingBits(), 0, ranges, nowMs);
          received.acked();
          // What is acked is what stands for the newest input that arrived.
          if (ackArrives) expect(acks.ackedInputTick).toBe(received.newest);
          for (let number = acks.sent.oldest; number <= acks.sent.newest; number += 1) {
            const isPending = acks.sent.pending(number) !== undefined;
            if (ackArrives && isPending && number > received.newest - 32)
              expect(arrived.has(number)).toBe(false);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("lost is what three newer ones have overtaken", () => {
    const { acks, counters } = tracker();
    for (let i = 0; i < 5; i += 1) acks.sent.begin(0).elicitsAck = true;
    acks.take(3, 0b11, 0, [], 10);
    expect(counters.packetsLost).toBe(0);
    acks.take(4, 0b110, 0, [], 10);
    expect(counters.packetsLost).toBe(1);
    expect(acks.sent.oldest).toBe(2);
    acks.take(5, 0b1100, 0, [], 10);
    expect(counters.packetsLost).toBe(2);
    expect(acks.newestAcked).toBe(5);
  });

  test("and six, while every second one repeats another", () => {
    const { acks, counters } = tracker();
    for (let i = 0; i < 7; i += 1) acks.sent.begin(0).elicitsAck = true;
    acks.newestRepeat = 6;
    acks.take(6, 0b1_1110, 0, [], 10);
    expect(counters.packetsLost).toBe(0);
    acks.take(7, 0b11_1100, 0, [], 10);
    expect(counters.packetsLost).toBe(1);
    expect(acks.sent.oldest).toBe(2);
  });

  test("lost is what a newer one overtook and has been under way for too long; acks alone are not counted", () => {
    const { acks, counters } = tracker();
    acks.sent.begin(0).elicitsAck = true;
    acks.sent.begin(0);
    acks.sent.begin(0).elicitsAck = true;
    acks.take(3, 0b11, 0, [], 100);
    const lostAfterMs = acks.lostAfterMs();
    acks.update(lostAfterMs);
    expect(acks.sent.oldest).toBe(1);
    acks.update(lostAfterMs + 1);
    expect(acks.sent.oldest).toBe(4);
    expect(counters.packetsLost).toBe(1);
  });

  test("the round trip is told by packets that ask for an ack, and by no others", () => {
    const { acks } = tracker();
    acks.sent.begin(0).elicitsAck = false;
    acks.take(1, 0, 0, [], 400);
    expect(acks.rtt.smoothedMs).toBeUndefined();
    acks.sent.begin(400).elicitsAck = true;
    acks.take(2, 0, 0, [], 450);
    expect(acks.rtt.smoothedMs).toBe(50);
  });

  test("a packet pushed out of memory counts as lost, and what it carried is due again", () => {
    const { acks, channels, counters } = tracker([{ kind: "reliable-ordered" }]);
    channels.send(0, new Uint8Array(10));
    send(acks, channels, 0);
    for (let i = 0; i < 1_023; i += 1) acks.begin(i).elicitsAck = true;
    expect(channels.hasDue(2_000)).toBe(false);
    acks.begin(2_000);
    expect(counters.packetsLost).toBe(1);
    expect(channels.hasDue(2_000)).toBe(true);
    expect(acks.sent.oldest).toBe(2);
  });

  test("an old ack takes nothing back", () => {
    const { acks } = tracker();
    for (let i = 0; i < 10; i += 1) acks.sent.begin(i).inputTick = i;
    acks.take(10, 0, 0, [], 50);
    const { smoothedMs } = acks.rtt;
    acks.take(4, 0xffff_ffff, 0, [], 5_000);
    acks.take(0, 0, 0, [], 5_000);
    acks.take(-5, 0, 0, [], 5_000);
    expect(acks.newestAcked).toBe(10);
    expect(acks.ackedInputTick).toBe(9);
    expect(acks.rtt.smoothedMs).toBe(smoothedMs);
  });

  test("says when so much is unacked that the peer cannot be there", () => {
    const { acks } = tracker();
    for (let i = 0; i < 16_384; i += 1) acks.sent.begin(0);
    expect(acks.mayStillSend()).toBe(true);
    acks.sent.begin(0);
    expect(acks.mayStillSend()).toBe(false);
    acks.take(1, 0, 0, [], 1);
    expect(acks.mayStillSend()).toBe(true);
  });
});

describe("probes", () => {
  /** A path of 100 ms whose next answer does not come. */
  function silent() {
    const all = tracker([{ kind: "reliable-ordered" }]);
    all.acks.begin(0).elicitsAck = true;
    all.acks.take(1, 0, 0, [], 100);
    return all;
  }

  test("after silence the oldest packet's messages go once more, then ever more rarely; all else waits", () => {
    const { acks, channels, counters } = silent();
    channels.send(0, new Uint8Array(10));
    acks.update(1_000);
    send(acks, channels, 1_000);
    const probedAtMs: number[] = [];
    for (let nowMs = 1_010; nowMs < 8_000; nowMs += 10) {
      acks.update(nowMs);
      if (nowMs === 3_000) channels.send(0, new Uint8Array(20));
      if (!channels.hasDue(nowMs)) continue;
      expect(send(acks, channels, nowMs)).toHaveLength(1);
      probedAtMs.push(nowMs - 1_000);
    }
    // 100 + 4 × 50 ms, then twice that, then 1 s each.
    expect(probedAtMs).toEqual([300, 900, 1_900, 2_900, 3_900, 4_900, 5_900, 6_900]);
    expect(counters).toMatchObject({ messagesProbed: 8, messagesResent: 0, packetsLost: 0 });
    expect(channels.isStalled).toBe(true);

    // One answer: what was lost is known, and what waited goes.
    acks.take(acks.sent.newest, 0, 0, [], 8_000);
    expect(channels.isStalled).toBe(false);
    expect(send(acks, channels, 8_000).map(({ message }) => message.payload.length)).toEqual([20]);
    expect(channels.unacked).toBe(1);
  });

  test("nothing under way, nothing to probe for; acks of others put it off", () => {
    const { acks, channels, counters } = silent();
    for (let nowMs = 200; nowMs < 3_000; nowMs += 10) acks.update(nowMs);
    channels.send(0, new Uint8Array(10));
    acks.update(3_000);
    send(acks, channels, 3_000);
    acks.begin(3_000).elicitsAck = true;
    for (let nowMs = 3_010; nowMs < 3_300; nowMs += 10) {
      acks.update(nowMs);
      expect(channels.hasDue(nowMs)).toBe(false);
    }
    acks.take(3, 1, 0, [], 3_290);
    acks.update(3_300);
    expect(counters.messagesProbed).toBe(0);
  });

  test("a probe whose first packet arrives after all is not sent a third time", () => {
    const { acks, channels } = silent();
    channels.send(0, new Uint8Array(10));
    acks.update(1_000);
    send(acks, channels, 1_000);
    acks.update(1_300);
    expect(send(acks, channels, 1_300)).toHaveLength(1);
    acks.take(2, 0, 0, [], 1_310);
    expect(channels.unacked).toBe(0);
    for (let i = 0; i < 5; i += 1) acks.begin(1_310).elicitsAck = true;
    acks.take(8, 0b10000, 0, [], 1_400);
    acks.update(5_000);
    expect(channels.hasDue(5_000)).toBe(false);
    expect(channels.underWay).toBe(0);
  });
});
