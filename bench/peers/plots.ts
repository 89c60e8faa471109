/** Plots as SVG, readable on white and on black, without scripts or fonts of their own. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Up and down. */
  readonly halfRange: number;
}

export interface Line {
  readonly label: string;
  /** By place on the x axis; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
}

const WIDTH = 720;
const TEXT = "#808080";
const GRID = "#80808040";
const COLOURS = [
  ...["#0072b2", "#56b4e9", "#009e73", "#d55e00", "#e69f00", "#cc79a7"],
  ...["#999933", "#882255", "#117733", "#aa4499", "#888888"],
];
const BAR_HEIGHT = 26;
const BAR_LEFT = 150;
const BAR_RIGHT = 110;
const HEAD = 44;

/** Lying bars, one below the other. */
export function barPlot(title: string, unit: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value, halfRange }) => value + halfRange), Number.MIN_VALUE);
  const scale = (WIDTH - BAR_LEFT - BAR_RIGHT) / most;
  const parts = bars.map(({ label, value, halfRange }, n) => {
    const y = HEAD + n * BAR_HEIGHT;
    const [end, from, to] = [value, value - halfRange, value + halfRange].map((at) => BAR_LEFT + at * scale);
    const middle = y + BAR_HEIGHT / 2;
    return [
      text(BAR_LEFT - 8, middle + 4, label, "end"),
      `<rect x="${BAR_LEFT}" y="${y + 4}" width="${round(end! - BAR_LEFT)}" height="${BAR_HEIGHT - 8}" fill="${colourOf(n)}"/>`,
      `<path d="M${round(from!)} ${middle}H${round(to!)}" stroke="${TEXT}" stroke-width="2"/>`,
      text(
        Math.max(end!, to!) + 6,
        middle + 4,
        `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`,
        "start",
      ),
    ].join("");
  });
  return frame(HEAD + bars.length * BAR_HEIGHT + 10, title, parts);
}

const PLOT = { left: 60, right: 150, top: HEAD, bottom: 50, height: 380 };

/** Lines over named places, the y axis in powers of two. */
export function linePlot(
  title: string,
  xLabel: string,
  places: readonly string[],
  lines: readonly Line[],
): string {
  const values = lines.flatMap((line) =>
    line.values.filter((value) => value !== undefined && value > 0),
  ) as number[];
  if (values.length === 0) return frame(HEAD, title, []);
  const least = Math.floor(Math.log2(Math.min(...values)));
  const most = Math.max(least + 1, Math.ceil(Math.log2(Math.max(...values))));
  const [width, height] = [WIDTH - PLOT.left - PLOT.right, PLOT.height - PLOT.top - PLOT.bottom];
  const xOf = (place: number): number =>
    PLOT.left + (places.length < 2 ? 0 : (place * width) / (places.length - 1));
  const yOf = (value: number): number =>
    PLOT.top + height - ((Math.log2(Math.max(value, 2 ** least)) - least) / (most - least)) * height;
  const grid: string[] = [];
  for (let power = least; power <= most; power += 1) {
    const y = round(yOf(2 ** power));
    grid.push(`<path d="M${PLOT.left} ${y}H${PLOT.left + width}" stroke="${GRID}"/>`);
    grid.push(text(PLOT.left - 8, y + 4, `${2 ** power}`, "end"));
  }
  places.forEach((place, n) => {
    grid.push(text(xOf(n), PLOT.height - PLOT.bottom + 20, place, "middle"));
  });
  grid.push(text(PLOT.left + width / 2, PLOT.height - PLOT.bottom + 40, xLabel, "middle"));
  const labelYs = spread(
    lines.map(({ values: own }) => yOf(own.findLast((value) => value !== undefined) ?? 2 ** least)),
    14,
  );
  const drawn = lines.map(({ label, values: own }, n) => {
    const points = own.flatMap((value, place) =>
      value === undefined ? [] : [[round(xOf(place)), round(yOf(value))]],
    );
    const path = points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x} ${y}`).join("");
    const dots = points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colourOf(n)}"/>`).join("");
    return (
      `<path d="${path}" fill="none" stroke="${colourOf(n)}" stroke-width="2"/>${dots}` +
      text(PLOT.left + width + 10, labelYs[n]! + 4, label, "start", colourOf(n))
    );
  });
  return frame(PLOT.height, title, [...grid, ...drawn]);
}

/** Moves places apart, downwards, so that labels do not cover each other. */
export function spread(places: readonly number[], least: number): number[] {
  const order = places.map((_, n) => n).sort((a, b) => places[a]! - places[b]!);
  const moved = [...places];
  let before = Number.NEGATIVE_INFINITY;
  for (const n of order) {
    moved[n] = Math.max(places[n]!, before + least);
    before = moved[n]!;
  }
  return moved;
}

function frame(height: number, title: string, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">` +
    `<title>${escapeXml(title)}</title>${text(8, 22, title, "start", TEXT, 15)}${parts.join("")}</svg>\n`
  );
}

function text(x: number, y: number, content: string, anchor: string, fill = TEXT, size?: number): string {
  const font = size === undefined ? "" : ` font-size="${size}"`;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}"${font}>${escapeXml(content)}</text>`;
}

function colourOf(n: number): string {
  return COLOURS[n % COLOURS.length]!;
}

function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
