/**
 * Node's truths (`node:dgram` over libuv):
 *   - `send` looks every host up on a later tick; a lookup of ours that answers inside the call lets the
 *     datagram reach the kernel inside it too
 *   - what the kernel does not take at once libuv queues without bound, reading our memory until it leaves
 *   - an IPv6 socket refuses IPv4 spellings: `127.0.0.1` must be sent to as `::ffff:127.0.0.1`
 *   - failures of a send come through its callback on a later tick; bad ports are thrown
 *   - `udp6` bound to `::` hears IPv4 too
 */
import { createSocket, type Socket } from "node:dgram";
import type { DatagramBind, DatagramSocket, OpenDatagramSocket } from "../net/ports/datagram-socket.ts";
import type { Outbox } from "../net/ports/outbox.ts";
import type { PeerAddress } from "../net/ports/peer-address.ts";
import { mappedHost } from "./address-cache.ts";
import { EventRelay } from "./event-relay.ts";
import { bindError, checkBind } from "./socket-errors.ts";

// ── Opening ────────────────────────────────────────────────────────────────────────────────────────────────

export const openNodeSocket: OpenDatagramSocket = async (bind, events) => {
  checkBind(bind);
  const relay = new EventRelay(events);
  const isIpv6 = bind.host.includes(":");
  const socket = createSocket({
    type: isIpv6 ? "udp6" : "udp4",
    lookup: (host, _options, callback) => {
      if (isIpv6) callback(null, mappedHost(host), 6);
      else callback(null, host, 4);
    },
  });
  socket.on("message", (bytes, from) => relay.datagram(bytes, from.address, from.port));
  try {
    await bound(socket, bind);
  } catch (error) {
    // A socket that failed to bind would still keep the process alive.
    socket.close();
    throw bindError(error, bind);
  }
  socket.on("error", (error) => relay.socketFailed(error));
  return new NodeSocket(socket, relay, grownReceiveBuffer(socket, bind.receiveBufferBytes));
};

function bound(socket: Socket, bind: DatagramBind): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(bind.port, bind.host, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

function grownReceiveBuffer(socket: Socket, wishedBytes: number | undefined): number {
  try {
    if (wishedBytes !== undefined) socket.setRecvBufferSize(wishedBytes);
  } catch {
    // Some kernels refuse more than they allow instead of giving what they can: what is granted is told below.
  }
  return socket.getRecvBufferSize();
}

// ── The socket ─────────────────────────────────────────────────────────────────────────────────────────────

class NodeSocket implements DatagramSocket {
  readonly address: PeerAddress;
  readonly receiveBufferBytes: number | undefined;
  readonly #socket: Socket;
  readonly #relay: EventRelay;
  /** One callback for all sends: without one, Node forgets their errors. */
  readonly #onSent: (error: Error | null) => void;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, relay: EventRelay, receiveBufferBytes: number) {
    const local = socket.address();
    this.address = { host: local.address, port: local.port };
    this.receiveBufferBytes = receiveBufferBytes;
    this.#socket = socket;
    this.#relay = relay;
    this.#onSent = (error) => {
      if (error !== null) relay.sendFailed(error);
    };
  }

  sendMany(outbox: Outbox): number {
    if (this.#relay.closed) return 0;
    let taken = 0;
    let index = 0;
    // A queue means that the kernel is full: whatever came next would wait behind it, and go stale.
    let isFull = this.#socket.getSendQueueCount() > 0;
    for (; index < outbox.length && !isFull; index += 1) {
      if (!this.#sendOne(outbox, index)) continue;
      taken += 1;
      isFull = this.#socket.getSendQueueCount() > 0;
      if (isFull) outbox.surrender(index);
    }
    this.#relay.dropped("buffer-full", "The kernel's send buffer is full", outbox.length - index);
    return taken;
  }

  close(): Promise<void> {
    this.#relay.closed = true;
    this.#closing ??= new Promise((resolve) => this.#socket.close(resolve));
    return this.#closing;
  }

  #sendOne(outbox: Outbox, index: number): boolean {
    const to = outbox.addressOf(index);
    try {
      this.#socket.send(outbox.bytesOf(index), 0, outbox.lengthOf(index), to.port, to.host, this.#onSent);
      return true;
    } catch (error) {
      this.#relay.sendFailed(error);
      return false;
    }
  }
}
