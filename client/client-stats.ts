import type { ClientState } from "../src/game/schema/client-types.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { ConnectionState } from "../src/net/connection/connection-state.ts";
import type { ClientStats } from "./client-types.ts";
import type { Visit } from "./visit.ts";

/** What is counted over all stays of a player with a server. */
type Counted = "stateTicks" | "extrapolatedTicks" | "freezes" | "corrections" | "replayedTicks";
export type PastCounts = { -readonly [K in Counted | "rejoins" | "messagesLost"]: number };

export function newPastCounts(): PastCounts {
  const counts = { stateTicks: 0, extrapolatedTicks: 0, freezes: 0, corrections: 0, replayedTicks: 0 };
  return { ...counts, rejoins: 0, messagesLost: 0 };
}

/** Of one stay. */
function countsOf({ world, own }: Visit<Shape>): Record<Counted, number> {
  const { corrections = 0, replayedTicks = 0 } = own?.counters ?? {};
  const { extrapolatedTicks, freezes } = world.clock;
  return { stateTicks: world.stateTicks, extrapolatedTicks, freezes, corrections, replayedTicks };
}

/** Adds what was counted in a stay that is over. */
export function addPast(past: PastCounts, visit: Visit<Shape>): void {
  const counts = countsOf(visit);
  for (const name of Object.keys(counts) as Counted[]) past[name] += counts[name];
}

/** How it stands with a client: now with its present stay, in numbers over all of them. */
export function clientStats(
  visit: Visit<Shape>,
  past: Readonly<PastCounts>,
  correctionsPerMinute: number,
): ClientStats {
  const { connection, endpoint, ticks, world } = visit;
  const { clock } = ticks;
  const stats = {
    rttMs: connection.acks.rtt.smoothedMs,
    jitterMs: clock?.jitterMs ?? 0,
    lossRatio: connection.acks.lossRatio,
    queueingDelayMs: connection.congestion.queueingDelayMs,
    bytesPerSecond: connection.congestion.bytesPerSecond,
    inputLeadTicks: clock === undefined ? 0 : clock.leadMs / clock.tickMs,
    wantedLeadTicks: clock === undefined ? 0 : clock.wantedLeadMs / clock.tickMs,
    ...past,
    interpolationMs: world.clock.delayMs,
    correctionsPerMinute,
    bytesUp: endpoint.counters.bytesSent,
    bytesDown: endpoint.counters.bytesReceived,
  };
  const counts = countsOf(visit);
  for (const name of Object.keys(counts) as Counted[]) stats[name] += counts[name];
  return stats;
}

/** What a game calls the state that its connection is in. */
export function clientStateOf(state: ConnectionState): ClientState {
  if (state === "connected") return "playing";
  if (state === "dropped") return "dropped";
  return state === "closing" || state === "closed" ? "closed" : "connecting";
}
