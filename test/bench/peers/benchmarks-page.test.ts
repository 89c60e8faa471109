import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { benchmarksPage } from "../../../bench/peers/benchmarks-page.ts";
import { PEERS } from "../../../bench/peers/peer-list.ts";
import { cellOf, doubtsOf } from "../../../bench/peers/results.ts";
import { figureOf, summarize } from "../../../bench/peers/summary.ts";
import { figureText, markdownTable } from "../../../bench/peers/tables.ts";
import { resultsOf, runReport } from "./peers-results.ts";

describe("a summary", () => {
  test("is the middle of all repeats and half of how far they lie apart", () => {
    const reports = [20, 50, 30].map((cpuUs) => runReport({ cpuUs, p99Ms: cpuUs * 10 }));
    const { cpuUs, inTick, ticksPerSecond } = summarize(reports, 10);
    expect(cpuUs).toEqual({ median: 30, halfRange: 15 });
    expect(inTick.p99Ms.median).toBeCloseTo(300, 0);
    expect(inTick.p50Ms.median).toBeCloseTo(50, 0);
    expect(ticksPerSecond).toEqual({ median: 30, halfRange: 0 });
  });

  test("counts bytes per entity and update, and the link's with all headers", () => {
    const { bytesPerEntity, wireBytesPerEntity, linkLossPercent, inTick } = summarize([runReport()], 10);
    expect(bytesPerEntity.median).toBe(10);
    expect(wireBytesPerEntity?.median).toBe(20);
    expect(linkLossPercent?.median).toBe(2);
    expect(inTick.unusedPercent.median).toBeCloseTo(100 / 101);
  });

  test("has nothing of a link where there was none", () => {
    const { link: _link, ...report } = runReport();
    expect(summarize([report], 10)).toMatchObject({
      wireBytesPerEntity: undefined,
      linkLateP99Ms: undefined,
    });
  });

  test("of nothing there is none", () => {
    expect(() => figureOf([])).toThrow(RangeError);
  });

  test("is doubted when the bench itself was slow", () => {
    const summary = summarize([runReport()], 10);
    expect(doubtsOf(summary, 10)).toEqual([]);
    const one = { median: 99, halfRange: 0 };
    const slow = { ...summary, playersCorePercent: one, linkLateP99Ms: one, playersLost: 2, fewestShips: 9 };
    expect(doubtsOf({ ...slow, ticksPerSecond: { median: 20, halfRange: 0 } }, 10)).toEqual([
      "the players took 99 % of their core",
      "the link was 99 ms late (p99)",
      "the server made 20.0 ticks a second instead of 30",
      "a state had 9 ships of 10",
      "2 players were lost",
    ]);
  });
});

describe("tables", () => {
  test("have as many cells in each row as in the head", () => {
    expect(markdownTable(["a", "b"], [["1", "x|y"]])).toBe("| a | b |\n|---|---|\n| 1 | x\\|y |");
    expect(() => markdownTable(["a", "b"], [["1"]])).toThrow(RangeError);
  });

  test("show a spread only where there is one", () => {
    expect(figureText({ median: 31.44, halfRange: 0.26 }, 1)).toBe("31.4 ± 0.3");
    expect(figureText({ median: 31.44, halfRange: 0.01 }, 1)).toBe("31.4");
  });
});

describe("the page", () => {
  const runs = [1, 2].flatMap((repeat) => [
    { peer: "quick", case: "loopback", repeat, report: runReport() },
    { peer: "quick", case: "2 %", repeat, report: runReport({ p99Ms: 200 }) },
    { peer: "absent", case: "loopback", repeat, failure: "absent is not installed" },
    { peer: "absent", case: "2 %", repeat, failure: "absent is not installed" },
  ]);

  test("has a row for each peer, and says why one did not run", () => {
    const { markdown } = benchmarksPage(resultsOf(runs));
    expect(markdown).toContain("| quick | 30.0 | 10.0 | 10.00 | 90 | 50 / 100 | 30.0 | 20 |");
    expect(markdown).toContain("| absent | did not run: absent is not installed |");
    expect(markdown).toContain("| quick | 50 / 50 / 200 |");
    expect(markdown).toContain("2026-11-20, a processor, 2 cores");
    expect(markdown).not.toContain("Preliminary");
  });

  test("says that it is preliminary when it is", () => {
    const { markdown } = benchmarksPage({ ...resultsOf(runs), isPreliminary: true });
    expect(markdown).toContain("**Preliminary:");
  });

  test("shows each plot that it comes with, well formed", () => {
    const { markdown, plots } = benchmarksPage(resultsOf(runs));
    expect(Object.keys(plots).sort()).toEqual(["bytes.svg", "cpu.svg", "latency.svg", "memory.svg"]);
    for (const [name, svg] of Object.entries(plots)) {
      expect(markdown).toContain(`(benchmarks/${name})`);
      expect(svg).toMatch(/^<svg [^>]*>.*<\/svg>\n$/);
      expect(svg).toContain("quick");
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  test("holds one run that failed against a peer, and shows the others", () => {
    const results = resultsOf([
      ...runs.slice(0, 2),
      { peer: "quick", case: "2 %", repeat: 2, failure: "gone" },
    ]);
    const cell = cellOf(results, "quick", results.cases[1]!);
    expect(cell.summary?.inTick.p99Ms.median).toBeCloseTo(200, 0);
    expect(benchmarksPage(results).markdown).toContain("- quick, 2 %: one run failed: gone.");
  });

  test("that is committed tells of the method as the bench would", () => {
    const committed = readFileSync(new URL("../../../docs/BENCHMARKS.md", import.meta.url), "utf8");
    const method = benchmarksPage(undefined).markdown.split("## Results")[0]!;
    expect(method).toContain("npm run bench:peers");
    expect(committed.startsWith(method)).toBe(true);
  });

  test("has a name, a transport and a word on each peer", () => {
    expect(new Set(PEERS.map(({ name }) => name)).size).toBe(PEERS.length);
    for (const { transport, does } of PEERS)
      expect([transport, does].every((each) => each.length > 2)).toBe(true);
  });
});
