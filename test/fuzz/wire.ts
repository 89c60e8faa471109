/** A server, its clients and the datagrams between them, each of which the caller delivers, or not. */
import type { Connection } from "../../src/net/connection/connection.ts";
import type { Sodium } from "../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../src/net/crypto/token-issuer.ts";
import type { TokenRequest } from "../../src/net/crypto/token-request.ts";
import { ClientEndpoint, type ClientEndpointOptions } from "../../src/net/endpoint/client-endpoint.ts";
import { ServerEndpoint } from "../../src/net/endpoint/server-endpoint.ts";
import type { ServerEndpointOptions } from "../../src/net/endpoint/server-endpoint-options.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { NetCounter, NetCounters } from "../../src/net/wire/net-counters.ts";
import { CHANNELS, DEFINITION, sodium as loaded, SERVER, type Seen, seeded } from "../net/endpoint/rig.ts";
import { promise } from "./target.ts";

const cipher = loaded.packetCipher();
/** All endpoints share one cipher: its memory is never given back, and a fuzzer makes many endpoints. */
export const sodium: Sodium = { ...loaded, packetCipher: () => cipher };

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: PeerAddress;
  readonly to: PeerAddress;
}

export interface WireClient {
  readonly endpoint: ClientEndpoint;
  /** Change it, and the client has moved. */
  address: PeerAddress;
  readonly saw: Seen[];
}

export class Wire {
  nowMs = 1_000_000;
  readonly server: ServerEndpoint;
  readonly serverSaw: Seen[] = [];
  readonly clients: WireClient[] = [];
  /** Sent and not delivered, in the order sent. */
  underWay: Datagram[] = [];
  /** Everything ever sent. */
  readonly sent: Datagram[] = [];
  readonly #random: () => number;
  readonly #outbox = new Outbox();

  constructor(seed: number, options: Partial<ServerEndpointOptions> = {}) {
    this.#random = seeded(seed);
    this.server = new ServerEndpoint({
      sodium,
      random: this.fill,
      channels: CHANNELS,
      definition: DEFINITION,
      unixMs: () => this.unixMs,
      tickRate: 30,
      maxConnections: 100,
      timeoutMs: 10_000,
      ...options,
    });
  }

  readonly fill = (into: Uint8Array): void => {
    for (let i = 0; i < into.length; i += 1) into[i] = Math.floor(this.#random() * 256);
  };

  get unixMs(): number {
    return 1_800_000_000_000 + this.nowMs;
  }

  token(request: TokenRequest = {}) {
    return issueToken(sodium, this.fill, DEVELOPMENT_KEY, request, this.unixMs);
  }

  join(options: Partial<ClientEndpointOptions> = {}): WireClient {
    const address = { host: `10.1.0.${this.clients.length + 1}`, port: 4000 };
    const endpoint = new ClientEndpoint({
      sodium,
      cipher,
      random: this.fill,
      server: SERVER,
      channels: CHANNELS,
      definition: DEFINITION,
      token: this.token(),
      name: `c${this.clients.length}`,
      connectTimeoutMs: 30_000,
      ...options,
    });
    const client = { endpoint, address, saw: [] };
    this.clients.push(client);
    endpoint.start(this.nowMs);
    return client;
  }

  joined(options: Partial<ClientEndpointOptions> = {}): WireClient {
    const client = this.join(options);
    this.run(6);
    promise(client.endpoint.connection.state === "connected", "a client gets in on a clean wire");
    return client;
  }

  /** The server's end of a client's connection, while it lives. */
  serverEnd(client: WireClient): Connection | undefined {
    const { id } = client.endpoint.connection;
    return [...this.server.connections()].find((connection) => connection.id === id);
  }

  deliver({ bytes, from, to }: Datagram): void {
    if (to.host === SERVER.host) {
      this.server.receive(bytes, from, this.nowMs);
      this.drain();
      return;
    }
    const client = this.clients.find(({ address }) => address.host === to.host);
    client?.endpoint.receive(bytes, from, this.nowMs);
    this.drain();
  }

  flushServer(): void {
    this.server.update(this.nowMs);
    this.drain();
    this.server.flush(this.nowMs, this.#outbox);
    this.#post(SERVER);
  }

  flushClient({ endpoint, address }: WireClient): void {
    endpoint.update(this.nowMs);
    this.drain();
    endpoint.flush(this.nowMs, this.#outbox);
    this.#post(address);
  }

  /** Turns of a clean wire. */
  run(turns: number, eachTurn: () => void = () => {}): void {
    for (let i = 0; i < turns; i += 1) {
      eachTurn();
      this.nowMs += 33;
      this.flushServer();
      for (const client of this.clients) this.flushClient(client);
      const due = this.underWay;
      this.underWay = [];
      for (const datagram of due) this.deliver(datagram);
    }
  }

  drain(): void {
    this.#drain(this.server, this.serverSaw);
    for (const { endpoint, saw } of this.clients) this.#drain(endpoint, saw);
  }

  #post(from: PeerAddress): void {
    for (let i = 0; i < this.#outbox.length; i += 1) {
      const bytes = this.#outbox.bytesOf(i).slice(0, this.#outbox.lengthOf(i));
      const datagram = { bytes, from, to: this.#outbox.addressOf(i) };
      this.underWay.push(datagram);
      this.sent.push(datagram);
    }
    this.#outbox.clear();
  }

  #drain(endpoint: ServerEndpoint | ClientEndpoint, saw: Seen[]): void {
    for (let event = endpoint.nextEvent(); event !== undefined; event = endpoint.nextEvent()) {
      const { kind, connection, channel, bytes, start, end, reason, detail, by } = event;
      saw.push({ kind, connection, channel, payload: bytes.slice(start, end), reason, detail, by });
    }
  }
}

/** Every datagram handed in was counted exactly once. */
export function promiseBalance(counters: NetCounters, whose: string): void {
  let settled = counters.accepted;
  for (const name of Object.keys(counters) as NetCounter[]) {
    if (name.startsWith("refused")) settled += counters[name];
  }
  promise(
    settled === counters.datagramsReceived,
    `${whose} counts each datagram once: ${settled} of ${counters.datagramsReceived}`,
  );
}
