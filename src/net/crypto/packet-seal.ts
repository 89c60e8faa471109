/**
 * Seals the packets of one connection one way and opens those that come the other way, and changes keys as the
 * packets count up.
 *
 *   sending     a new key after `packets` or `ms`, once a packet under the present key was acked
 *   receiving   the next key is tried only for a flipped phase bit on a number above all seen; the former key
 *               opens stragglers for FORMER_KEY_MS
 *
 * Without keys packets travel in clear: for measurement only, and by agreement of both ends.
 */
import { PacketType } from "../wire/packet-type.ts";
import { LastingKey } from "./key-shelf.ts";
import type { PacketCipher, PacketKey } from "./packet-cipher.ts";
import { nextPacketKey } from "./session-keys.ts";
import type { Sodium } from "./sodium.ts";

/** When a sender moves on to its next key. */
export interface RekeyRule {
  readonly packets: number;
  readonly ms: number;
}
export const DEFAULT_REKEY: RekeyRule = { packets: 2 ** 20, ms: 30 * 60_000 };
const FORMER_KEY_MS = 3_000;

export class PacketSeal {
  // What each packet asks for stands first, and together.
  readonly #cipher: PacketCipher;
  #receivePhase: 0 | 1 = 0;
  #receiveKey: LastingKey;
  #sendKey: LastingKey;
  readonly #rule: RekeyRule;
  #sendPhase: 0 | 1 = 0;
  /** First packet under the present sending key, and when it was sent; 0 until there is one. */
  #sendFrom = 0;
  #sendSinceMs = 0;
  #nextReceiveKey: LastingKey;
  /** First packet seen under the present receiving key. */
  #receiveFrom = 0;
  #formerKey: LastingKey | undefined;
  #formerUntilMs = 0;
  #isOver = false;
  readonly #sodium: Sodium;
  /** How often each way changed its key. */
  keyChanges = 0;

  constructor(
    sodium: Sodium,
    cipher: PacketCipher,
    send: PacketKey,
    receive: PacketKey,
    rule: RekeyRule = DEFAULT_REKEY,
  ) {
    this.#sodium = sodium;
    this.#cipher = cipher;
    this.#sendKey = new LastingKey(send.key, send.iv);
    this.#receiveKey = new LastingKey(receive.key, receive.iv);
    this.#nextReceiveKey = this.#nextOf(this.#receiveKey);
    this.#rule = rule;
  }

  /** The type byte of packet `number`, which says under which phase's key it is. Changes the key when it is time. */
  typeOf(number: number, newestAcked: number, nowMs: number): PacketType {
    if (this.#sendFrom === 0) {
      this.#sendFrom = number;
      this.#sendSinceMs = nowMs;
    }
    const isWorn =
      number - this.#sendFrom >= this.#rule.packets || nowMs - this.#sendSinceMs >= this.#rule.ms;
    // The peer has shown that it follows: only then may there be another change.
    if (isWorn && newestAcked >= this.#sendFrom) {
      const next = this.#nextOf(this.#sendKey);
      this.#sendKey.letGo();
      this.#sendKey = next;
      this.#sendPhase = this.#sendPhase === 0 ? 1 : 0;
      this.#sendFrom = number;
      this.#sendSinceMs = nowMs;
      this.keyChanges += 1;
    }
    return this.#sendPhase === 0 ? PacketType.Data : PacketType.DataOdd;
  }

  /** Closes the packet `bytes[0 … bodyEnd)` in place, a whole slot, and returns its whole length. */
  seal(bytes: Uint8Array, headerEnd: number, bodyEnd: number, number: number): number {
    return this.#cipher.seal(bytes, headerEnd, bodyEnd, this.#sendKey, number);
  }

  /** The memory that `open` opens into. */
  get opened(): Uint8Array {
    return this.#cipher.opened;
  }

  /** Opens the packet into `opened` and returns where its body ends there, or -1 for a forgery. */
  open(bytes: Uint8Array, headerEnd: number, number: number, newest: number, nowMs: number): number {
    const phase = bytes[0] === PacketType.Data ? 0 : 1;
    if (phase === this.#receivePhase) return this.#cipher.open(bytes, headerEnd, this.#receiveKey, number);
    if (number < this.#receiveFrom) {
      if (this.#formerKey === undefined || nowMs > this.#formerUntilMs) return -1;
      return this.#cipher.open(bytes, headerEnd, this.#formerKey, number);
    }
    if (number <= newest) return -1;
    const bodyEnd = this.#cipher.open(bytes, headerEnd, this.#nextReceiveKey, number);
    if (bodyEnd < 0) return -1;
    this.#formerKey?.letGo();
    this.#formerKey = this.#receiveKey;
    this.#formerUntilMs = nowMs + FORMER_KEY_MS;
    this.#receiveKey = this.#nextReceiveKey;
    this.#nextReceiveKey = this.#nextOf(this.#receiveKey);
    this.#receivePhase = phase;
    this.#receiveFrom = number;
    this.keyChanges += 1;
    return bodyEnd;
  }

  /** The connection is over: no key stays where the cipher works. A goodbye may still be sealed. */
  end(): void {
    this.#isOver = true;
    this.#sendKey.letGo();
    this.#receiveKey.letGo();
    this.#nextReceiveKey.letGo();
    this.#formerKey?.letGo();
  }

  #nextOf(key: LastingKey): LastingKey {
    const next = nextPacketKey(this.#sodium, key);
    const lasting = new LastingKey(next.key, next.iv);
    if (this.#isOver) lasting.letGo();
    return lasting;
  }
}
