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
  #newMessages = 0;
  #newBytes = 0;
  #newErrors = 0;
  readonly #bytes: TokenBucket;
  readonly #limits: PeerLimits;
  /** Made for the first message, and the first error: till then they are full. */
  #messages: TokenBucket | undefined;
  #errors: TokenBucket | undefined;

  constructor(limits: PeerLimits) {
    this.#limits = limits;
    this.#bytes = new TokenBucket(limits.bytesPerSecond, limits.bytesAtOnce);
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
      (this.#newMessages > 0 && !this.#messageBucket().take(this.#newMessages, nowMs)) ||
      !this.#bytes.take(this.#newBytes, nowMs);
    const isBroken = this.#newErrors > 0 && !this.#errorBucket().take(this.#newErrors, nowMs);
    this.#newMessages = 0;
    this.#newBytes = 0;
    this.#newErrors = 0;
    return isBroken ? "protocol-error" : isFlood ? "flooding" : undefined;
  }

  #messageBucket(): TokenBucket {
    const { messagesPerSecond, messagesAtOnce } = this.#limits;
    this.#messages ??= new TokenBucket(messagesPerSecond, messagesAtOnce);
    return this.#messages;
  }

  #errorBucket(): TokenBucket {
    const { parseErrorsPerMinute } = this.#limits;
    this.#errors ??= new TokenBucket(parseErrorsPerMinute / 60, parseErrorsPerMinute);
    return this.#errors;
  }
}
