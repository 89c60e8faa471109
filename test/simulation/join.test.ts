import { expect, test } from "vitest";
import { JOIN_LINKS, runJoin } from "../../bench/join/join-scenario.ts";

test.each(JOIN_LINKS.map((link) => [link.name, link] as const))(
  "a newcomer holds 10,000 entities soon, and first those that are near: %s",
  (_name, link) => {
    const { shipSeconds, nearestSeconds, halfSeconds, allSeconds, utilisation } = runJoin(link, 1_000, 1);
    const isNarrow = link.kbps < Number.POSITIVE_INFINITY;
    // A round trip and two ticks.
    expect(shipSeconds).toBeLessThan(isNarrow ? 0.15 : 0.07);
    expect(nearestSeconds).toBeLessThan(allSeconds / 4);
    expect(nearestSeconds).toBeLessThan(halfSeconds);
    expect(allSeconds).toBeLessThan(isNarrow ? 2.2 : 0.25);
    if (isNarrow) expect(utilisation).toBeGreaterThan(0.7);
  },
);
