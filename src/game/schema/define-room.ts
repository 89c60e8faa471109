import type { Game } from "./define-game.ts";
import type { Entity, FromClient, Kind, Payload, Shape } from "./shape.ts";
import type { Player, Spectator, World } from "./world-types.ts";

/** How many may play, and look on, where the rules do not say. */
export const DEFAULT_MAX_PLAYERS = 64;
export const DEFAULT_MAX_SPECTATORS = 16;

/** Who sees what. Without it everyone sees everything. */
export interface Interest<S extends Shape> {
  /**
   * How far a player sees, in the units of `x` and `y`: from the viewpoint, else from the entity, else from where
   * that was last. Who never had either sees all. Without a radius, distance does not matter.
   */
  readonly radius?: number;
  /** What all players see wherever it is: kinds, or a question asked once per entity and tick. What has no place is seen by all in any case. */
  readonly always?: readonly Kind<S>[] | ((entity: Entity<S, Kind<S>>) => boolean);
  /** Has the last word, each tick, on all that the player would see, their own included: what it denies is never sent. */
  readonly sees?: (player: Player<S>, entity: Entity<S, Kind<S>>) => boolean;
}

/**
 * What the server does besides moving entities. An error thrown by `onJoin` or `onMessage` costs that player
 * the stay (reason "room-error"); one thrown elsewhere is counted and reported, and the game goes on.
 */
export interface RoomHooks<S extends Shape> {
  /** Without it: 64. */
  readonly maxPlayers?: number;
  /** How many may look on beside them. Without it: 16. */
  readonly maxSpectators?: number;
  /** Without it everyone is sent everything, as far as their link takes it. */
  readonly interest?: Interest<S>;
  /** The kinds that `world.rewind` sets back. Without it all that have `x` and `y`. */
  readonly rewind?: readonly Kind<S>[];
  onCreate?(world: World<S>): void;
  onJoin?(world: World<S>, player: Player<S>): void;
  /** The player's connection has fallen silent. Everything of the player stays until it is back, or leaves. */
  onDrop?(world: World<S>, player: Player<S>): void;
  /** The player is heard again. */
  onReconnect?(world: World<S>, player: Player<S>): void;
  /** The player's entities leave after it. */
  onLeave?(world: World<S>, player: Player<S>, reason: string): void;
  /** Someone has come to look on; neither `onJoin` nor `onLeave` hears of them. */
  onSpectate?(world: World<S>, spectator: Spectator<S>): void;
  onSpectatorLeave?(world: World<S>, spectator: Spectator<S>, reason: string): void;
  /** After every entity has stepped: the rules only the server knows. */
  onTick?(world: World<S>): void;
  readonly onMessage?: {
    readonly [N in FromClient<S>]?: (
      world: World<S>,
      player: Player<S>,
      message: Payload<S["messages"][N]>,
    ) => void;
  };
  /** What spectators say. Without a hook for it, it is counted and forgotten. */
  readonly onSpectatorMessage?: {
    readonly [N in FromClient<S>]?: (
      world: World<S>,
      spectator: Spectator<S>,
      message: Payload<S["messages"][N]>,
    ) => void;
  };
}

/** The server's rules for a game. */
export interface RoomRules<S extends Shape> {
  readonly game: Game<S>;
  readonly hooks: RoomHooks<S>;
}

/** Joins a game with the rules only its server knows. */
export function defineRoom<S extends Shape>(game: Game<S>, hooks: RoomHooks<NoInfer<S>>): RoomRules<S> {
  return { game, hooks };
}
