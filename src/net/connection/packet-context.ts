import type { PacketSeal } from "../crypto/packet-seal.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import type { NetCounters } from "../wire/net-counters.ts";

/** What the filler reads of its connection. */
export interface PacketContext {
  readonly side: "client" | "server";
  readonly id: number;
  readonly address: PeerAddress;
  readonly tick: number;
  readonly inputLead: number;
  readonly isHurried: boolean;
  readonly seal: PacketSeal | undefined;
  readonly counters: NetCounters;
}
