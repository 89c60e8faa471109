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
  readonly #byId = new Map<number, Peer>();
  #rotation = 0;

  get size(): number {
    return this.#byId.size;
  }

  [Symbol.iterator](): IterableIterator<Peer> {
    return this.#byId.values();
  }

  /** All, beginning each time with another: of those who share a link none shall always come first. */
  *inRotation(): IterableIterator<Peer> {
    this.#rotation = this.#rotation >= this.#byId.size - 1 ? 0 : this.#rotation + 1;
    const first = this.#rotation;
    let index = 0;
    for (const peer of this.#byId.values()) {
      if (index >= first) yield peer;
      index += 1;
    }
    index = 0;
    for (const peer of this.#byId.values()) {
      if (index >= first) return;
      yield peer;
      index += 1;
    }
  }

  get(connectionId: number): Peer | undefined {
    return this.#byId.get(connectionId);
  }

  /** The living connection of a player whom a backend vouches for. */
  ofPlayer(playerId: string): Peer | undefined {
    if (playerId === "") return undefined;
    for (const peer of this.#byId.values()) {
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
      if (id !== 0 && !this.#byId.has(id)) return id;
    }
  }

  /** `tokenExpiresAtS`: until when its token would still be taken. */
  add(peer: Peer, tokenExpiresAtS: number): void {
    this.#byId.set(peer.connection.id, peer);
    this.usedTokens.add(peer.tokenId, tokenExpiresAtS, peer.connection.id);
  }

  remove({ connection, tokenId }: Peer): void {
    this.#byId.delete(connection.id);
    // Never confirmed: for its owner this token has not been used.
    if (!connection.wasConnected) this.usedTokens.forget(tokenId);
  }
}
