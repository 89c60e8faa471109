import type { WayCounters } from "../../src/runtime-adapters/link-way.ts";
import type { LateMs } from "./lateness.ts";

/**
 * What happened to the datagrams of one direction, of all clients together. All are accounted for: received +
 * duplicated = forwarded + lost + queueDropped + refused + unsent + those under way.
 */
export interface DirectionCounters extends WayCounters {
  received: number;
  receivedBytes: number;
  /** Given to the system, which took them. */
  forwarded: number;
  /** Of all that were given to the system. */
  forwardedBytes: number;
  /** Not the link's doing but the proxy's: too long for it, too many under way, no client or no socket left. */
  refused: number;
  /** The system did not take them, or told later that they went nowhere. */
  unsent: number;
}

export interface ProxyCounters {
  readonly up: Readonly<DirectionCounters>;
  readonly down: Readonly<DirectionCounters>;
  /** Addresses that have a link at the moment. */
  readonly clients: number;
  /** Datagrams, both ways. */
  readonly underWay: number;
  /** How late the proxy itself was: with datagrams, and with looking at its clock when there were none. */
  readonly lateMs: LateMs;
}

export function newDirectionCounters(): DirectionCounters {
  return {
    ...{ received: 0, receivedBytes: 0, forwarded: 0, forwardedBytes: 0, refused: 0, unsent: 0 },
    ...{ lost: 0, queueDropped: 0, duplicated: 0, reordered: 0, corrupted: 0 },
  };
}

export function countArrival(counters: DirectionCounters, bytes: Uint8Array): void {
  counters.received += 1;
  counters.receivedBytes += bytes.length;
}

/** The system did not send so many of those that it was given. */
export function takeBack(counters: DirectionCounters, datagrams: number): void {
  counters.forwarded -= datagrams;
  counters.unsent += datagrams;
}
