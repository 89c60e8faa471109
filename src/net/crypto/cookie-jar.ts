/**
 * Proof that a client receives what is sent to its address, without remembering the client.
 *
 *   cookie = BLAKE2b-16(key = secret of the epoch, HELLO fields ‖ issuedAtMs ‖ host ‖ port)
 *
 * The secret of an epoch is drawn when it is first needed; the former one still counts, so that a cookie issued
 * just before a change of epoch lives out its time.
 */
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { type Hello, writeHelloFields } from "../wire/handshake-packets.ts";
import { COOKIE_BYTES } from "../wire/limits.ts";
import type { Sodium } from "./sodium.ts";

/** Long enough for a round trip and two lost packets, short enough to be worthless to a thief. */
export const COOKIE_LIFETIME_MS = 5_000;
const EPOCH_MS = 30_000;
const SECRET_BYTES = 32;

export class CookieJar {
  readonly #sodium: Sodium;
  readonly #random: RandomBytes;
  readonly #scratch = new Uint8Array(256);
  readonly #writer = new MsgpackWriter();
  #epoch = -1;
  #secret = new Uint8Array(SECRET_BYTES);
  #formerSecret = new Uint8Array(SECRET_BYTES);

  constructor(sodium: Sodium, random: RandomBytes) {
    this.#sodium = sodium;
    this.#random = random;
    random(this.#secret);
    random(this.#formerSecret);
  }

  issue(hello: Hello, from: PeerAddress, issuedAtMs: number): Uint8Array {
    this.#turnTo(Math.floor(issuedAtMs / EPOCH_MS));
    return this.#cookie(hello, from, issuedAtMs, this.#secret);
  }

  check(
    hello: Hello,
    from: PeerAddress,
    issuedAtMs: number,
    cookie: Uint8Array,
    nowMs: number,
  ): "good" | "expired" | "forged" {
    if (issuedAtMs > nowMs) return "forged";
    if (nowMs - issuedAtMs > COOKIE_LIFETIME_MS) return "expired";
    this.#turnTo(Math.floor(nowMs / EPOCH_MS));
    const age = this.#epoch - Math.floor(issuedAtMs / EPOCH_MS);
    const secret = age === 0 ? this.#secret : this.#formerSecret;
    return this.#sodium.equal(this.#cookie(hello, from, issuedAtMs, secret), cookie) ? "good" : "forged";
  }

  #turnTo(epoch: number): void {
    if (epoch === this.#epoch) return;
    // After a pause of more than an epoch both secrets are stale, and no living cookie was made with them.
    this.#formerSecret = this.#secret;
    this.#secret = new Uint8Array(SECRET_BYTES);
    this.#random(this.#secret);
    this.#epoch = epoch;
  }

  #cookie(hello: Hello, from: PeerAddress, issuedAtMs: number, secret: Uint8Array): Uint8Array {
    const writer = this.#writer.reset(this.#scratch);
    writeHelloFields(writer, hello);
    writer.int(issuedAtMs);
    writer.text(from.host);
    writer.int(from.port);
    return this.#sodium.hash(COOKIE_BYTES, this.#scratch.subarray(0, writer.at), secret);
  }
}
