import { describe, expect, test } from "vitest";
import type { TraceHeader, TraceTick } from "../../client/trace-format.ts";
import { readTraceText } from "../../src/report/trace-text.ts";
import { traceHeader, traceTick } from "./trace-sample.ts";

const textOf = (...lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");
const read =
  (header: unknown, ...ticks: readonly unknown[]) =>
  () =>
    readTraceText(textOf(header, ...ticks));

describe("the text of a trace", () => {
  test("is read as it was written", () => {
    const ticks: TraceTick[] = [
      traceTick({ tick: 1 }),
      traceTick({ tick: 2, truth: null, predictedOff: null, shownOff: null, rttMs: null }),
      traceTick({ tick: 9, kind: null, id: null, predicted: null, shown: null, truth: null, other: null }),
      traceTick({ tick: 10, other: { kind: "rock", id: 7, shown: [1, null], told: [null, 2], off: null } }),
      traceTick({ tick: 11, other: { kind: "rock", id: 7, shown: [1, 2], told: null, off: null } }),
    ];
    expect(read(traceHeader, ...ticks)()).toEqual({ header: traceHeader, ticks });
    expect(read(traceHeader)()).toEqual({ header: traceHeader, ticks: [] });
  });

  test("may end in a line that is still being written", () => {
    const text = textOf(traceHeader, traceTick({ tick: 1 }), traceTick({ tick: 2 }));
    for (const cut of [1, 2, 20]) expect(readTraceText(text.slice(0, -cut)).ticks).toHaveLength(1);
  });

  const header = (changes: object): TraceHeader => ({ ...traceHeader, ...changes });
  const [ship] = traceHeader.kinds;
  test.each([
    [read(traceTick({})), "line 1: it is no header of a trace"],
    [read([]), "line 1: it is no JSON object"],
    [() => readTraceText(""), "line 1: there is none"],
    [() => readTraceText("#!/bin/sh\n"), "line 1: it is not JSON"],
    [read(header({ version: 2 })), "line 1: its version is not 1"],
    [read(header({ bot: 1 })), 'line 1: "game" and "bot" are not both text'],
    [read(header({ tickRate: 0 })), 'line 1: "tickRate" is no number above 0'],
    [read(header({ kinds: [{ ...ship, place: [0, 2] }] })), 'line 1: "kinds" are not the kinds of a game'],
    [read(header({ kinds: [{ ...ship, fields: [{ name: "x" }] }] })), 'line 1: "kinds" are not'],
  ])("is refused for its first line: %#", (act, sentence) => {
    expect(act).toThrow(`is malformed in ${sentence}`);
  });

  test.each([
    [traceTick({ tick: 1 }), "its tick 1 does not come after 1"],
    [{}, '"tick" is no number'],
    [7, "it is no JSON object"],
    [traceTick({ ms: Number.NaN }), '"ms" is no number'],
    [traceTick({ rttMs: "7" as never }), '"rttMs" is neither a number nor null'],
    [traceTick({ kind: "tree" }), '"kind" is none of the header\'s'],
    [traceTick({ truth: [1] }), '"truth" does not hold the numbers of its kind'],
    [traceTick({ shown: [1, null as never] }), '"shown" does not hold the numbers of its kind'],
    [traceTick({ predicted: null }), '"predicted" does not hold the numbers of its kind'],
    [
      traceTick({ other: { kind: "rock", id: 1, shown: [1], told: null, off: null } }),
      '"other" is no entity',
    ],
    [traceTick({ other: 7 as never }), '"other" is no entity'],
  ])("is refused for a line in the middle: %#", (tick, sentence) => {
    const act = read(traceHeader, traceTick({ tick: 1 }), tick, traceTick({ tick: 9 }));
    expect(act).toThrow(`is malformed in line 3: ${sentence}`);
  });
});
