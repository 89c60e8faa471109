import type { ValueWarning } from "../src/game/schema/value-warnings.ts";
import type { ConnectToken } from "../src/net/crypto/connect-token.ts";
import type { PacketCipher } from "../src/net/crypto/packet-cipher.ts";
import type { Sodium } from "../src/net/crypto/sodium.ts";
import type { PeerAddress } from "../src/net/ports/peer-address.ts";
import type { RandomBytes } from "../src/net/ports/random-bytes.ts";
import type { DefinitionDigest } from "../src/net/wire/definition-digest.ts";
import type { DisconnectReason } from "../src/net/wire/disconnect-reason.ts";

export interface GameClientOptions {
  readonly server: PeerAddress;
  readonly random: RandomBytes;
  readonly crypto: ClientCrypto;
  /** The right to connect; see `connect-token.ts`. */
  readonly token: ConnectToken;
  /** Where there is another one, to join anew when the connection is lost. Without it the end of one is the end. */
  readonly renewToken?: RenewToken;
  readonly name: string;
  /** How long to knock before giving up. */
  readonly connectTimeoutMs: number;
  /**
   * How long to knock after the server has fallen silent before the connection is lost; and, where there are new tokens,
   * how long to try to join anew after that. Default 30 s.
   */
  readonly reconnectMs?: number;
  /**
   * What is put in counts so many ticks later, 0 to 3: less has to be predicted, but the player feels it. Default 0.
   */
  readonly inputDelayTicks?: number;
  /** Take a server that does not seal, for measurement. */
  readonly plaintext?: boolean;
  /** When handlers hear of a message: once what it is about is seen (the default), or when it comes. */
  readonly messages?: MessageTiming;
  /** The token is a spectator's: no ticks are put in, and nothing is predicted. */
  readonly spectate?: boolean;
  /** Step the player's own entities ahead of what the server has told. Default true. */
  readonly predict?: boolean;
  /** Hears of what the fields of an input or a message cannot hold, each once for a reason: for development. */
  readonly onValueWarning?: (warning: ValueWarning) => void;
}

/** Has `take` called with a new token, or with none when it could not be had: at once, or later. */
export type RenewToken = (take: (token: ConnectToken | undefined) => void) => void;

/** "in-time": when the view shows the newest tick that was heard of as the message came, 250 ms later at the latest. */
export type MessageTiming = "in-time" | "at-once";

/** What all clients of one game in one process share. */
export interface ClientCrypto {
  readonly sodium: Sodium;
  readonly cipher: PacketCipher;
  readonly definition: DefinitionDigest;
}

export interface ClosedInfo {
  readonly reason: DisconnectReason;
  readonly detail: string;
  readonly by: "server" | "client" | "network";
}

export interface ClientStats {
  /** Smoothed round trip in milliseconds; undefined before the first. */
  readonly rttMs: number | undefined;
  /** How much later than usual our inputs reach the server, all but one of twenty. */
  readonly jitterMs: number;
  /** Share of our packets that got lost, 0 to 1. */
  readonly lossRatio: number;
  /** How long our packets wait in queues on their way. */
  readonly queueingDelayMs: number;
  /** What may be sent, IP and UDP headers included. */
  readonly bytesPerSecond: number;
  /** How long before their tick our inputs arrive, in ticks, as the server said last; below 0 they are late. */
  readonly inputLeadTicks: number;
  /** The same as it should be: one tick, twice the jitter, and what a resend takes where packets get lost. */
  readonly wantedLeadTicks: number;
  /** Ticks that the server told something of. */
  readonly stateTicks: number;
  /** By how much `view` is behind the states that come fastest. */
  readonly interpolationMs: number;
  /** How much time the view showed, in ticks, of which no state had come: what flies went on by itself. */
  readonly extrapolatedTicks: number;
  /** How often the view stood still for more than 50 ms. */
  readonly freezes: number;
  /** How often what was predicted of the player's own was not what the server made of it, and ticks run again for it. */
  readonly corrections: number;
  /** The same, within the last minute. */
  readonly correctionsPerMinute: number;
  readonly replayedTicks: number;
  /** How often the player had to join anew. */
  readonly rejoins: number;
  /** Reliable messages of ours that were not acked when a connection was lost: they may have arrived, or not. */
  readonly messagesLost: number;
  /** UDP payload sent and received. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}
