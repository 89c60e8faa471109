/**
 * Where a datagram came from or goes to: an IP literal and a port. Values are immutable and adapters may hand
 * out the same object for the same peer again, so that a steady stream of datagrams allocates no addresses.
 */
export interface PeerAddress {
  /** IPv4 dotted or IPv6 without brackets; never a name. */
  readonly host: string;
  readonly port: number;
}

/** True when both name the same peer. */
export function sameAddress(a: PeerAddress, b: PeerAddress): boolean {
  return a === b || (a.port === b.port && a.host === b.host);
}

/** `127.0.0.1:7777` or `[::1]:7777`. */
export function formatAddress(address: PeerAddress): string {
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** True for addresses that never leave the machine. */
export function isLoopback(host: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(host) || host === "::1";
}
