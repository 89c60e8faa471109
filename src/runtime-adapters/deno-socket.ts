/**
 * Deno's truths (`Deno.listenDatagram`, behind `--unstable-net`; its `node:dgram` is 50 times slower):
 *   - `receive()` without a buffer allocates 64 KiB per datagram; with one it does not, so one waits at a time
 *   - `send` returns a promise. The kernel has the bytes when the call returns only for the first 128 sends of
 *     a turn, and for none before the socket's first turn of the loop or while the kernel is full: the others
 *     leave later, in any order, without bound, and out of our memory. What comes in shares these 128 a turn,
 *     last in the queue: with thousands of sends under way nothing is received any more. So each send copies
 *     into a slot of ours that is free again when it settled, the slots are counted, and so few leave in a turn
 *     that there is room for what comes in
 *   - no file descriptor, no receive buffer size, no batches. libc has all three, for a program that may call it:
 *     a socket that is to have a larger buffer finds its descriptor, and what Deno's calls are left with is to wait
 *     for the first datagram of many, and whatever the kernel refuses
 *   - a socket bound to `::` hears IPv4 too, and sends to plain IPv4 spellings
 */
import { setImmediate } from "node:timers";
import { MAX_DATAGRAM_BYTES } from "../net/bytes/datagram-limit.ts";
import type { DatagramBind, DatagramSocket, OpenDatagramSocket } from "../net/ports/datagram-socket.ts";
import type { Outbox } from "../net/ports/outbox.ts";
import type { PeerAddress } from "../net/ports/peer-address.ts";
import { DenoBatches } from "./deno-batches.ts";
import { denoDescriptorOn, denoLibc } from "./deno-libc.ts";
import { EventRelay } from "./event-relay.ts";
import { bindError, checkBind } from "./socket-errors.ts";
import { grownReceiveBuffer } from "./socket-options.ts";

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
/** Waiting or under way. This is several ticks of a full server, 5 MB at most; what waits longer is stale. */
export const DENO_SENDS_IN_FLIGHT = 4_096;
/** The rest of 128 is for what comes in. With fewer, what leaves waits for what comes in at a full server. */
const SENDS_PER_TURN = 96;
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
  const kernel = kernelOf(conn, bind);
  const reading = receiveAll(conn, relay, kernel?.batches);
  // A turn of the loop, in which the runtime mostly learns that the socket can be written to: the first sends
  // then leave at once and in order. Nothing depends on it.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return new DenoSocket(conn, relay, reading, kernel);
};

/** What libc does for a socket. */
interface Kernel {
  readonly receiveBufferBytes: number | undefined;
  /** Between IPv4 addresses only. */
  readonly batches: DenoBatches | undefined;
}

/** Only if a larger buffer is wished, as servers do: to find the descriptor takes a look at all there are. */
function kernelOf(conn: DenoDatagramConn, { host, receiveBufferBytes }: DatagramBind): Kernel | undefined {
  const libc = receiveBufferBytes === undefined ? undefined : denoLibc();
  const fd = libc && denoDescriptorOn(libc, conn.addr.port);
  if (libc === undefined || fd === undefined) return undefined;
  return {
    receiveBufferBytes: grownReceiveBuffer(libc, fd, receiveBufferBytes),
    batches: host.includes(":") ? undefined : new DenoBatches(libc, fd),
  };
}

async function receiveAll(conn: DenoDatagramConn, relay: EventRelay, batches?: DenoBatches): Promise<void> {
  const memory = new Uint8Array(LONGEST_DATAGRAM_BYTES);
  while (!relay.closed) {
    const received = await conn.receive(memory).catch(async (error: unknown) => {
      relay.socketFailed(error);
      if (!relay.closed) await new Promise((resolve) => setTimeout(resolve, RECEIVE_RETRY_MS));
    });
    if (received === undefined) continue;
    relay.datagram(received[0], received[1].hostname, received[1].port);
    if (!relay.closed) batches?.receive(relay);
  }
}

