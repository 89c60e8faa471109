import { linkTexts } from "./link-text.ts";
import type { LoadReport, ThresholdResult } from "./load-report.ts";
import type { Percentiles } from "./time-histogram.ts";

/** What a load test found, on one screen. */
export function loadSummary(report: LoadReport): string {
  const { server, traffic, latency, harness, knee } = report;
  const rows: [name: string, text: string][] = [];
  const row = (name: string, ...parts: readonly string[]): void => {
    rows.push([name, parts.join(" · ")]);
  };
  row(
    "players",
    `${report.connected} connected`,
    `${report.failed} failed`,
    `${report.disconnected} disconnected`,
    ...Object.entries(report.errors).map(([reason, count]) => `${count} × ${reason}`),
  );
  if (report.link !== null) row("link", ...linkTexts(report.link));
  if (knee !== null) row("knee", kneeText(report));
  if (report.seconds > 0) {
    row("input → state", percentilesText(latency.inputToStateMs), `${latency.samples} inputs`);
    row("set any time", percentilesText(latency.anyTimeToStateMs), "between two ticks, not in one");
    const never = latency.inputsNeverUsedPercent;
    row(
      "inputs",
      never === null ? "never used: not known" : `${never.toFixed(2)} % never used`,
      `${latency.inputsSkipped} were due while a client waited`,
      ...(latency.inputsUnanswered > 0 ? [`${latency.inputsUnanswered} unanswered`] : []),
    );
    row("states", `every ${percentilesText(latency.stateIntervalMs)}`);
    row("corrections", `${report.correctionsPerMinute.toFixed(1)} per minute and probe`);
    if (server === null) row("server", "its /metrics could not be read");
    else {
      const { tickMs } = server;
      row(
        "server",
        `${server.cpuPercent.toFixed(0)} % of a core`,
        `${server.cpuMicrosPerClientUpdate.toFixed(1)} µs per player and tick`,
        `${(server.rssBytes / 2 ** 20).toFixed(0)} MiB${growthText(server.rssBytesPerMinute)}`,
      );
      row(
        "ticks",
        `p50 ${ms(tickMs.p50)}`,
        `p99 ${ms(tickMs.p99)}`,
        `longest ${ms(tickMs.max)} ms`,
        `${tickMs.overruns} too long`,
        `began late p99 ${ms(server.tickLatenessP99Ms)} ms`,
      );
      const { stepMs, captureMs, sendMs } = server.tickPhasesMs;
      row(
        "",
        `on average ${ms(stepMs)} ms the game, ${ms(captureMs)} capturing, ${ms(sendMs)} telling players`,
      );
    }
    const { up, down } = traffic.bytesPerClientPerSecond;
    const caused = traffic.lossCausedPercent;
    row(
      "traffic",
      `${kilobytes(down)} kB/s down, ${kilobytes(up)} kB/s up per player`,
      `${traffic.bytesPerEntityUpdate.toFixed(2)} B per entity and state`,
      `${traffic.lossPercent.toFixed(2)} % lost`,
      ...(caused === null
        ? []
        : [`the link lost ${caused.up.toFixed(2)} % up, ${caused.down.toFixed(2)} % down`]),
    );
    row(
      "harness",
      ...harness.processes.map(
        ({ what, cpuPercent, lateMs }) =>
          `${what} ${cpuPercent.toFixed(0)} % of a core, late p99 ${ms(lateMs.p99)} ms`,
      ),
    );
  }
  for (const each of report.thresholds) row(each.isMet ? "held" : "BROKEN", thresholdText(each));
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
  return [headline(report), "", ...lines, ...warnings(report)].join("\n");
}

export function headline(report: LoadReport): string {
  const { scenario, game, clients, seconds, url, runtime, version, link } = report;
  const way = link === null ? "" : `, link ${link.name}`;
  const span = seconds > 0 ? `, ${seconds.toFixed(1)} s measured` : "";
  return `${scenario} of ${game}: ${clients} clients at ${url}${span}${way} (tickwire ${version}, ${runtime})`;
}

/** What a reader has to know before the figures are believed. */
export function warnings(report: LoadReport): readonly string[] {
  const said: string[] = [];
  if (report.isInterrupted) said.push("It was stopped before its end.");
  if (report.harness.isBottleneck) {
    const why = report.harness.why.join("; ");
    said.push(`The harness was the bottleneck: ${why}. Do not take these figures for the server's.`);
  }
  return said.length === 0 ? said : ["", ...said];
}

export function thresholdText({ name, limit, value, isMet }: ThresholdResult): string {
  const flags = {
    maxInputToStateP99Ms: ["input → state p99", "ms"],
    maxTickP99Ms: ["tick p99", "ms"],
    minPlayers: ["players", ""],
  } as const;
  const [what, unit] = flags[name];
  const bound = name === "minPlayers" ? "at least" : "at most";
  const was = value === null ? "was not measured" : `${isMet ? "is" : "was"} ${round(value)} ${unit}`.trim();
  return `${what} ${was}, ${bound} ${limit} ${unit} asked`.replace(/ +/g, " ");
}

function growthText(bytesPerMinute: number | null): string {
  if (bytesPerMinute === null) return "";
  return `, ${bytesPerMinute >= 0 ? "+" : "−"}${(Math.abs(bytesPerMinute) / 2 ** 20).toFixed(2)} a minute`;
}

function kneeText({ knee }: LoadReport): string {
  const { clients, failing, trials } = knee!;
  const last = trials.findLast(({ isMet }) => !isMet);
  if (failing === undefined) return `${clients} players and more: no number tried was too many`;
  return `${clients} players; ${failing} were too many (${last?.why ?? ""})`;
}

function percentilesText({ p50, p95, p99, max }: Percentiles): string {
  return `p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}, longest ${ms(max)} ms`;
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);
