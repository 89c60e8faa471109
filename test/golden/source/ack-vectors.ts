import { fromSequence } from "../../../src/net/bytes/sequence.ts";
import { ReceivedPackets } from "../../../src/net/channel/received-packets.ts";
import { RttEstimator } from "../../../src/net/channel/rtt-estimator.ts";
import { seeded } from "../../net/endpoint/rig.ts";

type Runs = readonly (readonly [first: number, last: number])[];

/** What arrived before the former ack left, and after. */
const ARRIVALS: readonly [before: Runs, after: Runs][] = [
  [[], []],
  [[], [[1, 1]]],
  [
    [],
    [
      [1, 3],
      [5, 6],
      [9, 9],
    ],
  ],
  [[], [[1, 24]]],
  [[], [[1, 25]]],
  [
    [],
    [
      [1, 1],
      [10, 37],
      [39, 40],
    ],
  ],
  [[[1, 50]], [[51, 100]]],
  [
    [[1, 50]],
    [
      [51, 59],
      [64, 100],
    ],
  ],
  [
    [
      [1, 20],
      [40, 50],
    ],
    [[60, 80]],
  ],
  [[], [[2_000, 2_000]]],
  [
    [[1, 10]],
    [
      [900, 905],
      [3_000, 3_040],
    ],
  ],
  [[], Array.from({ length: 100 }, (_, i) => [2 * i + 1, 2 * i + 1] as const)],
  [[], [[65_530, 65_540]]],
];

export function ackVectors(): object {
  return {
    acks: ARRIVALS.map(([before, after]) => {
      const received = new ReceivedPackets();
      take(received, before);
      received.acked();
      const formerAck = received.newest;
      take(received, after);
      const { newest, wantsRanges } = received;
      return {
        ...{ before, formerAck, after },
        ...{ ack: newest % 65_536, ackMissing: received.missingBits() },
        ranges: wantsRanges ? received.ranges() : null,
      };
    }),
    rangeLists: [
      { ack: 10, ranges: [10], lawful: true },
      { ack: 10, ranges: [11], lawful: false },
      { ack: 10, ranges: [1], lawful: true },
      { ack: 10, ranges: [], lawful: false },
      { ack: 10, ranges: [0], lawful: false },
      { ack: 10, ranges: [1, 1], lawful: false },
      { ack: 10, ranges: [1, 1, 1], lawful: true },
      { ack: 10, ranges: [1, 0, 1], lawful: false },
      { ack: 10, ranges: [4, 3, 3], lawful: true },
      { ack: 10, ranges: [4, 3, 4], lawful: false },
      { ack: 5_000, ranges: [1_024], lawful: true },
      { ack: 5_000, ranges: [1_025], lawful: false },
      { ack: 5_000, ranges: [500, 24, 500], lawful: true },
      { ack: 5_000, ranges: [500, 25, 500], lawful: false },
      { ack: 5_000, ranges: Array(63).fill(1), lawful: true },
      { ack: 5_000, ranges: Array(65).fill(1), lawful: false },
    ],
    fullCounts: [
      [0, 0],
      [1, 0],
      [32_768, 0],
      [32_769, 0],
      [65_535, 0],
      [0, 65_535],
      [0, 65_536],
      [65_535, 65_536],
      [0, 32_768],
      [65_535, 98_303],
      [5, 1_000_000],
      [32_768, 2 ** 40],
    ].map(([sequence, near]) => ({ sequence, near, count: fromSequence(sequence!, near!) })),
    roundTrip: roundTrip(),
  };
}

function take(received: ReceivedPackets, runs: Runs): void {
  for (const [first, last] of runs) {
    for (let number = first; number <= last; number += 1) received.add(number, 0, true);
  }
}

function roundTrip(): object[] {
  const random = seeded(103);
  const estimator = new RttEstimator();
  return Array.from({ length: 12 }, () => {
    const sampleMs = 40 + Math.floor(random() * 60);
    const ackDelayMs = Math.floor(random() * 40);
    estimator.add(sampleMs, ackDelayMs);
    const { smoothedMs, variationMs, peerAckDelayMs } = estimator;
    return {
      sampleMs,
      ackDelayMs,
      smoothedMs,
      variationMs,
      peerAckDelayMs,
      lostAfterMs: estimator.lostAfterMs(33),
    };
  });
}
