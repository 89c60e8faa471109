/**
 * Deno's truths (`Deno.listenDatagram`, behind `--unstable-net`; its `node:dgram` is 50 times slower):
 *   - `receive()` without a buffer allocates 64 KiB per datagram; with one it does not, so one waits at a time
 *   - `send` returns a promise. The kernel has the bytes when the call returns only for the first 128 sends of
 *     a turn, and for none before the socket's first turn of the loop or while the kernel is full: the others
 *     leave later, in any order, without bound, and out of our memory. So each send copies into a slot of
 *     ours that is free again when it settled, and the slots are counted
 *   - no file descriptor, no receive buffer size
 *   - a socket bound to `::` hears IPv4 too, and sends to plain IPv4 spellings
 */
import { MAX_DATAGRAM_BYTES } from "../net/bytes/datagram-limit.ts";
import type { DatagramSocket, OpenDatagramSocket } from "../net/ports/datagram-socket.ts";
import type { Outbox } from "../net/ports/outbox.ts";
import type { PeerAddress } from "../net/ports/peer-address.ts";
import { EventRelay } from "./event-relay.ts";
import { bindError, checkBind } from "./socket-errors.ts";

interface DenoAddress {
  readonly transport: "udp";
  readonly hostname: string;
  readonly port: number;
}

interface DenoDatagramConn {
  readonly addr: DenoAddress;
  receive(into: Uint8Array): Promise<[Uint8Array, DenoAddress]>;
  send(bytes: Uint8Array, to: DenoAddress): Promise<number>;
  close(): void;
}

interface DenoGlobal {
  readonly Deno: { listenDatagram(options: DenoAddress): DenoDatagramConn };
}

/** Nothing UDP can carry is longer. */
const LONGEST_DATAGRAM_BYTES = 65_535;
/** A send settles at the end of the turn at the earliest: this is several turns of a full server, 20 MB at most. */
export const DENO_SENDS_IN_FLIGHT = 16_384;
/** A receive that fails again and again must not starve the loop. */
const RECEIVE_RETRY_MS = 10;

// ── Opening ────────────────────────────────────────────────────────────────────────────────────────────────

export const openDenoSocket: OpenDatagramSocket = async (bind, events) => {
  checkBind(bind);
  const relay = new EventRelay(events);
  let conn: DenoDatagramConn;
  try {
    const options: DenoAddress = { transport: "udp", hostname: bind.host, port: bind.port };
    conn = (globalThis as unknown as DenoGlobal).Deno.listenDatagram(options);
  } catch (error) {
    throw bindError(error, bind);
  }
  const reading = receiveAll(conn, relay);
  // A turn of the loop, in which the runtime mostly learns that the socket can be written to: the first sends
  // then leave at once and in order. Nothing depends on it.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return new DenoSocket(conn, relay, reading);
};

async function receiveAll(conn: DenoDatagramConn, relay: EventRelay): Promise<void> {
  const memory = new Uint8Array(LONGEST_DATAGRAM_BYTES);
  while (!relay.closed) {
    const received = await conn.receive(memory).catch(async (error: unknown) => {
      relay.socketFailed(error);
      if (!relay.closed) await new Promise((resolve) => setTimeout(resolve, RECEIVE_RETRY_MS));
    });
    if (received !== undefined) relay.datagram(received[0], received[1].hostname, received[1].port);
  }
}

// ── The socket ─────────────────────────────────────────────────────────────────────────────────────────────

class DenoSocket implements DatagramSocket {
  readonly address: PeerAddress;
  readonly receiveBufferBytes = undefined;
  readonly #conn: DenoDatagramConn;
  readonly #relay: EventRelay;
  readonly #reading: Promise<void>;
  readonly #free: SendSlot[] = [];
  #slotCount = 0;

  constructor(conn: DenoDatagramConn, relay: EventRelay, reading: Promise<void>) {
    this.address = { host: conn.addr.hostname, port: conn.addr.port };
    this.#conn = conn;
    this.#relay = relay;
    this.#reading = reading;
  }

  sendMany(outbox: Outbox): number {
    if (this.#relay.closed) return 0;
    let index = 0;
    for (; index < outbox.length; index += 1) {
      const slot = this.#freeSlot();
      if (slot === undefined) break;
      slot.send(this.#conn, outbox, index);
    }
    this.#relay.dropped("buffer-full", "Too many sends are under way", outbox.length - index);
    return index;
  }

  close(): Promise<void> {
    if (!this.#relay.closed) this.#conn.close();
    this.#relay.closed = true;
    // A receive under way holds on to the port.
    return this.#reading;
  }

  #freeSlot(): SendSlot | undefined {
    const slot = this.#free.pop();
    if (slot !== undefined || this.#slotCount >= DENO_SENDS_IN_FLIGHT) return slot;
    this.#slotCount += 1;
    return new SendSlot(this.#free, this.#relay);
  }
}

/** The memory and the two outcomes of one send under way, made once and used again. */
class SendSlot {
  readonly #bytes = new Uint8Array(MAX_DATAGRAM_BYTES);
  readonly #onSent: () => void;
  readonly #onFailed: (error: unknown) => void;

  constructor(free: SendSlot[], relay: EventRelay) {
    this.#onSent = () => {
      free.push(this);
    };
    this.#onFailed = (error) => {
      free.push(this);
      relay.sendFailed(error);
    };
  }

  send(conn: DenoDatagramConn, outbox: Outbox, index: number): void {
    const to = outbox.addressOf(index);
    const bytes = this.#bytes.subarray(0, outbox.lengthOf(index));
    bytes.set(outbox.bytesOf(index).subarray(0, bytes.length));
    conn
      .send(bytes, { transport: "udp", hostname: to.host, port: to.port })
      .then(this.#onSent, this.#onFailed);
  }
}
