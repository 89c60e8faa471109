import type { PeerAddress } from "./net/ports/peer-address.ts";

/** What a kernel keeps for a program that does not read. */
const MAX_WAITING_DATAGRAMS = 256;

/** Takes what had waited in the socket of a program. */
export type TakeDatagram = (who: object, bytes: Uint8Array, from: PeerAddress) => void;

interface Frozen {
  readonly untilMs: number;
  readonly waiting: { readonly bytes: Uint8Array; readonly from: PeerAddress }[];
}

/** Programs that do nothing for a while, and what their sockets have received meanwhile. */
export class Freezer {
  readonly #frozen = new Map<object, Frozen>();

  freeze(who: object, untilMs: number): void {
    this.#frozen.set(who, { untilMs, waiting: [] });
  }

  has(who: object): boolean {
    return this.#frozen.has(who);
  }

  /** It does not exist any more. */
  forget(who: object): void {
    this.#frozen.delete(who);
  }

  /** When the next of them goes on. */
  get dueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const { untilMs } of this.#frozen.values()) dueMs = Math.min(dueMs, untilMs);
    return dueMs;
  }

  /** True when the datagram waits in the socket of a program that does nothing. */
  keeps(who: object, bytes: Uint8Array, from: PeerAddress): boolean {
    const frozen = this.#frozen.get(who);
    if (frozen === undefined) return false;
    if (frozen.waiting.length < MAX_WAITING_DATAGRAMS) frozen.waiting.push({ bytes: bytes.slice(), from });
    return true;
  }

  /** Whoever was frozen long enough reads what has waited. */
  thaw(nowMs: number, take: TakeDatagram): void {
    for (const [who, { untilMs, waiting }] of this.#frozen) {
      if (untilMs > nowMs) continue;
      this.#frozen.delete(who);
      for (const { bytes, from } of waiting) take(who, bytes, from);
    }
  }
}
