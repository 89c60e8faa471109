/**
 * The two socket options that `Bun.udpSocket` has no words for, set through `bun:ffi` on the socket's file
 * descriptor. Linux only, where their numbers are these; elsewhere, and where libc cannot be opened, nothing
 * is set and the socket works without.
 */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_IP = 0;
const IP_RECVERR = 11;
const IPPROTO_IPV6 = 41;
const IPV6_RECVERR = 25;
const LIBC_NAMES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

interface Libc {
  setsockopt(fd: number, level: number, option: number, value: Int32Array, valueBytes: number): number;
  getsockopt(fd: number, level: number, option: number, value: Int32Array, valueBytes: Int32Array): number;
}

interface BunFfi {
  dlopen(library: string, symbols: Record<string, { args: string[]; returns: string }>): { symbols: Libc };
}

let libc: Libc | undefined;
let isOpened = false;

/** Asks for a larger kernel buffer and says what the kernel has, or undefined where it cannot be asked. */
export function grownReceiveBuffer(fd: number, wishedBytes: number | undefined): number | undefined {
  const system = openedLibc();
  if (system === undefined) return undefined;
  const value = new Int32Array(1);
  if (wishedBytes !== undefined) {
    value[0] = wishedBytes;
    system.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, value, 4);
  }
  const isTold = system.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, value, new Int32Array([4])) === 0;
  return isTold ? value[0] : undefined;
}

/** Bun asks the kernel for ICMP errors. This takes it back: one dead peer must not fail sends to the others. */
export function ignoreIcmpErrors(fd: number): void {
  const system = openedLibc();
  const off = new Int32Array(1);
  system?.setsockopt(fd, IPPROTO_IP, IP_RECVERR, off, 4);
  // An IPv4 socket refuses this one: harmless.
  system?.setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, off, 4);
}

function openedLibc(): Libc | undefined {
  if (isOpened || process.platform !== "linux") return libc;
  isOpened = true;
  // Not an import: no other runtime, compiler or bundler knows a module of this name.
  const ffi = process.getBuiltinModule("bun:ffi") as unknown as BunFfi | undefined;
  for (const name of LIBC_NAMES) {
    try {
      libc ??= ffi?.dlopen(name, {
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
        getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
      }).symbols;
    } catch {
      // Not the libc of this system.
    }
  }
  return libc;
}
