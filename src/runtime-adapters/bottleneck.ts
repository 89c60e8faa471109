import { IP_UDP_HEADER_BYTES } from "../net/bytes/datagram-limit.ts";
import type { PeerAddress } from "../net/ports/peer-address.ts";
import type { LinkConditions } from "./link-conditions.ts";

/** Two full datagrams and a bit: even the meanest router holds so much. */
export const LEAST_BUFFER_BYTES = 3_000;

/** Told of each datagram that came to a bottleneck: how long it waits there, or -1 if it was dropped. */
export type WatchQueue = (to: PeerAddress, bytes: number, waitMs: number) => void;

/** The narrowest place of a way: sends one datagram after the other and drops what its buffer has no room for. */
export class Bottleneck {
  /** When the last datagram taken has left. */
  #freeAtMs = 0;

  /** How long a datagram that comes now waits for those before it, its own sending left out. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#freeAtMs - nowMs);
  }

  /** When a datagram of `length` bytes that comes now has left, or -1 if it is dropped. */
  pass(length: number, { bandwidthKbps, bufferMs }: LinkConditions, nowMs: number): number {
    const bytesPerMs = bandwidthKbps / 8;
    const bytes = length + IP_UDP_HEADER_BYTES;
    const waitMs = this.waitMs(nowMs);
    if (waitMs * bytesPerMs + bytes > Math.max(LEAST_BUFFER_BYTES, bufferMs * bytesPerMs)) return -1;
    this.#freeAtMs = nowMs + waitMs + bytes / bytesPerMs;
    return this.#freeAtMs;
  }
}
