/**
 * All that one end of a connection knows of its path, in one piece of memory: every packet and every ack asks for
 * most of it, and with a thousand peers it is the places apart that cost time. The first cells are those of each
 * packet and ack, then come those of each loop, then what is asked for now and then.
 *
 * There is one pacer, one path delay and so on for all connections, and `of(cells)` has it work on those of one.
 */
export const BUCKETS = 5;
export const RECENT = 4;
export const LOSS_EPOCHS = 12;

export const PathCell = {
  // Before each packet: CongestionController, Pacer, Drains.
  WindowBytes: 0,
  UnderWayBytes: 1,
  LoopMs: 2,
  DrainUntilMs: 3,
  CreditBytes: 4,
  CreditAtMs: 5,
  // PathDelay: two fastest packets, see there.
  Fastest: 6,
  FastestLarge: 10,
  // AckTracker, RttEstimator and NoticedLoss.
  TickMs: 14,
  TrackedAtMs: 15,
  /** Since when something reliable is under way and nothing was heard. */
  UnheardSinceMs: 16,
  LossRatio: 17,
  NoticedRatio: 18,
  IsLossNoticed: 19,
  /** Infinity before the first sample. */
  SmoothedRttMs: 20,
  RttVariationMs: 21,
  LeastRttMs: 22,
  PeerAckDelayMs: 23,
  // SendWindow.
  IsStarting: 24,
  EmptyLoops: 25,
  // With each ack: CongestionController …
  /** Since when something is under way. */
  WaitingSinceMs: 26,
  LastAckMs: 27,
  OutageUntilMs: 28,
  UpdatedAtMs: 29,
  QueueMs: 30,
  // … Drains …
  DrainSinceMs: 31,
  /** Until then nothing is to be concluded from what comes back: a loop longer than the rate is lower. */
  HeldUntilMs: 32,
  DrainPeriod: 33,
  // … LoopTime …
  OldestAckedMs: 34,
  HasLoop: 35,
  // … DeliveryMeter, since it was measured last …
  DeliveredBytes: 36,
  // … LossExcess, since it was asked last and in this epoch …
  RecentPackets: 37,
  RecentLost: 38,
  EpochPackets: 39,
  EpochLost: 40,
  // … PathDelay.
  BucketAtMs: 41,
  /** How much longer than an empty path the last packet took. */
  ExcessMs: 42,
  NoiseMs: 43,
  HasAnswers: 44,
  NextRecent: 45,
  /** Each answer's excess, and when it came. */
  Recent: 46,
  // With each loop: ForeignDelay …
  ToleratedMs: 54,
  ForeignSmoothMs: 55,
  ForeignFromMs: 56,
  ForeignSinceMs: 57,
  ForeignLoops: 58,
  // … PathChange …
  ChangeQueueMs: 59,
  ChangeRate: 60,
  ChangeSinceMs: 61,
  ChangeLoops: 62,
  // … DeliveryMeter.
  DeliveredPerMs: 63,
  MeasuredAtMs: 64,
  // Now and then: LossExcess …
  UsualLoss: 65,
  DrainPackets: 66,
  DrainLost: 67,
  EpochSinceMs: 68,
  Epochs: 69,
  NextEpoch: 70,
  /** The share lost in each. */
  EpochLosses: 71,
  // … PathDelay.
  Bucket: 83,
  /** Each bucket's least round trip, and the packet's size. */
  Buckets: 84,
  LargeBuckets: 94,
} as const;

/** Not a Float64Array: a list of doubles is two places in memory, that three. */
export type PathCells = number[];

/** All 0, and made of fractions: so engines hold it, and each copy, as doubles from the start. */
export function newDoubles(length: number): number[] {
  const list: number[] = new Array(length).fill(0.5);
  for (let i = 0; i < length; i += 1) list[i] = 0;
  return list;
}

const NEW_CELLS: PathCells = newDoubles(104);

export function newPathCells(): PathCells {
  return NEW_CELLS.slice();
}
