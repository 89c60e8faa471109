import type { Outbox } from "../ports/outbox.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import { readU32 } from "../wire/data-packet.ts";
import type { Connection } from "./connection.ts";
import { UsedTokens } from "./used-tokens.ts";

/** A living connection and how it came in. */
export interface Peer {
  readonly connection: Connection;
  readonly tokenId: Uint8Array;
  /** Its CONNECT and what answered it, byte for byte. */
  readonly packet: Uint8Array;
  readonly accept: Uint8Array;
}

/** All peers of a server: by ConnectionId, which packets carry, and by the token that let them in. */
export class PeerTable {
  readonly usedTokens = new UsedTokens();
  /** In the order they came. */
  readonly all: Peer[] = [];
  /** When `flushHeld` has something to do, or Infinity: the earliest that any of them named when it was flushed. */
  nextSendMs = Number.POSITIVE_INFINITY;
  /** As `all`, without the step between. */
  readonly connections: Connection[] = [];
  /** By id as an integer of 32 bits with its sign, which engines keep as it is: half of all ids are beyond that. */
  readonly #byId = new Map<number, Connection>();
  #rotation = 0;
  /** Nobody has been silent for too long before that. To look at each in each turn would fetch all their memory. */
  #silentAtMs = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.all.length;
  }

  /** Does what silence does. */
  passTime(nowMs: number): void {
    if (nowMs < this.#silentAtMs) return;
    for (const connection of this.connections) connection.passTime(nowMs);
  }

  /** The connection may be silent for too long sooner than was known. */
  noteSilence({ life: { silentAtMs } }: Connection): void {
    this.#silentAtMs = Math.min(this.#silentAtMs, silentAtMs);
  }

  /** Has each write what is due, see `ServerEndpoint.flush`. Returns those that are over: `remove` them. */
  flush(nowMs: number, outbox: Outbox, onTurn?: (connection: Connection) => number): readonly Peer[] {
    const first = this.#nextFirst();
    const { connections } = this;
    const over: Peer[] = [];
    let nextSendMs = Number.POSITIVE_INFINITY;
    this.#silentAtMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < connections.length; i += 1) {
      const at = (first + i) % connections.length;
      const connection = connections[at]!;
      connection.tend(nowMs);
      connection.flush(onTurn?.(connection) ?? nowMs, outbox);
      this.noteSilence(connection);
      if (connection.state === "closed") over.push(this.all[at]!);
      else nextSendMs = Math.min(nextSendMs, connection.nextSendMs);
    }
    this.nextSendMs = nextSendMs;
    return over;
  }

  /** Has those write that had no room on their paths before, and have it now. */
  flushHeld(nowMs: number, outbox: Outbox): void {
    const first = this.#nextFirst();
    let nextSendMs = Number.POSITIVE_INFINITY;
    const { connections } = this;
    for (let i = 0; i < connections.length; i += 1) {
      const connection = connections[(first + i) % connections.length]!;
      if (connection.nextSendMs <= nowMs) connection.flush(nowMs, outbox);
      nextSendMs = Math.min(nextSendMs, connection.nextSendMs);
    }
    this.nextSendMs = nextSendMs;
  }

  /** Where to begin, each time with another: of those who share a link none shall always come first. */
  #nextFirst(): number {
    this.#rotation = this.#rotation >= this.all.length - 1 ? 0 : this.#rotation + 1;
    return this.#rotation;
  }

  get(connectionId: number): Peer | undefined {
    const connection = this.connectionOf(connectionId);
    return connection && this.all[this.connections.indexOf(connection)];
  }

  connectionOf(connectionId: number): Connection | undefined {
    return this.#byId.get(connectionId | 0);
  }

  /** The living connection of a player whom a backend vouches for. */
  ofPlayer(playerId: string): Peer | undefined {
    if (playerId === "") return undefined;
    for (const peer of this.all) {
      const { connection } = peer;
      const { state } = connection;
      const lives = state === "connected" || state === "dropped" || state === "accepted";
      if (connection.playerId === playerId && lives) return peer;
    }
    return undefined;
  }

  /** Random, so that nobody can guess into another's connection. */
  freeId(random: RandomBytes): number {
    const bytes = new Uint8Array(4);
    for (;;) {
      random(bytes);
      const id = readU32(bytes, 0);
      if (id !== 0 && !this.#byId.has(id | 0)) return id;
    }
  }

  /** `tokenExpiresAtS`: until when its token would still be taken. */
  add(peer: Peer, tokenExpiresAtS: number): void {
    this.#byId.set(peer.connection.id | 0, peer.connection);
    this.all.push(peer);
    this.connections.push(peer.connection);
    this.noteSilence(peer.connection);
    this.usedTokens.add(peer.tokenId, tokenExpiresAtS, peer.connection.id);
  }

  remove(peer: Peer): void {
    const { connection, tokenId } = peer;
    if (this.#byId.delete(connection.id | 0)) {
      const at = this.connections.indexOf(connection);
      this.all.splice(at, 1);
      this.connections.splice(at, 1);
    }
    // Never confirmed: for its owner this token has not been used.
    if (!connection.life.wasConnected) this.usedTokens.forget(tokenId);
  }
}
