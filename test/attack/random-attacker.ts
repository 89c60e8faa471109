import { createSocket, type Socket } from "node:dgram";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { writeHello } from "../../src/net/wire/handshake-packets.ts";
import { HELLO_BYTES } from "../../src/net/wire/limits.ts";

const MAX_BYTES = 1_500;
/** Nothing UDP carries is longer, and a few are as long. */
const LONGEST_BYTES = 65_507;
const FIRST_TYPE = 0x04;
const LAST_TYPE = 0x09;
/** So many sockets, so that they come from different ports. */
const SOCKETS = 16;
/** What a server that looks at its socket only every 5 ms or so can keep in a small receive buffer. */
const BURST = 20;
const PAUSE_MS = 2;

/** Sends random datagrams, a good half of which begin like ours. The same seed sends the same bytes. */
export class RandomAttacker {
  /** Datagrams that the kernel took. */
  sent = 0;
  readonly failures: Error[] = [];
  readonly #chance: SeededRandom;
  readonly #port: number;
  readonly #sockets: Socket[] = [];
  readonly #hello = new Uint8Array(HELLO_BYTES);

  constructor(seed: number, port: number) {
    this.#chance = new SeededRandom(seed);
    this.#port = port;
  }

  async open(): Promise<this> {
    for (let i = 0; i < SOCKETS; i += 1) {
      const socket = createSocket("udp4");
      // Who was answered does not listen.
      socket.on("message", () => {});
      await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
      this.#sockets.push(socket);
    }
    return this;
  }

  async send(count: number): Promise<void> {
    for (let burst = 0; burst < count; burst += BURST) {
      await this.blast(Math.min(BURST, count - burst));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** All at once. */
  async blast(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#sendOne()));
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #sendOne(): Promise<void> {
    const bytes = this.#datagram();
    const socket = this.#sockets[this.#below(SOCKETS)]!;
    return new Promise((resolve) => {
      socket.send(bytes, this.#port, "127.0.0.1", (error) => {
        if (error === null) this.sent += 1;
        else this.failures.push(error);
        resolve();
      });
    });
  }

  #datagram(): Uint8Array {
    const kind = this.#below(100);
    if (kind < 2) return new Uint8Array(0);
    if (kind < 3) return this.#random(MAX_BYTES + this.#below(LONGEST_BYTES - MAX_BYTES + 1));
    if (kind < 45) return this.#random(this.#below(MAX_BYTES + 1));
    if (kind < 80) return this.#typed(1 + this.#below(MAX_BYTES));
    if (kind < 85) return this.#typed(1 + this.#below(8));
    // What is really a HELLO: cut off, spoiled, or with something behind it.
    const hello = this.#spoiledHello();
    return kind < 90 ? hello.subarray(0, this.#below(HELLO_BYTES)) : hello;
  }

  #typed(length: number): Uint8Array {
    const bytes = this.#random(length);
    bytes[0] = FIRST_TYPE + this.#below(LAST_TYPE - FIRST_TYPE + 1);
    return bytes;
  }

  #spoiledHello(): Uint8Array {
    const writer = new MsgpackWriter().reset(this.#hello);
    writeHello(writer, {
      minVersion: 1,
      maxVersion: 1,
      definitionHash: this.#random(32),
      clientRandom: this.#random(16),
      clientKey: this.#random(32),
    });
    const bytes = this.#hello.slice();
    for (let i = this.#below(4); i > 0; i -= 1) bytes[this.#below(64)] = this.#below(256);
    return bytes;
  }

  #random(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#chance.fill(bytes);
    return bytes;
  }

  #below(limit: number): number {
    return Math.floor(this.#chance.next() * limit);
  }
}
