import type { PeerAddress } from "../ports/peer-address.ts";

/** What the filler reads of its connection. */
export interface PacketContext {
  readonly side: "client" | "server";
  readonly id: number;
  readonly address: PeerAddress;
  readonly tick: number;
  readonly inputLead: number;
}
