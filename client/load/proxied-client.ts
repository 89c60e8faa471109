import { MAX_DATAGRAM_BYTES } from "../../src/net/bytes/datagram-limit.ts";
import type { DatagramSocket } from "../../src/net/ports/datagram-socket.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { Due } from "../../src/runtime-adapters/delivery-heap.ts";
import type { LinkWay } from "../../src/runtime-adapters/link-way.ts";

/** Where a client's socket towards the server stands. */
export type UpstreamState = "opening" | "open" | "gone";

/** One address that sends through a proxy: its link, and the socket that the server sees it as. */
export class ProxiedClient {
  readonly address: PeerAddress;
  readonly up: LinkWay;
  readonly down: LinkWay;
  socket: DatagramSocket | undefined;
  state: UpstreamState = "opening";
  /** When a datagram last came from it or for it. */
  lastHeardMs: number;

  constructor(address: PeerAddress, up: LinkWay, down: LinkWay, nowMs: number) {
    this.address = address;
    this.up = up;
    this.down = down;
    this.lastHeardMs = nowMs;
  }
}

/** A datagram under way in a proxy. Used again when it has left. */
export interface Forwarding extends Due {
  bytes: Uint8Array;
  length: number;
  client: ProxiedClient;
  isUp: boolean;
}

export function newForwarding(client: ProxiedClient): Forwarding {
  return { dueMs: 0, order: 0, bytes: new Uint8Array(MAX_DATAGRAM_BYTES), length: 0, client, isUp: false };
}
