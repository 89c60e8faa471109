import type { Connection } from "../../src/net/connection/connection.ts";

/** Calls `hear` with a copy of each body that `connection` will have opened, before it is taken. */
export function hearOpenedBodies(connection: Connection, hear: (body: Uint8Array) => void): void {
  const sealWith = connection.sealWith.bind(connection);
  connection.sealWith = (seal) => {
    sealWith(seal);
    if (seal === undefined) return;
    const open = seal.open.bind(seal);
    seal.open = (bytes, headerEnd, number, newest, nowMs) => {
      const bodyEnd = open(bytes, headerEnd, number, newest, nowMs);
      if (bodyEnd >= 0) hear(seal.opened.slice(headerEnd, bodyEnd));
      return bodyEnd;
    };
  };
}
