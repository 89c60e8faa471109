/**
 * One HTML file with all that it needs: it opens without a network, and its policy allows it none.
 *
 *   head    policy, styles, the chart library's licence
 *   body    title, facts, sections with tables and a <figure data-plot="n"> for each plot
 *   <script type="application/json" id="plots">   what to draw, plot n the nth
 *   <script>   the chart library, and what draws with it: a figure that is done has data-drawn="true",
 *              or "empty" when there was nothing to draw
 */
import type { ChartLibrary } from "./chart-library.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { Fact, Plot, Report, Section, Table } from "./report-parts.ts";

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function reportPage(report: Report, charts: ChartLibrary): string {
  const plots: Plot[] = [];
  const sections = report.sections.map((section) => sectionHtml(section, plots));
  const title = escapeHtml(report.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<!-- The plots are drawn by uPlot:
${commentText(charts.license)}
-->
<style>
${charts.style}
${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${paragraph(report.intro, "intro")}${factsHtml(report.facts ?? [])}${sections.join("")}</main>
<script type="application/json" id="plots">${jsonText(plots)}</script>
<script>${charts.script}
${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function sectionHtml({ title, text, tables = [], plots = [] }: Section, drawn: Plot[]): string {
  const parts = [`<section>\n<h2>${escapeHtml(title)}</h2>\n`, paragraph(text)];
  for (const table of tables) parts.push(tableHtml(table));
  for (const plot of plots) {
    parts.push(plotHtml(plot, drawn.length));
    drawn.push(plot);
  }
  return `${parts.join("")}</section>\n`;
}

function plotHtml({ title, note }: Plot, number: number): string {
  return `<figure data-plot="${number}">
<figcaption>${escapeHtml(title)}</figcaption>
<div class="plot"></div>
${paragraph(note, "note")}</figure>
`;
}

function tableHtml({ title, columns, rows }: Table): string {
  const caption = title === undefined ? "" : `<caption>${escapeHtml(title)}</caption>\n`;
  // A column reads as one of numbers if its first cell does.
  const isNumeric = columns.map((_, at) => /^[-+−]?[\d.]/.test(String(rows[0]?.[at] ?? "")));
  const cell = (tag: string, value: string | number, at: number): string =>
    `<${tag}${isNumeric[at] === true ? ' class="number"' : ""}>${escapeHtml(String(value))}</${tag}>`;
  const row = (tag: string, cells: readonly (string | number)[]): string =>
    `<tr>${cells.map((value, at) => cell(tag, value, at)).join("")}</tr>\n`;
  return `<div class="wide"><table>
${caption}<thead>
${row("th", columns)}</thead>
<tbody>
${rows.map((cells) => row("td", cells)).join("")}</tbody>
</table></div>
`;
}

function factsHtml(facts: readonly Fact[]): string {
  if (facts.length === 0) return "";
  const items = facts.map(
    ({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(String(value))}</dd></div>\n`,
  );
  return `<dl class="facts">\n${items.join("")}</dl>\n`;
}

function paragraph(text: string | undefined, name?: string): string {
  if (text === undefined) return "";
  return `<p${name === undefined ? "" : ` class="${name}"`}>${escapeHtml(text)}</p>\n`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** JSON that cannot end the element it stands in. What is not finite becomes null. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** Two hyphens would end a comment. */
function commentText(text: string): string {
  return text.trim().replaceAll("--", "- -");
}
