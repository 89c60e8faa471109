import type { OpenDatagramSocket } from "../net/ports/datagram-socket.ts";
import { runtimeName } from "./current-runtime.ts";

/**
 * Opens a UDP socket through the running runtime's own API. The other adapters are never loaded; each path
 * stands here as a literal, because bundlers and the compiler can follow nothing else.
 */
export const openDatagramSocket: OpenDatagramSocket = async (bind, events) => {
  switch (runtimeName()) {
    case "bun":
      return (await import("./bun-socket.ts")).openBunSocket(bind, events);
    case "deno":
      return (await import("./deno-socket.ts")).openDenoSocket(bind, events);
    case "node":
      return (await import("./node-socket.ts")).openNodeSocket(bind, events);
  }
};
