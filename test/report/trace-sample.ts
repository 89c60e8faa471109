import type { TraceHeader, TraceTick } from "../../client/trace-format.ts";

const fields = [
  { name: "x", step: 1 / 64, turn: 0 },
  { name: "y", step: 1 / 64, turn: 0 },
];

export const traceHeader: TraceHeader = {
  format: "tickwire-trace",
  version: 1,
  game: "sample",
  tickRate: 20,
  bot: "bot 1",
  kinds: [
    { name: "ship", fields, place: [0, 1] },
    { name: "rock", fields, place: [0, 1] },
    { name: "paddle", fields: [fields[0]!], place: [0] },
    { name: "dial", fields: [{ name: "turn", step: 0.1, turn: 2 * Math.PI }], place: [] },
  ],
};

/** A tick of a ship that was foreseen a unit off. */
export function traceTick(changes: Partial<TraceTick>): TraceTick {
  const tick = changes.tick ?? 5;
  return {
    tick,
    ms: tick * 50,
    confirmedTick: tick - 4,
    kind: "ship",
    id: 3,
    predicted: [tick, 1],
    shown: [tick, 2],
    truth: [tick, 0],
    predictedOff: 1,
    shownOff: 2,
    corrections: 0,
    replayedTicks: 0,
    leadTicks: 1.5,
    wantedLeadTicks: 1.25,
    interpolationMs: 60,
    viewTick: tick - 5.5,
    freezes: 0,
    extrapolatedTicks: 0,
    rttMs: 40,
    jitterMs: 2,
    lossPercent: 1,
    other: { kind: "rock", id: 9, shown: [1, 1], told: [1, 1.5], off: 0.5 },
    ...changes,
  };
}
