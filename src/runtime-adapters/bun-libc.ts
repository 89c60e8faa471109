import { LIBC_NAMES, type Libc } from "./socket-options.ts";

interface BunFfi {
  dlopen(library: string, symbols: Record<string, { args: string[]; returns: string }>): { symbols: Libc };
}

let libc: Libc | undefined;
let isOpened = false;

/** Through `bun:ffi`; undefined off Linux. */
export function bunLibc(): Libc | undefined {
  if (isOpened || process.platform !== "linux") return libc;
  isOpened = true;
  // Not an import: no other runtime, compiler or bundler knows a module of this name.
  const ffi = process.getBuiltinModule("bun:ffi") as unknown as BunFfi | undefined;
  for (const name of LIBC_NAMES) {
    try {
      libc ??= ffi?.dlopen(name, {
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
        getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
        getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
      }).symbols;
    } catch {
      // Not the libc of this system.
    }
  }
  return libc;
}
