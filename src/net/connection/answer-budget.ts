import type { PeerAddress } from "../ports/peer-address.ts";
import { AddressBudgets } from "./address-budgets.ts";
import { TokenBucket } from "./token-bucket.ts";

/** How many packets of strangers are worth an answer. */
export interface HandshakeLimits {
  /** Per address (of IPv6 per /64). */
  readonly perAddressPerSecond: number;
  readonly perAddressAtOnce: number;
  /** From all addresses together. */
  readonly perSecond: number;
  readonly atOnce: number;
}

/** One kind of answer: what an address may ask for, and what all may together. */
export class AnswerBudget {
  readonly #addresses: AddressBudgets;
  readonly #all: TokenBucket;

  /** `secret` decides which addresses share a slot. */
  constructor(limits: HandshakeLimits, secret: number) {
    const { perAddressPerSecond, perAddressAtOnce, perSecond, atOnce } = limits;
    this.#addresses = new AddressBudgets(perAddressPerSecond, perAddressAtOnce, secret);
    this.#all = new TokenBucket(perSecond, atOnce);
  }

  /** True, and paid for, when the address may be answered once more. */
  take(from: PeerAddress, nowMs: number): boolean {
    return this.#addresses.take(from, nowMs) && this.#all.take(1, nowMs);
  }
}
