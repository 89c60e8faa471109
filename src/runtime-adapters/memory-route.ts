import { formatAddress, type PeerAddress } from "../net/ports/peer-address.ts";
import type { LinkWay } from "./link-way.ts";

/** One direction between two addresses. */
export interface Route {
  readonly to: PeerAddress;
  readonly way: LinkWay;
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
