import type { ChannelConfig } from "../channel/channel-kind.ts";
import type { RateLimits } from "../congestion/rate-limits.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import type { RandomBytes } from "../ports/random-bytes.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import type { EventQueue } from "./event-queue.ts";
import type { PeerBudget } from "./peer-budget.ts";

/** `Peer` is the connection itself, as its events name it. */
export interface ConnectionOptions<Peer> {
  readonly side: "client" | "server";
  readonly address: PeerAddress;
  readonly channels: readonly ChannelConfig[];
  readonly counters: NetCounters;
  readonly events: EventQueue<Peer>;
  /** Time between two flushes of a busy peer: no loss is declared faster. */
  readonly tickMs: number;
  /** Silence after which a connected peer is dropped. */
  readonly timeoutMs: number;
  /** How long a dropped peer may take to come back. Default `RECONNECT_MS`. */
  readonly reconnectMs?: number;
  /** Makes challenges for a peer that has moved. Without it the peer stays where it is, as a server does. */
  readonly random?: RandomBytes;
  /** Between what rates it sends. Default `DEFAULT_RATES`. */
  readonly rates?: RateLimits | undefined;
  /** What one peer may do; none for the server, which we chose ourselves. */
  readonly budget?: PeerBudget;
}
