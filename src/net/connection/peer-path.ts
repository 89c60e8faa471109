/**
 * Where a peer is, and the one address that is being asked whether it can be reached there now.
 *
 *   the highest packet so far comes from elsewhere → PATH_CHALLENGE goes there, again with back-off
 *   PATH_RESPONSE with the same bytes comes from there → that is the path now
 *   the highest packet so far comes by the present path, or the time is over → all stays as it was
 *
 * A forwarded copy of a packet is no higher than the packet, so it moves nothing; one that overtakes its packet costs
 * a small challenge, which the true peer's next packet takes back (RFC 9000 §9.3).
 */
import { type PeerAddress, sameAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { PATH_DATA_BYTES } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A challenge that gets no answer goes out again, each time after twice as long. */
const PATH_RETRY_MS = 200;
/** An address that has not answered by then is given up. */
const PATH_TIMEOUT_MS = 3_000;
/** Addresses asked in a row: someone on the way may make packets seem to come from many. */
const PATHS_PER_SECOND = 1;
const PATHS_AT_ONCE = 4;
/** Packets from elsewhere that are worth an attempt to open them, per connection. */
const FOREIGN_PER_SECOND = 256;
const FOREIGN_AT_ONCE = 256;
/** Bytes sent to an unproven address are at most so many times those received from it (RFC 9000 §8). */
const MAX_AMPLIFICATION = 3;
/** No packet with a challenge alone is longer. */
const MAX_CHALLENGE_BYTES = 64;

export interface PendingPath {
  readonly address: PeerAddress;
  readonly data: Uint8Array;
}

interface Asked extends PendingPath {
  readonly sinceMs: number;
  receivedBytes: number;
  sentBytes: number;
  nextAtMs: number;
  waitMs: number;
}

export type PathOptions = Pick<ConnectionOptions<never>, "address" | "random" | "counters">;

export class PeerPath {
  readonly #random: RandomBytes | undefined;
  readonly #counters: NetCounters;
  readonly #paths = new TokenBucket(PATHS_PER_SECOND, PATHS_AT_ONCE);
  readonly #foreign = new TokenBucket(FOREIGN_PER_SECOND, FOREIGN_AT_ONCE);
  #address: PeerAddress;
  #asked: Asked | undefined;

  /** Without `random` the peer stays where it is. */
  constructor({ address, random, counters }: PathOptions) {
    this.#address = address;
    this.#random = random;
    this.#counters = counters;
  }

  /** Where the peer is. */
  get address(): PeerAddress {
    return this.#address;
  }

  /** True, and paid for, when one more packet from elsewhere may be tried. */
  mayOpen(nowMs: number): boolean {
    return this.#random !== undefined && this.#foreign.take(1, nowMs);
  }

  /** Notes an accepted packet of `bytes`. `isNewest`: no higher number came before. True while an address is asked. */
  heard(from: PeerAddress, isNewest: boolean, bytes: number, nowMs: number): boolean {
    this.#note(from, isNewest, bytes, nowMs);
    return this.#asked !== undefined;
  }

  #note(from: PeerAddress, isNewest: boolean, bytes: number, nowMs: number): void {
    const asked = this.#asked;
    if (sameAddress(from, this.#address)) {
      // It is still where it was.
      if (isNewest) this.#asked = undefined;
      return;
    }
    if (asked !== undefined && sameAddress(asked.address, from)) {
      asked.receivedBytes += bytes;
      return;
    }
    if (!isNewest || this.#random === undefined || !this.#paths.take(1, nowMs)) return;
    const data = new Uint8Array(PATH_DATA_BYTES);
    this.#random(data);
    this.#asked = {
      ...{ address: from, data, sinceMs: nowMs, nextAtMs: nowMs, waitMs: PATH_RETRY_MS },
      ...{ receivedBytes: bytes, sentBytes: 0 },
    };
    this.#counters.pathsAsked += 1;
  }

  /** Where a challenge has to go now, if anywhere. */
  due(nowMs: number): PendingPath | undefined {
    const asked = this.#asked;
    if (asked === undefined) return undefined;
    if (nowMs - asked.sinceMs > PATH_TIMEOUT_MS) {
      this.#asked = undefined;
      return undefined;
    }
    const mayCost = asked.sentBytes + MAX_CHALLENGE_BYTES <= MAX_AMPLIFICATION * asked.receivedBytes;
    return mayCost && nowMs >= asked.nextAtMs ? asked : undefined;
  }

  /** A challenge left, in a packet of `bytes`. */
  sent(bytes: number, nowMs: number): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    asked.sentBytes += bytes;
    asked.nextAtMs = nowMs + asked.waitMs;
    asked.waitMs *= 2;
  }

  /** Takes the answer `bytes[start … start + 8)`. What changed when it proves that the peer has moved, or undefined. */
  answered(from: PeerAddress, bytes: Uint8Array, start: number): "host" | "port" | undefined {
    const asked = this.#asked;
    const isProof =
      asked !== undefined &&
      sameAddress(asked.address, from) &&
      asked.data.every((byte, i) => byte === bytes[start + i]);
    if (!isProof) {
      this.#counters.pathAnswersIgnored += 1;
      return undefined;
    }
    const { host } = this.#address;
    this.#counters.pathsProven += 1;
    this.#address = asked.address;
    this.#asked = undefined;
    return asked.address.host === host ? "port" : "host";
  }
}
