import type { ChannelConfig } from "../channel/channel-kind.ts";
import type { RateLimits } from "../congestion/rate-limits.ts";
import type { HandshakeLimits } from "../connection/answer-budget.ts";
import type { Connection } from "../connection/connection.ts";
import type { PeerLimits } from "../connection/peer-budget.ts";
import type { Refusal } from "../connection/server-handshake.ts";
import type { BackendKey, TokenClaims } from "../crypto/connect-token.ts";
import type { RekeyRule } from "../crypto/packet-seal.ts";
import type { Sodium } from "../crypto/sodium.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import type { DefinitionDigest } from "../wire/definition-digest.ts";

export interface ServerEndpointOptions {
  readonly sodium: Sodium;
  readonly random: RandomBytes;
  /** Wall-clock time, which tokens expire by; milliseconds since 1970. */
  readonly unixMs: () => number;
  readonly channels: readonly ChannelConfig[];
  /** Of the game this server runs. */
  readonly definition: DefinitionDigest;
  readonly tickRate: number;
  readonly maxConnections: number;
  /** Of the chance that clients draw as the server does, u32: they are told it. Default 0. */
  readonly stepSeed?: number;
  /**
   * Where rooms have places of their own: the name of the room for a newcomer, or why there is none. `former` is the
   * same player's connection, which ends then. Without it `Connection.room` is what the token says.
   */
  readonly roomFor?: (claims: TokenClaims, former: Connection | undefined) => string | Refusal;
  /** Silence after which a peer is dropped. */
  readonly timeoutMs: number;
  /** How long a dropped peer may take to come back before its connection ends. Default `RECONNECT_MS`. */
  readonly reconnectMs?: number;
  /** Keys of backends whose tokens count. Default: the public development key. */
  readonly backendKeys?: readonly BackendKey[];
  /** The server or fleet that tokens must name. */
  readonly audience?: string;
  /** Packets travel in clear, for measurement. */
  readonly plaintext?: boolean;
  readonly rekey?: RekeyRule;
  readonly versions?: { readonly min: number; readonly max: number };
  readonly handshakeLimits?: HandshakeLimits;
  readonly peerLimits?: PeerLimits;
  readonly rates?: RateLimits;
  /** For clients on this machine, where they differ. */
  readonly loopbackRates?: RateLimits;
}
