import type { DatagramEvents, SocketErrorKind } from "../net/ports/datagram-socket.ts";
import { AddressCache } from "./address-cache.ts";
import { errorDetail, errorKind } from "./socket-errors.ts";

/**
 * Carries what a runtime says to the socket's owner, the same way for every adapter: addresses are interned,
 * errors folded, drops counted, and nothing passes once `closed`.
 *
 * What the owner itself throws becomes an uncaught exception of the process, and the socket goes on. Left to
 * the runtimes, Bun would call it a socket error, and Deno's receiving would end for good.
 */
export class EventRelay {
  closed = false;
  readonly #events: DatagramEvents;
  readonly #addresses = new AddressCache();

  constructor(events: DatagramEvents) {
    this.#events = events;
  }

  datagram(bytes: Uint8Array, host: string, port: number): void {
    if (this.closed) return;
    try {
      this.#events.onDatagram(bytes, this.#addresses.intern(host, port));
    } catch (bug) {
      throwUncaught(bug);
    }
  }

  /** The runtime failed to send one datagram. */
  sendFailed(error: unknown): void {
    this.#report(errorKind(error), errorDetail(error), 1);
  }

  /** An error that belongs to no datagram of ours, as far as the runtime tells. */
  socketFailed(error: unknown): void {
    this.#report(errorKind(error), errorDetail(error), 0);
  }

  /** The rest of a batch was not sent. */
  dropped(kind: SocketErrorKind, detail: string, datagrams: number): void {
    if (datagrams > 0) this.#report(kind, detail, datagrams);
  }

  #report(kind: SocketErrorKind, detail: string, datagrams: number): void {
    if (this.closed) return;
    try {
      this.#events.onError(kind, detail, datagrams);
    } catch (bug) {
      throwUncaught(bug);
    }
  }
}

function throwUncaught(bug: unknown): void {
  queueMicrotask(() => {
    throw bug;
  });
}
