/**
 * A player of a served room with both ends of its connection, in clear, and a bad network between them; and what the
 * client's end holds of the room.
 */
import { CarryReader } from "../../src/game/replication/carry-reader.ts";
import { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import { channelTable } from "../../src/game/schema/channel-table.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import type { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import type { RateLimits } from "../../src/net/congestion/rate-limits.ts";
import { Connection } from "../../src/net/connection/connection.ts";
import { EventQueue } from "../../src/net/connection/event-queue.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import { CLIENT_HEADER_BYTES, readU16, SERVER_HEADER_BYTES } from "../../src/net/wire/data-packet.ts";
import { newNetCounters } from "../../src/net/wire/net-counters.ts";
import type { PlayerFeed } from "../../src/player-feed.ts";
import type { ServedRoom } from "../../src/served-room.ts";
import { promise } from "./target.ts";

export const TICK_MS = 1000 / 30;
const FOREVER_MS = 1e9;
const outbox = new Outbox();

/** Of datagrams, both ways. */
export interface Network {
  readonly lossPercent: number;
  readonly doublePercent: number;
  /** More than 0 reorders. */
  readonly jitterTicks: number;
}
export const GOOD_NETWORK: Network = { lossPercent: 0, doublePercent: 0, jitterTicks: 0 };

export class ServedPlayer {
  network: Network = GOOD_NETWORK;
  readonly server: Connection;
  readonly client: Connection;
  readonly feed: PlayerFeed<Shape>;
  /** Of both ends. */
  readonly counters = newNetCounters();
  readonly store: ReplicaStore;
  readonly own: CarryReader;
  /** Blocks as the client read them, in that order. */
  readonly states: Uint8Array[] = [];
  readonly owns: Uint8Array[] = [];
  readonly #events = new EventQueue<Connection>();
  readonly #chance: SeededRandom;
  #flights: { readonly bytes: Uint8Array; readonly to: Connection; readonly dueMs: number }[] = [];

  constructor(
    served: ServedRoom<Shape>,
    game: Game<Shape>,
    rates: RateLimits,
    chance: SeededRandom,
    nowMs: number,
  ) {
    this.#chance = chance;
    const ends = {
      channels: channelTable(game),
      events: this.#events,
      tickMs: TICK_MS,
      timeoutMs: FOREVER_MS,
    };
    const address = { host: "10.0.0.1", port: 1 };
    this.server = new Connection({ ...ends, side: "server", address, counters: this.counters, rates });
    this.client = new Connection({ ...ends, side: "client", address, counters: this.counters });
    this.server.become("accepted", nowMs);
    for (const state of ["asking", "connecting", "connected"] as const) this.client.become(state, nowMs);
    this.store = new ReplicaStore(game);
    this.own = new CarryReader(this.store);
    this.client.readState = (bytes, start, end) => this.#read(bytes.slice(start, end));
    this.server.name = "ada";
    this.feed = served.join(this.server, () => {});
  }

  /** The newest tick that something was told of. */
  get shownTick(): number {
    return Math.max(this.own.state.tick, this.store.newestTick);
  }

  /** Both ends send what they have, and what is due arrives. */
  turn(nowMs: number): void {
    for (const from of [this.server, this.client]) {
      from.passTime(nowMs);
      from.tend(nowMs);
      from.flush(nowMs, outbox);
      this.#post(from === this.server ? this.client : this.server, nowMs);
    }
    const due = this.#flights.filter(({ dueMs }) => dueMs <= nowMs);
    this.#flights = this.#flights.filter(({ dueMs }) => dueMs > nowMs);
    for (const { bytes, to } of due) {
      const headerEnd = to === this.server ? CLIENT_HEADER_BYTES : SERVER_HEADER_BYTES;
      to.receive(bytes, headerEnd, readU16(bytes, headerEnd - 2), nowMs);
      this.#takeEvents();
    }
  }

  #post(to: Connection, nowMs: number): void {
    const { lossPercent, doublePercent, jitterTicks } = this.network;
    const chance = this.#chance;
    for (let i = 0; i < outbox.length; i += 1) {
      const bytes = outbox.bytesOf(i).slice(0, outbox.lengthOf(i));
      const copies = chance.below(100) < lossPercent ? 0 : chance.below(100) < doublePercent ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        this.#flights.push({ bytes, to, dueMs: nowMs + chance.below(jitterTicks + 1) * TICK_MS });
      }
    }
    outbox.clear();
  }

  #read(block: Uint8Array): boolean {
    const { blocksTooOld } = this.store.counters;
    this.states.push(block);
    const isTaken = this.store.receive(block);
    // What a lawful server writes can be read, unless it was too long on its way.
    promise(isTaken || this.store.counters.blocksTooOld > blocksTooOld, "a lawful block can be read");
    return isTaken;
  }

  #takeEvents(): void {
    for (let event = this.#events.take(); event !== undefined; event = this.#events.take()) {
      if (event.kind !== "own") continue;
      this.owns.push(event.bytes.slice(event.start, event.end));
      promise(this.own.receive(event.bytes, event.start, event.end), "a lawful own block can be read");
    }
  }
}
