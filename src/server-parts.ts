import type { Snapshot } from "./game/replication/snapshot.ts";
import type { ValueWarning } from "./game/schema/value-warnings.ts";
import type { Sodium } from "./net/crypto/sodium.ts";
import type { ServerEndpointOptions } from "./net/endpoint/server-endpoint-options.ts";
import type { Clock } from "./net/ports/clock.ts";
import type { RandomBytes } from "./net/ports/random-bytes.ts";
import type { DefinitionDigest } from "./net/wire/definition-digest.ts";

/** What the owner of a server may listen to. */
export interface GameServerHooks {
  /** How long each turn with a tick took and how late it began, both in milliseconds. */
  readonly onTick?: (durationMs: number, latenessMs: number, nowMs: number) => void;
  /** Each tick's state that players were told of, whole. Costs as much as a copy of the world. */
  readonly onSnapshot?: (snapshot: Snapshot) => void;
  /** What the game's code threw, and where: "onTick", "step.ship", "schema.chat". */
  readonly onGameError?: (error: unknown, where: string) => void;
  /** A value the game's code wrote that was not kept so: each kind, field and reason once. For development. */
  readonly onValueWarning?: (warning: ValueWarning) => void;
  readonly onJoined?: (player: PlayerInfo) => void;
  readonly onLeft?: (player: PlayerInfo, reason: string) => void;
  /** A player's connection fell silent, and came back. */
  readonly onDropped?: (player: PlayerInfo) => void;
  readonly onResumed?: (player: PlayerInfo) => void;
}

export interface PlayerInfo {
  readonly id: number;
  readonly name: string;
}

export interface GameServerParts extends GameServerHooks {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly sodium: Sodium;
  readonly definition: DefinitionDigest;
  /** Wall-clock time, which tokens expire by; milliseconds since 1970. */
  readonly unixMs: () => number;
  /** Of the game's chance. */
  readonly seed: number;
  /** Of the chance that clients draw as well, u32: they are told it. Without it `seed`. */
  readonly stepSeed?: number;
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
