import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AckTracker } from "../../../src/net/channel/ack-tracker.ts";
import { Channels } from "../../../src/net/channel/channels.ts";
import { newOutgoingMessage } from "../../../src/net/channel/outgoing-message.ts";
import { ReceivedPackets } from "../../../src/net/channel/received-packets.ts";
import { SentPackets } from "../../../src/net/channel/sent-packets.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

function tracker(): { acks: AckTracker; counters: ReturnType<typeof newNetCounters> } {
  const counters = newNetCounters();
  return { acks: new AckTracker(new Channels([], counters), counters, 33), counters };
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
