/**
 * What runs in the page, with the chart library before it. It is text, because it is for a browser and goes into the
 * page as it stands; `test/system/plot-page.test.ts` runs it in one.
 */
export const PAGE_SCRIPT = `
(() => {
  "use strict";
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const HEIGHT = 260, PATH_HEIGHT = 420, AXIS_X = 50, AXIS_Y = 62, PAD = 12;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const stroke = (series, at) => color("--c" + (series.color ?? (at % 6) + 1));
  const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 4, useGrouping: false });
  const withUnit = (axis) => (u, value) =>
    value == null ? "–" : digits.format(value) + (axis.unit ? " " + axis.unit : "");
  const title = ({ label, unit }) => (unit ? label + " (" + unit + ")" : label);
  const font = "12px system-ui, sans-serif", labelFont = font;
  const axes = ({ x, y }) => {
    const look = { stroke: color("--soft"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 } };
    return [
      { ...look, label: title(x), labelSize: 18, size: AXIS_X - 18, font, labelFont },
      { ...look, label: title(y), labelSize: 20, size: AXIS_Y - 20, font, labelFont },
    ];
  };
  const DASHES = { line: undefined, dashes: [8, 5] };

  function lines(plot, width) {
    const { bars, stepped } = uPlot.paths;
    const drawn = plot.series.map((each, at) => {
      const own = stroke(each, at);
      const draw = each.draw ?? "line";
      const made = { label: each.name, stroke: own, width: 1.5, value: withUnit(plot.y), points: { show: false } };
      if (draw === "dashes") made.dash = DASHES.dashes;
      if (draw === "steps") made.paths = stepped({ align: 1 });
      if (draw === "bars") Object.assign(made, { paths: bars({ size: [0.7, 40] }), fill: own, width: 0 });
      if (draw === "points") Object.assign(made, { paths: () => null, points: { show: true, size: 5, fill: own } });
      return made;
    });
    return {
      width, height: HEIGHT, axes: axes(plot), padding: [PAD, PAD, 0, 0],
      cursor: { y: false, sync: { key: plot.x.label }, points: { size: 6 } },
      scales: { x: { time: false, range: (u, low, high) => xRange(plot, low, high) }, y: { range: (u, low, high) => yRange(low, high), ...wideScale(plot.y) } },
      series: [{ label: plot.x.label, value: withUnit(plot.x) }, ...drawn],
    };
  }

  // A bar stands on both sides of its x.
  function xRange({ xs, series }, low, high) {
    if (low == null || high == null) return [0, 1];
    const hasBars = series.some(({ draw }) => draw === "bars");
    const spare = low === high ? 0.5 : hasBars ? (xs[xs.length - 1] - xs[0]) / (xs.length - 1) / 2 : 0;
    return [low - spare, high + spare];
  }

  // Even up to a size, and like a logarithm above it.
  function wideScale({ evenUpTo }) {
    return evenUpTo === undefined ? {} : { distr: 4, asinh: evenUpTo, range: (u, low, high) => [Math.min(low ?? 0, 0), 2 * Math.max(high ?? 0, evenUpTo)] };
  }

  // From 0, unless there is less; never without height.
  function yRange(low, high) {
    if (low == null || high == null) return [0, 1];
    const least = Math.min(low, 0), most = Math.max(high, 0);
    if (least === most) return [0, 1];
    const spare = (most - least) * 0.06;
    return [least < 0 ? least - spare : 0, most + spare];
  }

  // What is not a number divides a path.
  function alongPath(u, at, { xs, ys }, visit) {
    let joins = false;
    for (let i = 0; i < xs.length; i += 1) {
      const isThere = xs[i] != null && ys[i] != null;
      if (isThere) visit(u.valToPos(xs[i], "x", true), u.valToPos(ys[i], "y", true), joins);
      joins = isThere;
    }
  }

  function drawPath(path, at) {
    return (u, index) => {
      const { ctx, bbox } = u;
      const own = stroke(path, at);
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.beginPath();
      const ratio = devicePixelRatio || 1;
      if (path.draw === "points") {
        alongPath(u, index, path, (x, y) => {
          ctx.moveTo(x + 2 * ratio, y);
          ctx.arc(x, y, 2 * ratio, 0, 2 * Math.PI);
        });
        ctx.fillStyle = own;
        ctx.fill();
      } else {
        alongPath(u, index, path, (x, y, joins) => (joins ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
        ctx.strokeStyle = own;
        ctx.lineWidth = 1.5 * ratio;
        ctx.setLineDash((path.draw === "dashes" ? DASHES.dashes : []).map((part) => part * ratio));
        ctx.stroke();
      }
      ctx.restore();
      return null;
    };
  }

  function paths(plot, width) {
    const bounds = (key) => {
      let low = Infinity, high = -Infinity;
      for (const path of plot.paths)
        for (const value of path[key]) {
          if (value == null) continue;
          if (value < low) low = value;
          if (value > high) high = value;
        }
      return [low, high];
    };
    const [left, right] = bounds("xs"), [bottom, top] = bounds("ys");
    const wide = width - AXIS_Y - PAD, high = PATH_HEIGHT - AXIS_X - PAD;
    // The same length for a unit both ways.
    const perPixel = (Math.max((right - left) / wide, (top - bottom) / high) || 1 / high) * 1.08;
    const around = (low, most, pixels) => [(low + most - perPixel * pixels) / 2, (low + most + perPixel * pixels) / 2];
    return {
      mode: 2, width, height: PATH_HEIGHT, axes: axes(plot), padding: [PAD, PAD, 0, 0],
      cursor: { show: false }, legend: { live: false },
      scales: { x: { time: false, range: () => around(left, right, wide) }, y: { range: () => around(bottom, top, high) } },
      series: [{}, ...plot.paths.map((path, at) => ({
        label: path.name, stroke: stroke(path, at), width: 1.5, paths: drawPath(path, at), points: { show: false },
        facets: [{ scale: "x", auto: true }, { scale: "y", auto: true }],
      }))],
    };
  }

  const isPaths = (plot) => plot.shape === "paths";
  const dataOf = (plot) =>
    isPaths(plot)
      ? [null, ...plot.paths.map(({ xs, ys }) => [xs, ys])]
      : [plot.xs, ...plot.series.map(({ values }) => values)];
  const isEmpty = (plot) =>
    isPaths(plot)
      ? !plot.paths.some(({ xs, ys }) => xs.some((x, i) => x != null && ys[i] != null))
      : !plot.series.some(({ values }) => values.some((value) => value != null));

  function draw(figure) {
    const plot = plots[Number(figure.dataset.plot)];
    const place = figure.querySelector(".plot");
    place.replaceChildren();
    if (isEmpty(plot)) {
      const nothing = document.createElement("p");
      nothing.className = "nothing";
      nothing.textContent = "nothing was measured";
      place.append(nothing);
      figure.dataset.drawn = "empty";
      return;
    }
    const options = (isPaths(plot) ? paths : lines)(plot, Math.max(240, place.clientWidth));
    options.hooks = { draw: [() => { figure.dataset.drawn = "true"; }] };
    const chart = new uPlot(options, dataOf(plot), place);
    drawnWidths.set(figure, place.clientWidth);
    charts.set(figure, chart);
  }

  const charts = new Map();
  const drawnWidths = new Map();
  const figures = [...document.querySelectorAll("figure[data-plot]")];
  const redraw = (figure) => {
    charts.get(figure)?.destroy();
    charts.delete(figure);
    draw(figure);
  };
  for (const figure of figures) draw(figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.forEach(redraw));
  const watcher = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const figure = target.closest("figure");
      if (charts.has(figure) && target.clientWidth !== drawnWidths.get(figure)) redraw(figure);
    }
  });
  for (const figure of figures) watcher.observe(figure.querySelector(".plot"));
})();
`;
