/** A server endpoint and its clients on a wire of virtual time that the test may cut, delay and double. */

import type { ChannelConfig } from "../../../src/net/channel/channel-kind.ts";
import type { Connection } from "../../../src/net/connection/connection.ts";
import type { NetEvent } from "../../../src/net/connection/event-queue.ts";
import type { ConnectToken } from "../../../src/net/crypto/connect-token.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../../src/net/crypto/token-issuer.ts";
import type { TokenRequest } from "../../../src/net/crypto/token-request.ts";
import { ClientEndpoint, type ClientEndpointOptions } from "../../../src/net/endpoint/client-endpoint.ts";
import { ServerEndpoint } from "../../../src/net/endpoint/server-endpoint.ts";
import type { ServerEndpointOptions } from "../../../src/net/endpoint/server-endpoint-options.ts";
import { Outbox } from "../../../src/net/ports/outbox.ts";
import { type PeerAddress, sameAddress } from "../../../src/net/ports/peer-address.ts";
import type { DefinitionDigest } from "../../../src/net/wire/definition-digest.ts";

export const sodium = await loadSodium();
const cipher = sodium.packetCipher();

export function definitionOf(name: string, ...parts: string[]): DefinitionDigest {
  const hash = (text: string): Uint8Array => sodium.hash(32, new TextEncoder().encode(text));
  return {
    name,
    hash: hash([name, ...parts].join()),
    parts: [name, ...parts].map((part) => ({ name: part.split(" v")[0]!, hash: hash(part).slice(0, 4) })),
  };
}
export const DEFINITION = definitionOf("rig", "input", "entity ship", "message chat");

export const CHANNELS: readonly ChannelConfig[] = [
  { kind: "reliable-ordered" },
  { kind: "unreliable" },
  { kind: "unreliable-sequenced" },
  { kind: "reliable-unordered" },
  { kind: "reliable-latest" },
  { kind: "bulk" },
];
export const RELIABLE = 0;
export const UNRELIABLE = 1;
export const SEQUENCED = 2;
export const UNORDERED = 3;
export const LATEST = 4;
export const BULK = 5;
export const TURN_MS = 33;
export const SERVER: PeerAddress = { host: "10.0.0.1", port: 7777 };

/** A generator good enough for tests (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** A copy of an event that outlives the call. */
export interface Seen {
  readonly kind: NetEvent<Connection>["kind"];
  readonly connection: Connection;
  readonly channel: number;
  readonly payload: Uint8Array;
  readonly reason: string;
  readonly detail: string;
  readonly by: string;
}

interface Flight {
  readonly bytes: Uint8Array;
  readonly from: PeerAddress;
  readonly to: PeerAddress;
  readonly dueMs: number;
}

export class Rig {
  nowMs = 1_000_000;
  readonly server: ServerEndpoint;
  readonly serverSaw: Seen[] = [];
  readonly clients: {
    readonly endpoint: ClientEndpoint;
    /** Change it, and the client has moved: nothing reaches it at its former one. */
    address: PeerAddress;
    readonly saw: Seen[];
  }[] = [];
  /** Decides what becomes of each datagram: copies with their delays; none for loss. */
  fate: (bytes: Uint8Array, to: PeerAddress) => readonly number[] = () => [0];
  readonly random: () => number;
  readonly #outbox = new Outbox();
  #flights: Flight[] = [];

  constructor(options: Partial<ServerEndpointOptions> = {}, seed = 1) {
    this.random = seeded(seed);
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
    for (let i = 0; i < into.length; i += 1) into[i] = Math.floor(this.random() * 256);
  };

  token(request: TokenRequest = {}): ConnectToken {
    return issueToken(sodium, this.fill, DEVELOPMENT_KEY, request, this.unixMs);
  }

  get unixMs(): number {
    return 1_800_000_000_000 + this.nowMs;
  }

  join(options: Partial<ClientEndpointOptions> = {}): Rig["clients"][number] {
    const address = { host: `10.1.0.${this.clients.length + 1}`, port: 4000 };
    const endpoint = new ClientEndpoint({
      sodium,
      cipher,
      random: this.fill,
      server: SERVER,
      channels: CHANNELS,
      definition: DEFINITION,
      token: this.token(),
      plaintext: true,
      name: `c${this.clients.length}`,
      connectTimeoutMs: 5_000,
      ...options,
    });
    const client = { endpoint, address, saw: [] };
    this.clients.push(client);
    endpoint.start(this.nowMs);
    return client;
  }

  /** A client that is in. */
  joined(): Rig["clients"][number] {
    const client = this.join();
    this.run(10);
    if (client.endpoint.connection.state !== "connected") throw new Error("the client did not get in");
    return client;
  }

  /** Hands the server a datagram as if from `from`. */
  inject(bytes: Uint8Array, from: PeerAddress = { host: "10.9.9.9", port: 9 }): void {
    this.server.receive(bytes, from, this.nowMs);
    this.#drain(this.server, this.serverSaw);
  }

  run(turns: number, eachTurn: () => void = () => {}): void {
    for (let i = 0; i < turns; i += 1) {
      eachTurn();
      this.#turn();
    }
  }

  #turn(): void {
    this.#flushHeldUntil(this.nowMs + TURN_MS);
    this.#deliver();
    this.server.update(this.nowMs);
    this.#drain(this.server, this.serverSaw);
    this.server.flush(this.nowMs, this.#outbox);
    this.#post(SERVER);
    for (const { endpoint, address, saw } of this.clients) {
      endpoint.update(this.nowMs);
      this.#drain(endpoint, saw);
      endpoint.flush(this.nowMs, this.#outbox);
      this.#post(address);
    }
  }

  #deliver(): void {
    const due = this.#flights.filter((flight) => flight.dueMs <= this.nowMs);
    this.#flights = this.#flights.filter((flight) => flight.dueMs > this.nowMs);
    due.sort((a, b) => a.dueMs - b.dueMs);
    for (const { bytes, from, to } of due) {
      const client = this.clients.find(({ address }) => sameAddress(address, to));
      if (to.host === SERVER.host) {
        this.server.receive(bytes, from, this.nowMs);
        this.#drain(this.server, this.serverSaw);
      } else if (client !== undefined) {
        client.endpoint.receive(bytes, from, this.nowMs);
        this.#drain(client.endpoint, client.saw);
      }
    }
  }

  /** What is paced leaves between two turns, and what was sent with a delay arrives. */
  #flushHeldUntil(endMs: number): void {
    for (;;) {
      const dueMs = Math.min(
        this.server.nextSendMs,
        ...this.#flights.map(({ dueMs: arrivesMs }) => arrivesMs),
        ...this.clients.map(({ endpoint }) => endpoint.nextSendMs),
      );
      if (dueMs >= endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.#deliver();
      this.server.flushHeld(this.nowMs, this.#outbox);
      this.#post(SERVER);
      for (const { endpoint, address } of this.clients) {
        if (endpoint.nextSendMs <= this.nowMs) endpoint.flush(this.nowMs, this.#outbox);
        this.#post(address);
      }
    }
    this.nowMs = endMs;
  }

  #post(from: PeerAddress): void {
    for (let i = 0; i < this.#outbox.length; i += 1) {
      const bytes = this.#outbox.bytesOf(i).slice(0, this.#outbox.lengthOf(i));
      const to = this.#outbox.addressOf(i);
      for (const delayMs of this.fate(bytes, to)) {
        this.#flights.push({ bytes, from, to, dueMs: this.nowMs + delayMs });
      }
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
