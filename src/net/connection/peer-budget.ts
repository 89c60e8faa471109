import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What a server lets one peer do. Rates are averages; the bursts allow for what a good client does at once. */
export interface PeerLimits {
  readonly messagesPerSecond: number;
  readonly messagesAtOnce: number;
  readonly bytesPerSecond: number;
  readonly bytesAtOnce: number;
  /** Packets that opened and did not decode, per minute. A good client sends none; a bug should not look like an attack. */
  readonly parseErrorsPerMinute: number;
}

export const DEFAULT_PEER_LIMITS: PeerLimits = {
  messagesPerSecond: 500,
  // What a full send queue of ours may hold.
  messagesAtOnce: 5_000,
  bytesPerSecond: 256 * 1024,
  bytesAtOnce: 1024 * 1024,
  parseErrorsPerMinute: 8,
};

/** Keeps one peer's account while a packet is taken, and says afterwards whether it is overdrawn. */
export class PeerBudget {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #errors: TokenBucket;
  #newMessages = 0;
  #newBytes = 0;
  #newErrors = 0;

  constructor(limits: PeerLimits) {
    this.#messages = new TokenBucket(limits.messagesPerSecond, limits.messagesAtOnce);
    this.#bytes = new TokenBucket(limits.bytesPerSecond, limits.bytesAtOnce);
    this.#errors = new TokenBucket(limits.parseErrorsPerMinute / 60, limits.parseErrorsPerMinute);
  }

  packet(bytes: number): void {
    this.#newBytes += bytes;
  }

  message(): void {
    this.#newMessages += 1;
  }

  parseError(): void {
    this.#newErrors += 1;
  }

  /** Settles what came since the last call. The reason to end the connection, if it was too much. */
  overdrawn(nowMs: number): DisconnectReason | undefined {
    const isFlood =
      (this.#newMessages > 0 && !this.#messages.take(this.#newMessages, nowMs)) ||
      !this.#bytes.take(this.#newBytes, nowMs);
    const isBroken = this.#newErrors > 0 && !this.#errors.take(this.#newErrors, nowMs);
    this.#newMessages = 0;
    this.#newBytes = 0;
    this.#newErrors = 0;
    return isBroken ? "protocol-error" : isFlood ? "flooding" : undefined;
  }
}
