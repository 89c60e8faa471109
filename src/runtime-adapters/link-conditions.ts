/** How a simulated way from one address to another treats datagrams. What is left out is none. */
export interface LinkConditions {
  /** How many of a hundred vanish. 100 is a blackout. */
  readonly lossPercent: number;
  /**
   * How long the way is broken on average, when it is: `lossPercent` of all time is lost in such bursts, whose lengths
   * are exponential. 0: each datagram is lost, or not, by itself.
   */
  readonly burstMs: number;
  /** One way. */
  readonly latencyMs: number;
  /** Each takes up to this much longer. It is a queue's jitter: those behind wait, and order is kept. */
  readonly jitterMs: number;
  /**
   * The way itself takes up to this much longer, more and less by turns, as the queues of a shared medium grow and
   * shrink. Unlike jitter it does not depend on how densely one sends. Order is kept.
   */
  readonly swingMs: number;
  /** How many of a hundred arrive twice. */
  readonly duplicatePercent: number;
  /** How many of a hundred take a detour of 55 to 110 ms, so that the next tick's datagram arrives first. */
  readonly reorderPercent: number;
  /** How many of a hundred arrive with one byte changed. */
  readonly corruptPercent: number;
  /** What the narrowest place of the way carries, IP and UDP headers counted; Infinity for no such place. */
  readonly bandwidthKbps: number;
  /** How much waits before that place, in time at its rate, but at least 3,000 bytes. What does not fit is dropped. */
  readonly bufferMs: number;
  /** Ways that name the same one share its queue; "" is one of its own. They must agree on the two above. */
  readonly bottleneck: string;
}

export const PERFECT_LINK: LinkConditions = {
  lossPercent: 0,
  burstMs: 0,
  latencyMs: 0,
  jitterMs: 0,
  swingMs: 0,
  duplicatePercent: 0,
  reorderPercent: 0,
  corruptPercent: 0,
  bandwidthKbps: Number.POSITIVE_INFINITY,
  bufferMs: 300,
  bottleneck: "",
};
