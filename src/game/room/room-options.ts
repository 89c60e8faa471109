import type { ReplicaHistory } from "../replication/replica-history.ts";
import type { LinkQuality } from "../schema/link-quality.ts";
import type { SendResult, Shape } from "../schema/shape.ts";
import type { ValueWarning } from "../schema/value-warnings.ts";
import type { Player } from "../schema/world-types.ts";

export interface RoomOptions<S extends Shape> {
  /** Makes `world.random()`; the same seed and the same calls give the same game. */
  readonly seed: number;
  /** Of what steps draw; clients are told it. Without it `seed`. */
  readonly stepSeed?: number;
  /** What tokens call it; without it "1". */
  readonly name?: string;
  /** Without it, what the rules say; else 64. */
  readonly maxPlayers?: number;
  /**
   * Hands an encoded message to the player's transport, which may keep the bytes; `channel` counts `channelTable(game)`,
   * `key` says which value of its channel it replaces, where the channel's kind has keys.
   */
  readonly deliver?: (player: Player<S>, channel: number, bytes: Uint8Array, key: number) => SendResult;
  /** What is known of the way to a player. */
  readonly linkOf?: (player: Player<S>) => LinkQuality | undefined;
  /** Hears what the rules threw, and where: "onTick", "step.ship", "onMessage.chat", "schema.chat". */
  readonly onError?: (error: unknown, where: string) => void;
  /** Hears of values the rules wrote that were not kept so: each kind, field and reason once, at most 100 in all. */
  readonly onValueWarning?: (warning: ValueWarning) => void;
  /** What players were told, of which `world.rewind` shows the past. Without it that shows the present. */
  readonly history?: ReplicaHistory;
}
