import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { barPlot, linePlot, spread } from "../../../bench/peers/plots.ts";

describe("plots", () => {
  test("draw longer bars for more, and escape what they are told", () => {
    const svg = barPlot("a < b", "µs", [
      { label: "one & two", value: 10, halfRange: 1 },
      { label: "half", value: 5, halfRange: 0 },
    ]);
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths[0]).toBeCloseTo(widths[1]! * 2, 0);
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain("one &amp; two");
  });

  test("leave out places without a value", () => {
    const svg = linePlot("t", "x", ["0 %", "5 %"], [{ label: "p", values: [undefined, 100] }]);
    expect(svg.match(/<circle/g)).toHaveLength(1);
    expect(svg).not.toContain("NaN");
  });

  test("without any value are an empty frame", () => {
    expect(linePlot("t", "x", ["0 %"], [{ label: "p", values: [undefined] }])).toMatch(/^<svg .*<\/svg>\n$/);
    expect(barPlot("t", "µs", [])).not.toMatch(/NaN|Infinity/);
  });

  test("keep labels apart and in order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 20 }), (places) => {
        const moved = spread(places, 14);
        const sorted = [...moved].sort((a, b) => a - b);
        for (let n = 1; n < sorted.length; n += 1)
          expect(sorted[n]! - sorted[n - 1]!).toBeGreaterThan(13.999);
        expect(moved.every((place, n) => place >= places[n]!)).toBe(true);
      }),
    );
  });
});
