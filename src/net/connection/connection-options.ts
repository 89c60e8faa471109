import type { ChannelConfig } from "../channel/channel-kind.ts";
import type { RateLimits } from "../congestion/rate-limits.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import type { EventQueue } from "./event-queue.ts";
import type { PeerBudget } from "./peer-budget.ts";

/** `C` is the connection that is to be made of them. */
export interface ConnectionOptions<C> {
  readonly side: "client" | "server";
  readonly address: PeerAddress;
  readonly channels: readonly ChannelConfig[];
  readonly counters: NetCounters;
  readonly events: EventQueue<C>;
  /** Time between two flushes of a busy peer: no loss is declared faster. */
  readonly tickMs: number;
  readonly timeoutMs: number;
  readonly rates?: RateLimits | undefined;
  /** What one peer may do; none for the server, which we chose ourselves. */
  readonly budget?: PeerBudget;
}
