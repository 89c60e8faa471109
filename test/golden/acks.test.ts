import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/net/bytes/sequence.ts";
import { areRangesLawful } from "../../src/net/channel/ack-ranges.ts";
import { ReceivedPackets } from "../../src/net/channel/received-packets.ts";
import { RttEstimator } from "../../src/net/channel/rtt-estimator.ts";
import acks from "./acks.json" with { type: "json" };

function take(received: ReceivedPackets, runs: readonly number[][]): void {
  for (const [first, last] of runs) {
    for (let number = first!; number <= last!; number += 1) received.add(number, 0, true);
  }
}

describe("acks", () => {
  test.each(acks.acks)(
    "after $formerAck, $after",
    ({ before, formerAck, after, ack, ackMissing, ranges }) => {
      const received = new ReceivedPackets();
      take(received, before);
      received.acked();
      expect(received.newest).toBe(formerAck);
      take(received, after);
      expect([received.newest % 65_536, received.missingBits()]).toEqual([ack, ackMissing]);
      expect(received.wantsRanges ? received.ranges() : null).toEqual(ranges);
      if (ranges !== null) expect(areRangesLawful(ranges, received.newest)).toBe(true);
    },
  );

  test.each(acks.rangeLists)("ranges $ranges below $ack: $lawful", ({ ack, ranges, lawful }) => {
    expect(areRangesLawful(ranges, ack)).toBe(lawful);
  });

  test.each(acks.fullCounts)("sequence $sequence near $near is $count", ({ sequence, near, count }) => {
    expect(fromSequence(sequence, near)).toBe(count);
  });

  test("round trips", () => {
    const estimator = new RttEstimator();
    for (const { sampleMs, ackDelayMs, ...expected } of acks.roundTrip) {
      estimator.add(sampleMs, ackDelayMs);
      expect(estimator).toMatchObject({
        smoothedMs: expected.smoothedMs,
        variationMs: expected.variationMs,
        peerAckDelayMs: expected.peerAckDelayMs,
      });
      expect(estimator.lostAfterMs(33)).toBe(expected.lostAfterMs);
    }
  });
});
