import { describe, expect, test } from "vitest";
import { harnessVerdict } from "../../client/load/harness-verdict.ts";
import type { HarnessProcess } from "../../client/load/load-window.ts";

const fine = (what: string): HarnessProcess => {
  return { what, cpuPercent: 40, residentBytes: 1, lateMs: { p50: 0.5, p99: 1.5, max: 30 } };
};

describe("the harness' verdict on itself", () => {
  test("is quiet when it had time", () => {
    expect(harnessVerdict(["probes", "players 1", "players 2", "link"].map(fine))).toEqual([]);
  });

  test("names who had no core left, and who woke up late by its own measure", () => {
    const late = { p50: 2, p99: 12, max: 40 };
    expect(harnessVerdict([{ ...fine("probes"), lateMs: late }])).toEqual([
      "probes woke up late, 12.0 ms in the worst of a hundred times",
    ]);
    expect(harnessVerdict([{ ...fine("link"), lateMs: { ...late, p99: 2.5 } }])).toEqual([
      "link woke up late, 2.5 ms in the worst of a hundred times",
    ]);
    // Light players are to be there before their tick; they measure nothing.
    expect(harnessVerdict([{ ...fine("players"), lateMs: late }])).toEqual([]);
    expect(harnessVerdict([{ ...fine("players"), cpuPercent: 98.6, lateMs: { ...late, p99: 20 } }])).toEqual([
      "players used 99 % of a core",
      "players woke up late, 20.0 ms in the worst of a hundred times",
    ]);
  });
});
