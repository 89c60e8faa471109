import type { PeerAddress } from "../net/ports/peer-address.ts";

/** Enough for every peer of a full server; a spoofed flood fills it and no more. */
const ADDRESSES_PER_GENERATION = 32_768;
const MAPPED_PREFIX = "::ffff:";

type Generation = Map<string, Map<number, PeerAddress>>;

/**
 * Hands out one PeerAddress per peer, so that a steady stream of datagrams allocates none.
 *
 * It is bounded by two generations: when the young one is full it becomes the old one, and what was not seen
 * since then is forgotten. Peers that keep talking are carried over, whatever a flood of strangers does.
 */
export class AddressCache {
  readonly #limit: number;
  #young: Generation = new Map();
  #old: Generation = new Map();
  #youngCount = 0;

  constructor(limit = ADDRESSES_PER_GENERATION) {
    this.#limit = limit;
  }

  /** The address of a host as the runtime spells it. Its own `host` is the plain spelling. */
  intern(spelledHost: string, port: number): PeerAddress {
    const known = this.#young.get(spelledHost)?.get(port);
    if (known !== undefined) return known;
    const address = this.#old.get(spelledHost)?.get(port) ?? { host: plainHost(spelledHost), port };
    this.#remember(spelledHost, address);
    return address;
  }

  #remember(spelledHost: string, address: PeerAddress): void {
    if (this.#youngCount >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCount = 0;
    }
    let ports = this.#young.get(spelledHost);
    if (ports === undefined) {
      ports = new Map();
      this.#young.set(spelledHost, ports);
    }
    ports.set(address.port, address);
    this.#youngCount += 1;
  }
}

/**
 * `::ffff:127.0.0.1`, which a dual-stack socket says of an IPv4 peer, becomes `127.0.0.1`: above the adapters
 * a peer has one spelling, whichever socket heard it, so that bans and per-host limits see one host. Every
 * adapter sends to the plain spelling (Bun and Deno as they are, Node maps it back).
 */
export function plainHost(host: string): string {
  return host.startsWith(MAPPED_PREFIX) && host.includes(".") ? host.slice(MAPPED_PREFIX.length) : host;
}

/** The spelling that an IPv6 socket understands of any host. */
export function mappedHost(host: string): string {
  return host.includes(":") ? host : MAPPED_PREFIX + host;
}
