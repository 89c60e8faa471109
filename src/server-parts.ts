import type { Snapshot } from "./game/replication/snapshot.ts";
import type { ValueWarning } from "./game/schema/value-warnings.ts";
import type { Sodium } from "./net/crypto/sodium.ts";
import type { ServerEndpointOptions } from "./net/endpoint/server-endpoint-options.ts";
import type { Clock } from "./net/ports/clock.ts";
import type { RandomBytes } from "./net/ports/random-bytes.ts";
import type { DefinitionDigest } from "./net/wire/definition-digest.ts";
import type { TickPhases } from "./tick-phases.ts";

/** What the owner of a server may listen to. */
export interface GameServerHooks {
  /**
   * How long each turn with a tick took and how late it began, both in milliseconds, and what it was spent on. The
   * object of phases is used again.
   */
  readonly onTick?: (durationMs: number, latenessMs: number, nowMs: number, phases: TickPhases) => void;
  /** Each tick's state that the players of a room were told of, whole. Costs as much as a copy of its world. */
  readonly onSnapshot?: (snapshot: Snapshot, room: string) => void;
  /** What the game's code threw, where ("onTick", "step.ship", "schema.chat") and in which room. */
  readonly onGameError?: (error: unknown, where: string, room: string) => void;
  /**
   * A value the game's code wrote that was not kept so: each kind, field and reason once per room. Bots of the server's own
   * process have no room. For development.
   */
  readonly onValueWarning?: (warning: ValueWarning, room: string | undefined) => void;
  readonly onJoined?: (player: PlayerInfo) => void;
  readonly onLeft?: (player: PlayerInfo, reason: string) => void;
  /** A player's connection fell silent, and came back. */
  readonly onDropped?: (player: PlayerInfo) => void;
  readonly onResumed?: (player: PlayerInfo) => void;
}

export interface PlayerInfo {
  /** Counts within the room. */
  readonly id: number;
  readonly name: string;
  /** The name of the room: "1" where there is but one. */
  readonly room: string;
  /** It looks on, and plays no part. */
  readonly isSpectator: boolean;
}

export interface GameServerParts extends GameServerHooks {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly sodium: Sodium;
  readonly definition: DefinitionDigest;
  /** Wall-clock time, which tokens expire by; milliseconds since 1970. */
  readonly unixMs: () => number;
  /** Of the game's chance: the first room's own, which those of the others are made of. */
  readonly seed: number;
  /** Of the chance that clients draw as well, u32: they are told it. Without it `seed`. */
  readonly stepSeed?: number;
  /** How many rooms run the game, named "1", "2" and so on. Default 1. */
  readonly rooms?: number;
  /** In each room. */
  readonly maxPlayers?: number;
  readonly net?: NetOptions;
}

/** What a server may be told about its connections; each has its default in `ServerEndpoint`. */
export type NetOptions = Pick<
  ServerEndpointOptions,
  | "backendKeys"
  | "audience"
  | "plaintext"
  | "rekey"
  | "handshakeLimits"
  | "peerLimits"
  | "rates"
  | "loopbackRates"
  | "reconnectMs"
>;
