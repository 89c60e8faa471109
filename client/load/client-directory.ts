import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { ProxiedClient } from "./proxied-client.ts";

/** Who sends through a proxy, found by address without allocating. */
export class ClientDirectory {
  count = 0;
  /** By host, then by port. */
  readonly #hosts = new Map<string, Map<number, ProxiedClient>>();

  find({ host, port }: PeerAddress): ProxiedClient | undefined {
    return this.#hosts.get(host)?.get(port);
  }

  add(client: ProxiedClient): void {
    const { host, port } = client.address;
    const ports = this.#hosts.get(host) ?? new Map<number, ProxiedClient>();
    this.#hosts.set(host, ports.set(port, client));
    this.count += 1;
  }

  remove({ address: { host, port } }: ProxiedClient): void {
    const ports = this.#hosts.get(host);
    if (ports?.delete(port)) this.count -= 1;
    if (ports?.size === 0) this.#hosts.delete(host);
  }

  all(): ProxiedClient[] {
    return [...this.#hosts.values()].flatMap((ports) => [...ports.values()]);
  }
}
