import { readdirSync } from "node:fs";
import { isDatagramSocketOn, LIBC_NAMES, type Libc } from "./socket-options.ts";

interface DenoGlobal {
  readonly Deno: {
    readonly permissions: { querySync(of: { name: string }): { readonly state: string } };
    dlopen(
      library: string,
      symbols: Record<string, { parameters: string[]; result: string }>,
    ): {
      readonly symbols: Libc;
    };
  };
}

let libc: Libc | undefined;
let isOpened = false;

/** Through `Deno.dlopen`; undefined off Linux, and for a program that may not: asking would stop it at a prompt. */
export function denoLibc(): Libc | undefined {
  if (isOpened || process.platform !== "linux") return libc;
  isOpened = true;
  const { Deno } = globalThis as unknown as DenoGlobal;
  if (!["ffi", "read"].every((name) => Deno.permissions.querySync({ name }).state === "granted"))
    return undefined;
  for (const name of LIBC_NAMES) {
    try {
      libc ??= Deno.dlopen(name, {
        setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
        getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
        getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
      }).symbols;
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
export function denoDescriptorOn(libc: Libc, port: number): number | undefined {
  try {
    const descriptors = readdirSync("/proc/self/fd").map(Number);
    const [fd, ...others] = descriptors.filter((each) => isDatagramSocketOn(libc, each, port));
    return others.length === 0 ? fd : undefined;
  } catch {
    // Deno shows /proc to who may do all.
    return undefined;
  }
}
