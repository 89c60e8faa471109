/**
 * Socket options that Bun and Deno have no words for, set through libc on the socket's file descriptor. Linux only,
 * where their numbers are these; elsewhere, and where libc cannot be opened, nothing is set and the socket works
 * without.
 */
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_RCVBUF = 8;
const SOCK_DGRAM = 2;
const IPPROTO_IP = 0;
const IP_RECVERR = 11;
const IPPROTO_IPV6 = 41;
const IPV6_RECVERR = 25;
/** Of an address: its family, 2 bytes, its port, 2 bytes in the network's order, and what else the family has. */
const LONGEST_ADDRESS_BYTES = 128;

export const LIBC_NAMES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

/** The functions of that name; all give 0 for done. */
export interface Libc {
  setsockopt(fd: number, level: number, option: number, value: Int32Array, valueBytes: number): number;
  getsockopt(fd: number, level: number, option: number, value: Int32Array, valueBytes: Int32Array): number;
  getsockname(fd: number, address: Uint8Array, addressBytes: Int32Array): number;
}

/** Asks for a larger kernel buffer and says what the kernel has, or undefined where it cannot be asked. */
export function grownReceiveBuffer(
  libc: Libc | undefined,
  fd: number,
  wishedBytes: number | undefined,
): number | undefined {
  if (libc === undefined) return undefined;
  if (wishedBytes !== undefined) {
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Int32Array([wishedBytes]), 4);
  }
  return optionOf(libc, fd, SO_RCVBUF);
}

/** Bun asks the kernel for ICMP errors. This takes it back: one dead peer must not fail sends to the others. */
export function ignoreIcmpErrors(libc: Libc | undefined, fd: number): void {
  const off = new Int32Array(1);
  libc?.setsockopt(fd, IPPROTO_IP, IP_RECVERR, off, 4);
  // An IPv4 socket refuses this one: harmless.
  libc?.setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, off, 4);
}

/** True for a UDP socket on that port. */
export function isDatagramSocketOn(libc: Libc, fd: number, port: number): boolean {
  if (optionOf(libc, fd, SO_TYPE) !== SOCK_DGRAM) return false;
  const address = new Uint8Array(LONGEST_ADDRESS_BYTES);
  const isTold = libc.getsockname(fd, address, new Int32Array([address.length])) === 0;
  return isTold && address[2]! * 256 + address[3]! === port;
}

function optionOf(libc: Libc, fd: number, option: number): number | undefined {
  const value = new Int32Array(1);
  return libc.getsockopt(fd, SOL_SOCKET, option, value, new Int32Array([4])) === 0 ? value[0] : undefined;
}
