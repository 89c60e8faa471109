/**
 * Bun's truths (`Bun.udpSocket`):
 *   - `sendMany` is one system call for the batch, and stops at the first datagram the kernel refuses; the
 *     error is thrown by the next call, at its first datagram
 *   - it asks the kernel for ICMP errors (IP_RECVERR), so that a dead peer fails the next send to anyone:
 *     taken back where we can, survived where we cannot
 *   - a bad port or host anywhere in the list throws before anything is sent
 *   - without an `error` handler it prints every error
 *   - bytes are taken inside the call; a received datagram is fresh memory
 *   - a socket bound to `::` hears IPv4 too, and sends to plain IPv4 spellings
 */
import type { DatagramSocket, OpenDatagramSocket } from "../net/ports/datagram-socket.ts";
import type { Outbox } from "../net/ports/outbox.ts";
import type { PeerAddress } from "../net/ports/peer-address.ts";

import { bunLibc } from "./bun-libc.ts";
import { EventRelay } from "./event-relay.ts";
import { bindError, checkBind, errorKind } from "./socket-errors.ts";
import { grownReceiveBuffer, ignoreIcmpErrors } from "./socket-options.ts";

type BunDatagrams = (Uint8Array | number | string)[];

interface BunUdpSocket {
  readonly hostname: string;
  readonly port: number;
  readonly fd: number;
  send(bytes: Uint8Array, port: number, host: string): boolean;
  sendMany(datagrams: BunDatagrams): number;
  close(): void;
}

interface BunUdpOptions {
  hostname: string;
  port: number;
  binaryType: "uint8array";
  socket: {
    data(socket: BunUdpSocket, bytes: Uint8Array, port: number, host: string): void;
    error(error: Error): void;
  };
}

interface BunGlobal {
  readonly Bun: { udpSocket(options: BunUdpOptions): Promise<BunUdpSocket> };
}

// ── Opening ────────────────────────────────────────────────────────────────────────────────────────────────

export const openBunSocket: OpenDatagramSocket = async (bind, events) => {
  checkBind(bind);
  const relay = new EventRelay(events);
  let socket: BunUdpSocket;
  try {
    socket = await (globalThis as unknown as BunGlobal).Bun.udpSocket({
      hostname: bind.host,
      port: bind.port,
      binaryType: "uint8array",
      socket: {
        data: (_socket, bytes, port, host) => relay.datagram(bytes, host, port),
        error: (error) => relay.socketFailed(error),
      },
    });
  } catch (error) {
    throw bindError(error, bind);
  }
  ignoreIcmpErrors(bunLibc(), socket.fd);
  return new BunSocket(socket, relay, grownReceiveBuffer(bunLibc(), socket.fd, bind.receiveBufferBytes));
};

// ── The socket ─────────────────────────────────────────────────────────────────────────────────────────────

class BunSocket implements DatagramSocket {
  readonly address: PeerAddress;
  readonly receiveBufferBytes: number | undefined;
  readonly #socket: BunUdpSocket;
  readonly #relay: EventRelay;
  /** Bytes, port and host of each datagram in turn, as `sendMany` wants them. */
  readonly #list: BunDatagrams = [];

  constructor(socket: BunUdpSocket, relay: EventRelay, receiveBufferBytes: number | undefined) {
    this.address = { host: socket.hostname, port: socket.port };
    this.receiveBufferBytes = receiveBufferBytes;
    this.#socket = socket;
    this.#relay = relay;
  }

  sendMany(outbox: Outbox): number {
    if (this.#relay.closed) return 0;
    this.#listFrom(outbox);
    let taken = 0;
    let index = 0;
    while (index < outbox.length) {
      const batch = this.#sendFrom(index);
      if (batch === 0) break;
      // The batch failed at its first datagram: that one alone, and on with the others.
      if (batch === undefined) {
        if (this.#sendOne(outbox, index)) taken += 1;
        index += 1;
      } else {
        taken += batch;
        index += batch;
      }
    }
    this.#list.length = 0;
    this.#relay.dropped("buffer-full", "The kernel's send buffer is full", outbox.length - index);
    return taken;
  }

  close(): Promise<void> {
    this.#relay.closed = true;
    this.#socket.close();
    return Promise.resolve();
  }

  #listFrom(outbox: Outbox): void {
    for (let i = 0; i < outbox.length; i += 1) {
      const to = outbox.addressOf(i);
      this.#list.push(outbox.bytesOf(i).subarray(0, outbox.lengthOf(i)), to.port, to.host);
    }
  }

  /** How many the kernel took of the list from `index` on; undefined when the first one failed. */
  #sendFrom(index: number): number | undefined {
    try {
      return this.#socket.sendMany(index === 0 ? this.#list : this.#list.slice(index * 3));
    } catch {
      return undefined;
    }
  }

  #sendOne(outbox: Outbox, index: number, isRetry = false): boolean {
    const to = outbox.addressOf(index);
    try {
      if (this.#socket.send(outbox.bytesOf(index).subarray(0, outbox.lengthOf(index)), to.port, to.host))
        return true;
      this.#relay.dropped("buffer-full", "The kernel's send buffer is full", 1);
      return false;
    } catch (error) {
      // Late news of another peer's ICMP error, told once: this datagram has not been tried yet.
      if (!isRetry && errorKind(error) === "unreachable") return this.#sendOne(outbox, index, true);
      this.#relay.sendFailed(error);
      return false;
    }
  }
}
