import type { PredictionCounters } from "../src/game/prediction/predicted-world.ts";
import type { Client } from "../src/game/schema/client-types.ts";
import type { ConnectionState } from "../src/net/connection/connection-state.ts";
import type { ClientEndpoint } from "../src/net/endpoint/client-endpoint.ts";
import type { ClientStats } from "./client-types.ts";
import type { TickPlayer } from "./tick-player.ts";
import type { ToldWorld } from "./told-world.ts";

/** How it stands with a client, put together from its parts. `prediction`: undefined where nothing is predicted. */
export function clientStats(
  { connection, counters }: ClientEndpoint,
  { clock }: TickPlayer,
  { clock: shown, stateTicks }: Pick<ToldWorld<never>, "clock" | "stateTicks">,
  prediction: Readonly<PredictionCounters> | undefined,
): ClientStats {
  return {
    rttMs: connection.acks.rtt.smoothedMs,
    jitterMs: clock?.jitterMs ?? 0,
    lossRatio: connection.acks.lossRatio,
    queueingDelayMs: connection.congestion.queueingDelayMs,
    bytesPerSecond: connection.congestion.bytesPerSecond,
    inputLeadTicks: clock === undefined ? 0 : clock.leadMs / clock.tickMs,
    wantedLeadTicks: clock === undefined ? 0 : clock.wantedLeadMs / clock.tickMs,
    stateTicks,
    interpolationMs: shown.delayMs,
    extrapolatedTicks: shown.extrapolatedTicks,
    freezes: shown.freezes,
    corrections: prediction?.corrections ?? 0,
    replayedTicks: prediction?.replayedTicks ?? 0,
    bytesUp: counters.bytesSent,
    bytesDown: counters.bytesReceived,
  };
}

/** What a game calls the state that its connection is in. */
export function clientStateOf(state: ConnectionState): Client<never>["state"] {
  if (state === "connected") return "playing";
  if (state === "dropped") return "dropped";
  return state === "closing" || state === "closed" ? "closed" : "connecting";
}
