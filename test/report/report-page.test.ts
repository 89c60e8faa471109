import { describe, expect, test } from "vitest";
import { readChartLibrary } from "../../src/report/chart-library.ts";
import { escapeHtml, reportPage } from "../../src/report/report-page.ts";
import type { Plot, Report } from "../../src/report/report-parts.ts";

const nasty = `</script><!-- <img src="x"> '&"`;
const lines: Plot = {
  title: nasty,
  note: nasty,
  x: { label: nasty, unit: "s" },
  y: { label: "off" },
  xs: [0, 1, 2],
  series: [{ name: nasty, values: [1, Number.NaN, Number.POSITIVE_INFINITY] }],
};
const paths: Plot = {
  shape: "paths",
  title: "way",
  x: { label: "x" },
  y: { label: "y" },
  paths: [{ name: "truth", xs: [1, null], ys: [2, null] }],
};
const report: Report = {
  title: nasty,
  intro: nasty,
  facts: [{ label: nasty, value: nasty }],
  sections: [
    {
      title: nasty,
      text: nasty,
      tables: [{ title: nasty, columns: ["name", nasty], rows: [[nasty, "1.5 ms"]] }],
      plots: [lines],
    },
    { title: "ways", plots: [paths] },
  ],
};

/** What stands between the first `start` and the next `end`. */
function between(text: string, start: string, end: string): string {
  const at = text.indexOf(start) + start.length;
  expect(at).toBeGreaterThanOrEqual(start.length);
  return text.slice(at, text.indexOf(end, at));
}

describe("a report's page", () => {
  const library = readChartLibrary();
  const page = reportPage(report, library);

  test("carries what is to be drawn, figure by figure", () => {
    expect([...page.matchAll(/<figure data-plot="(\d+)">/g)].map(([, number]) => number)).toEqual(["0", "1"]);
    const drawn = JSON.parse(between(page, 'id="plots">', "</script>"));
    expect(drawn).toEqual([{ ...lines, series: [{ name: nasty, values: [1, null, null] }] }, paths]);
  });

  test("takes no text for markup", () => {
    expect(page).not.toContain(nasty);
    expect(page.split(escapeHtml(nasty)).length - 1).toBe(12);
    // The data, the program, and no more.
    expect(page.split("</script>").length - 1).toBe(2);
    expect(page.split("<img").length - 1).toBe(0);
  });

  test("puts columns of numbers to the right", () => {
    const table = reportPage(
      { title: "t", sections: [{ title: "s", tables: [{ columns: ["a", "b"], rows: [["x", "−1.5 ms"]] }] }] },
      library,
    );
    expect(table).toContain('<tr><th>a</th><th class="number">b</th></tr>');
    expect(table).toContain('<tr><td>x</td><td class="number">−1.5 ms</td></tr>');
  });

  test("needs nothing from anywhere, and may not have it", () => {
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; `,
    );
    expect(page).not.toMatch(/<(link|img|iframe|object|embed|base|form)\b|<script[^>]*\bsrc|@import|url\(/i);
    // Only the library says where it is from.
    expect([...page.matchAll(/https?:\/\/[^\s)]+/g)].map(([url]) => url)).toEqual([
      "https://github.com/leeoniya/uPlot",
    ]);
  });

  test("keeps the licence of what draws it", () => {
    expect(page).toContain(library.license.trim());
    expect(library.license).toContain("The MIT License");
    expect(library.script).toMatch(/^\/\*! https:\/\/github\.com\/leeoniya\/uPlot \(v1\.6\.32\) \*\//);
  });
});
