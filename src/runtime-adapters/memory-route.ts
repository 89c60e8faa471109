import { formatAddress, type PeerAddress } from "../net/ports/peer-address.ts";
import { Bottleneck } from "./bottleneck.ts";
import { BurstLoss } from "./burst-loss.ts";
import { type LinkConditions, PERFECT_LINK } from "./link-conditions.ts";

/** One direction between two addresses. */
export interface Route {
  readonly to: PeerAddress;
  conditions: LinkConditions;
  bottleneck: Bottleneck;
  readonly loss: BurstLoss;
  /** When the last datagram of its queue arrives. */
  tailDueMs: number;
}

export function newRoute(to: PeerAddress): Route {
  const parts = { conditions: PERFECT_LINK, bottleneck: new Bottleneck(), loss: new BurstLoss() };
  return { to: loopbackOf(to), ...parts, tailDueMs: 0 };
}

export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

export function loopbackOf(address: PeerAddress): PeerAddress {
  if (!isWildcard(address.host)) return address;
  return { host: address.host === "::" ? "::1" : "127.0.0.1", port: address.port };
}

export function linkKey(from: PeerAddress, to: PeerAddress): string {
  return `${formatAddress(from)} > ${formatAddress(to)}`;
}
