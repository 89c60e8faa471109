import type { EntityId, PlayerId, Values, Vec2 } from "./field.ts";
import type { LinkQuality } from "./link-quality.ts";
import type {
  Avatar,
  Entity,
  FromServer,
  InputValues,
  Kind,
  SeenEntity,
  SendResult,
  SentPayload,
  Shape,
} from "./shape.ts";

/** All entities of one kind, always in the same order for the same history. */
export interface EntityList<E> extends Iterable<E> {
  readonly size: number;
  get(id: EntityId): E | undefined;
}

/** Gives the same bits on every engine, which `Math.sin` and its like do not. */
export type DeterministicMath = Pick<Math, "sin" | "cos" | "atan2" | "sqrt" | "hypot" | "pow" | "exp">;

/** What `step` may use: the same on server and client. */
export interface StepContext<S extends Shape> {
  /** The tick that is run, or is about to be. */
  readonly tick: number;
  /** Seconds per tick. */
  readonly dt: number;
  /** In [0, 1). Hashes seed, tick, entity and how often it was called, so that both sides agree. */
  random(): number;
  readonly math: DeterministicMath;
  /** A new entity, which first steps on the next tick. Spawned inside a step it inherits the owner. Throws a RangeError past 2^20 entities. */
  spawn<K extends Kind<S>>(kind: K, values?: Partial<Values<S["entities"][K]>>): Entity<S, K>;
  /**
   * Takes effect at once; a second time does nothing. What you still hold of the entity can be read until the
   * tick ends; after that reading its fields throws, so keep the `id` and ask `world.get`.
   */
  despawn(entity: { readonly id: EntityId }): void;
}

type Lists<S extends Shape> = { readonly [K in Kind<S>]: EntityList<Entity<S, K>> };
export type StepWorld<S extends Shape> = StepContext<S> & {
  readonly [K in Kind<S>]: EntityList<SeenEntity<S, K>>;
};

export interface WorldBase<S extends Shape> extends StepContext<S> {
  readonly players: Iterable<Player<S>> & { readonly size: number };
  get(id: EntityId | undefined): Entity<S, Kind<S>> | undefined;
  /**
   * Entities whose `x` and `y` are within `radius` of `at` right now, in the order of their ids. Kinds without
   * numbers `x` and `y` are near nothing. Despawned ones are skipped while you iterate.
   */
  near(at: Readonly<Vec2>, radius: number): Iterable<Entity<S, Kind<S>>>;
  near<K extends Kind<S>>(at: Readonly<Vec2>, radius: number, kind: K): Iterable<Entity<S, K>>;
  /**
   * Runs `fn`, which must answer at once, while others stand where `player` saw them when it made the input of this
   * tick (in `onMessage`: the newest that came), and gives what it gives: at most 250 ms ago, and beside them up to 4 ticks that
   * the input waited for its tick and 3 for showing others between two states. Set back are the numbers
   * with fractions, angles and vec2 of all kinds with `x` and `y`, or of those the room names (`rewind`), but not the
   * player's own. What you write to these fields is undone; all else you do stays.
   *
   * Throws inside another `fn`, and what `fn` throws, with everything back in its place.
   */
  rewind<T>(player: Player<S>, fn: () => T): T;
  /** Sends to all players. Whom the message cannot reach (queue full) misses it, and that is counted; so is one its schema refuses. */
  broadcast<N extends FromServer<S>>(name: N, message: SentPayload<S["messages"][N]>): void;
}

/** A running game, as its rules see it. */
export type World<S extends Shape> = WorldBase<S> & Lists<S>;

export interface Player<S extends Shape> {
  readonly id: PlayerId;
  readonly name: string;
  /** Who the game's backend says the player is, the same each time; undefined when nobody vouches for it. */
  readonly account: string | undefined;
  /** What else the backend said, at most 256 bytes; empty when it said nothing. */
  readonly userData: Uint8Array;
  /** True of those who look on, whom `interest.sees` is asked about too; they steer nothing and have no team. */
  readonly isSpectator: boolean;
  /** False while the player's connection is silent: from `onDrop` until `onReconnect` or `onLeave`. */
  readonly isConnected: boolean;
  /** How it stands with the way to the player, now. */
  readonly link: LinkQuality;
  /** What the player wants in the present tick. */
  readonly input: Readonly<InputValues<S>>;
  /** What the player steers. Assign an entity to hand it over, undefined to spectate. */
  get entity(): Entity<S, Avatar<S>> | undefined;
  set entity(entity: Entity<S, Avatar<S>> | undefined);
  /** Those of one team see what is for the team's eyes of each other's entities. undefined = none. */
  team: number | undefined;
  /** From where the player looks, if not from the entity. Matters where the room's interest has a radius. */
  viewpoint: Readonly<Vec2> | undefined;
  /** How often `world.rewind` was given this player, who claimed to have seen what it cannot have seen. */
  readonly rewindsClamped: number;
  send<N extends FromServer<S>>(name: N, message: SentPayload<S["messages"][N]>): SendResult;
  /** Ends the player's stay once the hook returned; `onLeave` gets the reason. */
  kick(reason: string): void;
}

/** Someone who sees the game, what is for everyone's eyes, and takes no part in it. */
export interface Spectator<S extends Shape>
  extends Pick<
    Player<S>,
    | "id"
    | "name"
    | "account"
    | "userData"
    | "isSpectator"
    | "isConnected"
    | "link"
    | "viewpoint"
    | "send"
    | "kick"
  > {
  /**
   * Looks from where this entity is, and from where it was last when it is gone. Matters where the room's interest has a
   * radius: without an entity and a viewpoint a spectator sees all.
   */
  follow(entity: { readonly id: EntityId } | undefined): void;
}
