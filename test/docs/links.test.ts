import { expect, test } from "vitest";
import { linkProfiles, type WayFigures } from "../../client/load/link-profiles.ts";
import { readDocument } from "./documents.ts";

test("the table of links says what they are", () => {
  const rows = readDocument("docs/LINKS.md")
    .text.split("\n")
    .filter((line) => /^\| `/.test(line));
  const row = (name: string, direction: string, figures: WayFigures): string => {
    const { latencyMs, jitterMs, lossPercent, burstMs, reorderPercent, bandwidthKbit, bufferMs } = figures;
    const loss = burstMs > 0 ? `${lossPercent} %, ${burstMs} ms` : `${lossPercent} %`;
    const cells = [`\`${name}\` ${direction}`, `${latencyMs} ± ${jitterMs}`, loss, `${reorderPercent} %`];
    return `| ${[...cells, bandwidthKbit, bufferMs].join(" | ")} |`;
  };
  expect(rows).toEqual(
    Object.entries(linkProfiles).flatMap(([name, { up, down }]) => [
      row(name, "up", up),
      row(name, "down", down),
    ]),
  );
});
