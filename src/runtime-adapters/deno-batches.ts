/**
 * Many datagrams with one call of the kernel: `sendmmsg` and `recvmmsg`, on Linux, between IPv4 addresses. Deno's own
 * calls take a promise each. What these functions read and write lies in one piece of memory, with a place in each of
 * its four parts for each datagram of a batch (64-bit machines, least byte first but where a port or an address is told):
 *
 *   mmsghdr      0 u64 where its address lies | 8 u32 the address's bytes | 16 u64 where its iovec lies | 24 u64 iovecs: 1
 *               32 u64 control, none | 40 u64 its bytes, 0 | 48 u32 flags | 56 u32 bytes received      64 bytes
 *   iovec        0 u64 where its bytes lie | 8 u64 how many, at most                                   16 bytes
 *   sockaddr_in  0 u16 family: 2 | 2 u16 port | 4 u32 address | 8 zeros                                16 bytes
 *   bytes        the datagram
 */
import { MAX_DATAGRAM_BYTES } from "../net/bytes/datagram-limit.ts";
import type { Outbox } from "../net/ports/outbox.ts";
import { type DenoLibc, placeOf } from "./deno-libc.ts";
import type { EventRelay } from "./event-relay.ts";

const HEADER_BYTES = 64;
const VECTOR_BYTES = 16;
const ADDRESS_BYTES = 16;
const AF_INET = 2;
const MSG_DONTWAIT = 0x40;
/** As many as leave a loop that has other things to do as well. */
const DATAGRAMS_PER_BATCH = 32;
/** Longer ones arrive cut to one byte more than is allowed, and are refused for it. */
const RECEIVED_BYTES = MAX_DATAGRAM_BYTES + 1;
/** Hosts whose spelling is kept; a spoofed flood fills it and no more. */
const MOST_HOSTS = 4_096;
const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

export class DenoBatches {
  readonly #libc: DenoLibc;
  readonly #fd: number;
  readonly #sent = new BatchMemory(MAX_DATAGRAM_BYTES);
  readonly #received = new BatchMemory(RECEIVED_BYTES);
  readonly #addressOf = new Map<string, number>();
  readonly #hostOf = new Map<number, string>();

  constructor(libc: DenoLibc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /** Hands the datagrams from `index` on to the kernel. Answers how many it took: 0 when it did not want the first. */
  send(outbox: Outbox, index: number): number {
    const memory = this.#sent;
    const most = Math.min(DATAGRAMS_PER_BATCH, outbox.length - index);
    let count = 0;
    for (; count < most; count += 1) {
      const to = outbox.addressOf(index + count);
      const address = this.#addressFrom(to.host);
      if (address === undefined) break;
      memory.fill(count, address, to.port, outbox.bytesOf(index + count), outbox.lengthOf(index + count));
    }
    if (count === 0) return 0;
    return Math.max(0, this.#libc.sendmmsg(this.#fd, memory.bytes, count, MSG_DONTWAIT));
  }

  /** Takes what has come already, one batch at most. */
  receive(relay: EventRelay): void {
    const memory = this.#received;
    const count = this.#libc.recvmmsg(this.#fd, memory.bytes, DATAGRAMS_PER_BATCH, MSG_DONTWAIT, null);
    for (let slot = 0; slot < count; slot += 1) {
      relay.datagram(memory.datagram(slot), this.#hostFrom(memory.address(slot)), memory.port(slot));
    }
  }

  #addressFrom(host: string): number | undefined {
    let address = this.#addressOf.get(host);
    if (address === undefined) {
      const parts = IPV4.exec(host)?.slice(1).map(Number);
      if (parts === undefined || parts.some((part) => part > 255)) return undefined;
      address = parts.reduce((sum, part) => sum * 256 + part, 0);
      if (this.#addressOf.size >= MOST_HOSTS) this.#addressOf.clear();
      this.#addressOf.set(host, address);
    }
    return address;
  }

  #hostFrom(address: number): string {
    let host = this.#hostOf.get(address);
    if (host === undefined) {
      host = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
      if (this.#hostOf.size >= MOST_HOSTS) this.#hostOf.clear();
      this.#hostOf.set(address, host);
    }
    return host;
  }
}

/** The four parts, one after the other, each with a place for every datagram. */
class BatchMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #most: number;
  readonly #datagrams: readonly Uint8Array[];

  /** `most` bytes each. */
  constructor(most: number) {
    const count = DATAGRAMS_PER_BATCH;
    this.#most = most;
    this.bytes = new Uint8Array(count * (HEADER_BYTES + VECTOR_BYTES + ADDRESS_BYTES + most));
    this.#view = new DataView(this.bytes.buffer);
    const base = placeOf(this.bytes);
    const slots = Array.from({ length: count }, (_, slot) => slot);
    for (const slot of slots) {
      const header = slot * HEADER_BYTES;
      this.#view.setBigUint64(header, base + BigInt(addressAt(slot)), true);
      // Upon receiving, the kernel writes here how long the address was: the same.
      this.#view.setUint32(header + 8, ADDRESS_BYTES, true);
      this.#view.setBigUint64(header + 16, base + BigInt(vectorAt(slot)), true);
      this.#view.setBigUint64(header + 24, 1n, true);
      this.#view.setBigUint64(vectorAt(slot), base + BigInt(this.#bytesAt(slot)), true);
      this.#view.setUint32(vectorAt(slot) + 8, most, true);
      this.#view.setUint16(addressAt(slot), AF_INET, true);
    }
    this.#datagrams = slots.map((slot) =>
      this.bytes.subarray(this.#bytesAt(slot), this.#bytesAt(slot) + most),
    );
  }

  fill(slot: number, address: number, port: number, bytes: Uint8Array, length: number): void {
    const at = addressAt(slot);
    this.#view.setUint16(at + 2, port);
    this.#view.setUint32(at + 4, address);
    this.#view.setUint32(vectorAt(slot) + 8, length, true);
    this.#datagrams[slot]!.set(length === bytes.length ? bytes : bytes.subarray(0, length));
  }

  datagram(slot: number): Uint8Array {
    const length = this.#view.getUint32(slot * HEADER_BYTES + 56, true);
    return this.#datagrams[slot]!.subarray(0, length);
  }

  address(slot: number): number {
    return this.#view.getUint32(addressAt(slot) + 4);
  }

  port(slot: number): number {
    return this.#view.getUint16(addressAt(slot) + 2);
  }

  #bytesAt(slot: number): number {
    return DATAGRAMS_PER_BATCH * (HEADER_BYTES + VECTOR_BYTES + ADDRESS_BYTES) + slot * this.#most;
  }
}

function vectorAt(slot: number): number {
  return DATAGRAMS_PER_BATCH * HEADER_BYTES + slot * VECTOR_BYTES;
}

function addressAt(slot: number): number {
  return DATAGRAMS_PER_BATCH * (HEADER_BYTES + VECTOR_BYTES) + slot * ADDRESS_BYTES;
}
