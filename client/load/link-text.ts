import type { AskedWay } from "./link-profiles.ts";
import type { ReportedLink } from "./load-report.ts";

/** What was asked of a link, in words: once if it is the same both ways. */
export function linkTexts({ asked: { up, down } }: ReportedLink): readonly string[] {
  const [above, below] = [wayText(up), wayText(down)];
  return above === below ? [`each way ${above}`] : [`up ${above}`, `down ${below}`];
}

/** Figure by figure: its name, up, down. */
export function linkRows({ asked: { up, down } }: ReportedLink): readonly (readonly string[])[] {
  return figures.map(([name, of]) => [name, of(up), of(down)]);
}

const figures: readonly (readonly [name: string, of: (way: AskedWay) => string])[] = [
  ["latency one way, ms", ({ latencyMs, jitterMs }) => `${latencyMs} ± ${jitterMs}`],
  ["loss, %", ({ lossPercent }) => String(lossPercent)],
  ["in spells of, ms", ({ burstMs }) => (burstMs > 0 ? String(burstMs) : "–")],
  ["duplicates, %", ({ duplicatePercent }) => String(duplicatePercent)],
  ["out of order, %", ({ reorderPercent }) => String(reorderPercent)],
  ["corrupted, %", ({ corruptPercent }) => String(corruptPercent)],
  ["narrowest place, kbit/s", ({ bandwidthKbit }) => String(bandwidthKbit ?? "–")],
  ["its buffer, ms", ({ bandwidthKbit, bufferMs }) => (bandwidthKbit === null ? "–" : String(bufferMs))],
];

function wayText(way: AskedWay): string {
  const { latencyMs, jitterMs, lossPercent, burstMs, bandwidthKbit } = way;
  const share = (percent: number, what: string): readonly string[] =>
    percent > 0 ? [`${percent} % ${what}`] : [];
  return [
    `${latencyMs} ± ${jitterMs} ms`,
    `${lossPercent} % lost${lossPercent > 0 && burstMs > 0 ? ` in spells of ${burstMs} ms` : ""}`,
    ...share(way.duplicatePercent, "doubled"),
    ...share(way.reorderPercent, "out of order"),
    ...share(way.corruptPercent, "corrupted"),
    ...(bandwidthKbit === null ? [] : [`${bandwidthKbit} kbit/s`]),
  ].join(", ");
}
