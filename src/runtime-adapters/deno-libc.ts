import { readdirSync } from "node:fs";
import { isDatagramSocketOn, LIBC_NAMES, type Libc } from "./socket-options.ts";

/** A place in memory, as Deno hands it on to C; null is nowhere. */
type Pointer = object | null;

/** The functions of that name. */
export interface DenoLibc extends Libc {
  /** How many messages were sent of `count`, or -1 when the first was not. */
  sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number;
  /** How many messages came of at most `count`, or -1 when there is none. */
  recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number, timeout: Pointer): number;
}

interface DenoGlobal {
  readonly Deno: {
    readonly permissions: { querySync(of: { name: string }): { readonly state: string } };
    readonly UnsafePointer: { of(memory: Uint8Array): Pointer; value(of: Pointer): bigint | number };
    dlopen(library: string, symbols: typeof SYMBOLS): { readonly symbols: DenoLibc };
  };
}

const SYMBOLS = {
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  recvmmsg: { parameters: ["i32", "buffer", "u32", "i32", "pointer"], result: "i32" },
};

let libc: DenoLibc | undefined;
let isOpened = false;

/** Through `Deno.dlopen`; undefined off Linux, and for a program that may not: asking would stop it at a prompt. */
export function denoLibc(): DenoLibc | undefined {
  if (isOpened || process.platform !== "linux") return libc;
  isOpened = true;
  const { Deno } = globalThis as unknown as DenoGlobal;
  const mayDo = (name: string): boolean => Deno.permissions.querySync({ name }).state === "granted";
  if (!mayDo("ffi") || !mayDo("read")) return undefined;
  for (const name of LIBC_NAMES) {
    try {
      libc ??= Deno.dlopen(name, SYMBOLS).symbols;
    } catch {
      // Not the libc of this system.
    }
  }
  return libc;
}

/**
 * The file descriptor of this process's UDP socket on `port`, which Deno does not tell. Undefined when it cannot be told
 * from another: two may share a port, at two addresses.
 */
export function denoDescriptorOn(system: Libc, port: number): number | undefined {
  try {
    const descriptors = readdirSync("/proc/self/fd").map(Number);
    const [fd, ...others] = descriptors.filter((each) => isDatagramSocketOn(system, each, port));
    return others.length === 0 ? fd : undefined;
  } catch {
    // Deno shows /proc to who may do all.
    return undefined;
  }
}

/** Where `memory` lies. It stays there while it is in use: what an array keeps outside of itself does not move. */
export function placeOf(memory: Uint8Array): bigint {
  const { UnsafePointer } = (globalThis as unknown as DenoGlobal).Deno;
  return BigInt(UnsafePointer.value(UnsafePointer.of(memory)));
}