// ── The socket ─────────────────────────────────────────────────────────────────────────────────────────────

class DenoSocket implements DatagramSocket {
  readonly address: PeerAddress;
  readonly receiveBufferBytes: number | undefined;
  readonly #conn: DenoDatagramConn;
  readonly #relay: EventRelay;
  readonly #reading: Promise<void>;
  readonly #batches: DenoBatches | undefined;
  readonly #free: SendSlot[] = [];
  #slotCount = 0;
  /** Filled, in the order they leave in. */
  readonly #waiting: SendSlot[] = [];
  #underWay = 0;

  constructor(conn: DenoDatagramConn, relay: EventRelay, reading: Promise<void>, kernel: Kernel | undefined) {
    this.receiveBufferBytes = kernel?.receiveBufferBytes;
    this.#batches = kernel?.batches;
    this.address = { host: conn.addr.hostname, port: conn.addr.port };
    this.#conn = conn;
    this.#relay = relay;
    this.#reading = reading;
  }

  sendMany(outbox: Outbox): number {
    if (this.#relay.closed) return 0;
    let index = 0;
    while (index < outbox.length) {
      const batch = this.#batches?.send(outbox, index) ?? 0;
      index += batch;
      if (batch > 0) continue;
      const slot = this.#freeSlot();
      if (slot === undefined) break;
      slot.fill(outbox, index);
      index += 1;
      if (this.#waiting.length === 0 && this.#underWay < SENDS_PER_TURN) this.#send(slot);
      else this.#waiting.push(slot);
    }
    this.#relay.dropped("buffer-full", "Too many sends are under way", outbox.length - index);
    return index;
  }

  close(): Promise<void> {
    if (!this.#relay.closed) {
      this.#relay.closed = true;
      // What was taken leaves: often it says goodbye.
      for (const slot of this.#waiting.splice(0)) this.#send(slot);
      this.#conn.close();
    }
    // A receive under way holds on to the port.
    return this.#reading;
  }

  #freeSlot(): SendSlot | undefined {
    const slot = this.#free.pop();
    if (slot !== undefined || this.#slotCount >= DENO_SENDS_IN_FLIGHT) return slot;
    this.#slotCount += 1;
    return new SendSlot(this.#onSettled);
  }

  #send(slot: SendSlot): void {
    this.#underWay += 1;
    slot.send(this.#conn);
  }

  readonly #onSettled = (slot: SendSlot, error?: unknown): void => {
    this.#free.push(slot);
    this.#underWay -= 1;
    if (error !== undefined) this.#relay.sendFailed(error);
    if (this.#underWay === 0 && this.#waiting.length > 0) setImmediate(this.#sendSome);
  };

  readonly #sendSome = (): void => {
    for (const slot of this.#waiting.splice(0, SENDS_PER_TURN - this.#underWay)) this.#send(slot);
  };
}

/** The memory and the two outcomes of one send, made once and used again. */
class SendSlot {
  readonly #memory = new Uint8Array(MAX_DATAGRAM_BYTES);
  #length = 0;
  readonly #to = { transport: "udp" as const, hostname: "", port: 0 };
  readonly #onSent: () => void;
  readonly #onFailed: (error: unknown) => void;

  constructor(onSettled: (slot: SendSlot, error?: unknown) => void) {
    this.#onSent = () => onSettled(this);
    this.#onFailed = (error) => onSettled(this, error);
  }

  fill(outbox: Outbox, index: number): void {
    const to = outbox.addressOf(index);
    this.#to.hostname = to.host;
    this.#to.port = to.port;
    this.#length = Math.min(outbox.lengthOf(index), MAX_DATAGRAM_BYTES);
    this.#memory.set(outbox.bytesOf(index).subarray(0, this.#length));
  }

  send(conn: DenoDatagramConn): void {
    conn.send(this.#memory.subarray(0, this.#length), this.#to).then(this.#onSent, this.#onFailed);
  }
}
