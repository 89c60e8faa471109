import type { Connection } from "./connection.ts";

/** What a connection knows of its way to the peer; times in milliseconds, rates with IP and UDP headers. */
export function linkQualityOf({ acks, congestion }: Connection) {
  return {
    rttMs: acks.rtt.smoothedMs,
    jitterMs: acks.rtt.variationMs,
    lossRatio: acks.lossRatio,
    queueingDelayMs: congestion.queueingDelayMs,
    bytesPerSecond: congestion.bytesPerSecond,
    deliveredBytesPerSecond: congestion.deliveredBytesPerSecond,
  };
}
