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
  readonly name: string;
  /** How long to knock before giving up. */
  readonly connectTimeoutMs: number;
  /** How long to knock after the server has fallen silent before giving up. Default 30 s. */
  readonly reconnectMs?: number;
  /**
   * What is put in counts so many ticks later, 0 to 3: less has to be predicted, but the player feels it. Default 0.
   */
  readonly inputDelayTicks?: number;
  /** Take a server that does not seal, for measurement. */
  readonly plaintext?: boolean;
}

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
  readonly bytesUp: number;
  readonly bytesDown: number;
}
