/**
 * A room with all that tells its players of it: what was captured of its ticks, who sees what, and a feed for each
 * player. It knows connections, but neither endpoint nor socket.
 */
import type { InterestOptions } from "./game/interest/interest-rules.ts";
import { RoomInterest } from "./game/interest/room-interest.ts";
import { CarryBlock } from "./game/replication/carry-block.ts";
import { DeltaBlock } from "./game/replication/delta-block.ts";
import { DeltaEncoder } from "./game/replication/delta-encoder.ts";
import { ReplicaHistory } from "./game/replication/replica-history.ts";
import type { Viewer } from "./game/replication/replica-plan.ts";
import { snapshotOfHistory } from "./game/replication/replica-snapshot.ts";
import type { Snapshot } from "./game/replication/snapshot.ts";
import { Room } from "./game/room/room.ts";
import type { RoomOptions } from "./game/room/room-options.ts";
import type { RoomPlayer } from "./game/room/room-player.ts";
import { RoomSpectator } from "./game/room/room-spectator.ts";
import type { RoomRules } from "./game/schema/define-room.ts";
import type { Shape } from "./game/schema/shape.ts";
import type { Connection } from "./net/connection/connection.ts";
import { linkQualityOf } from "./net/connection/link-quality.ts";
import { type FeedParts, PlayerFeed } from "./player-feed.ts";

export class ServedRoom<S extends Shape> {
  readonly room: Room<S>;
  readonly #history: ReplicaHistory;
  readonly #encoder: DeltaEncoder;
  readonly #feedParts: FeedParts;
  readonly #interest: RoomInterest<RoomPlayer<S>>;
  readonly #feeds = new Map<RoomPlayer<S>, PlayerFeed<S>>();

  constructor(rules: RoomRules<S>, options: Omit<RoomOptions<S>, "deliver" | "linkOf" | "history">) {
    const { game } = rules;
    this.#history = new ReplicaHistory(game);
    this.#encoder = new DeltaEncoder(this.#history);
    this.room = new Room(rules, {
      ...options,
      history: this.#history,
      deliver: (player, channel, bytes, key) =>
        this.connectionOf(player)?.send(channel, bytes, key) ?? "queue-full",
      linkOf: (player) => {
        const connection = this.connectionOf(player);
        return connection && linkQualityOf(connection);
      },
    });
    this.#feedParts = {
      block: new DeltaBlock(this.#encoder),
      carries: new CarryBlock(this.#history, this.room["~store"]),
      tickMs: 1000 / game.tickRate,
    };
    this.#interest = new RoomInterest(interestOptions(rules), {
      schema: game.schema,
      store: this.room["~store"],
      tickRate: game.tickRate,
      surprises: {
        newest: (index, viewer) => this.#history.newest(index, viewer as Viewer),
        ageFor: (index, heldTick, viewer) => this.#history.ageFor(index, heldTick, viewer as Viewer),
        recordBytes: (index, age, viewer) => {
          const record = this.#encoder.record(index, age, viewer as Viewer);
          return this.#encoder.ends[record]! - this.#encoder.starts[record]!;
        },
      },
      failed: (error, where) => this.room.fail(error, where),
    });
  }

  /** True when there is no place for who comes by this connection, to play or to look on. */
  isFullFor({ isSpectator }: Connection): boolean {
    return isSpectator ? this.room.onlookers.isFull : this.room.isFull;
  }

  /** Lets a player or a spectator in, whose connection can be written to from `onJoin` or `onSpectate` on. */
  join(connection: Connection, onAdmitted: (feed: PlayerFeed<S>) => void): PlayerFeed<S> {
    const { isSpectator, name, playerId, userData } = connection;
    const voucher = { ...(playerId !== "" && { account: playerId }), userData };
    const admit = (player: RoomPlayer<S>): void => {
      const feed = new PlayerFeed(player, connection, this.#interest, this.#feedParts);
      this.#feeds.set(player, feed);
      connection.sendStateFrom(feed);
      onAdmitted(feed);
    };
    const group = isSpectator ? this.room.onlookers : this.room;
    return this.#feeds.get(group.join(name, admit, voucher))!;
  }

  /** Takes what came of a player's. Bytes need not outlive the call. */
  receive(
    { player }: PlayerFeed<S>,
    kind: "input" | "message",
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { room } = this;
    if (kind === "input") {
      if (player.isSpectator) room.onlookers.receiveInput();
      else room.receiveInput(player, bytes, start, end);
    } else if (player instanceof RoomSpectator) room.onlookers.receiveMessage(player, bytes, start, end);
    else room.receiveMessage(player, bytes, start, end);
  }

  /** Nothing is heard of the player. */
  drop({ player }: PlayerFeed<S>): void {
    if (player.isSpectator) player.isConnected = false;
    else this.room.drop(player);
  }

  resume({ player }: PlayerFeed<S>): void {
    if (player.isSpectator) player.isConnected = true;
    else this.room.reconnect(player);
  }

  leave(feed: PlayerFeed<S>, reason: string): void {
    const { player } = feed;
    if (player instanceof RoomSpectator) this.room.onlookers.leave(player, reason);
    else this.room.leave(player, reason);
    this.#feeds.delete(feed.player);
    feed.end();
  }

  /** Captures the state as it stands. After that `tell` each player of it. */
  capture(): void {
    const { tick } = this.room;
    if (tick === this.#history.tick) return;
    this.#history.capture(this.room["~store"], tick);
    if (this.#feeds.size > 0) this.#interest.observe(tick);
  }

  /** Has a player's feed choose what to send of the state that was captured last. */
  tell(feed: PlayerFeed<S>): void {
    const { connection, player } = feed;
    const { tick } = this.room;
    connection.tick = tick;
    connection.inputLead = this.room.leadTicks(player);
    // Would be stale by the time it is back.
    if (player.isConnected) feed.begin(tick);
    else feed.drop();
  }

  /** What was captured last, whole, as everyone who sees all would be told. */
  snapshot(): Snapshot {
    return snapshotOfHistory(this.#history);
  }

  /** Players are known by what they are, whatever the type that rules see. */
  connectionOf(player: object): Connection | undefined {
    return this.#feeds.get(player as RoomPlayer<S>)?.connection;
  }
}

/** What the room says of interest, for code that does not know the game's types. */
function interestOptions<S extends Shape>(rules: RoomRules<S>): InterestOptions<RoomPlayer<S>> {
  return (rules.hooks.interest ?? {}) as unknown as InterestOptions<RoomPlayer<S>>;
}
