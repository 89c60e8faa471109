import { cutText } from "../bytes/cut-text.ts";
import { type DisconnectReason, reasonCode } from "../wire/disconnect-reason.ts";
import { MAX_DETAIL_BYTES } from "../wire/limits.ts";

/** A goodbye is not acked, so it is said often enough for 30 % loss to swallow it once in 4,000 times. */
const GOODBYES = 7;
const GOODBYE_INTERVAL_MS = 20;

/** Why we leave, and how often it has still to be said. */
export class Goodbye {
  /** As on the wire. */
  readonly reason: number;
  readonly detail: string;
  #left = GOODBYES;
  #nextAtMs = 0;

  constructor(reason: DisconnectReason, detail: string) {
    this.reason = reasonCode(reason);
    // Games write details, and the peer would refuse a longer one together with the reason.
    this.detail = cutText(detail, MAX_DETAIL_BYTES);
  }

  isDue(nowMs: number): boolean {
    return this.#left > 0 && nowMs >= this.#nextAtMs;
  }

  /** Notes that it was said. True when that was the last time. */
  said(nowMs: number): boolean {
    this.#left -= 1;
    this.#nextAtMs = nowMs + GOODBYE_INTERVAL_MS;
    return this.#left === 0;
  }
}
