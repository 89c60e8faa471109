import { describe, expect, it, test } from "vitest";
import {
  askedWay,
  isPerfectLink,
  type LinkOptions,
  linkPlan,
  linkProfiles,
} from "../../client/load/link-profiles.ts";
import { PERFECT_LINK } from "../../src/runtime-adapters/link-conditions.ts";

describe("linkPlan", () => {
  it("is no link at all when nothing is asked for", () => {
    expect(linkPlan({})).toEqual({ name: "none", up: PERFECT_LINK, down: PERFECT_LINK });
    expect(isPerfectLink(linkPlan({}))).toBe(true);
    expect(isPerfectLink(linkPlan({ lossPercent: { up: 0, down: 1 } }))).toBe(false);
  });

  test("a profile is what its figures say, each way", () => {
    const { name, up, down } = linkPlan({ link: "lte" });
    expect(name).toBe("lte");
    expect(up).toEqual({
      ...PERFECT_LINK,
      ...{ lossPercent: 0.2, burstMs: 40, latencyMs: 15, swingMs: 30, bandwidthKbps: 10_000, bufferMs: 200 },
    });
    expect(down).toMatchObject({ latencyMs: 17, swingMs: 10, bandwidthKbps: 40_000 });
  });

  test.each(Object.keys(linkProfiles))(
    "%s is a link that can be, and a worse one up than down or alike",
    (link) => {
      const { up, down } = linkPlan({ link });
      expect(isPerfectLink({ name: link, up, down })).toBe(false);
      expect(up.latencyMs + up.swingMs / 2).toBeGreaterThanOrEqual(down.latencyMs + down.swingMs / 2);
      expect(up.bandwidthKbps).toBeLessThanOrEqual(down.bandwidthKbps);
    },
  );

  it("takes what is asked for instead of the profile's, and says so", () => {
    const { name, up, down } = linkPlan({ link: "wifi", lossPercent: 5, latencyMs: { up: 40, down: 20 } });
    expect(name).toBe("wifi, changed");
    expect(up).toMatchObject({
      lossPercent: 5,
      burstMs: 20,
      latencyMs: 34,
      swingMs: 12,
      bandwidthKbps: 40_000,
    });
    expect(down).toMatchObject({ lossPercent: 5, latencyMs: 15, swingMs: 10 });
  });

  it("knows every figure by its own name", () => {
    const { name, up, down } = linkPlan({
      ...{ lossPercent: 1, burstMs: 2, latencyMs: 30, jitterMs: 4, duplicatePercent: 5 },
      ...{ reorderPercent: 6, corruptPercent: 7, bandwidthKbit: 800 },
    });
    expect(name).toBe("custom");
    expect(up).toEqual({
      ...{ lossPercent: 1, burstMs: 2, latencyMs: 26, swingMs: 8, jitterMs: 0, duplicatePercent: 5 },
      ...{ reorderPercent: 6, corruptPercent: 7, bandwidthKbps: 800, bufferMs: 300, bottleneck: "" },
    });
    expect(down).toEqual(up);
  });

  it("leaves a way of which nothing is said as it is without", () => {
    const { up, down } = linkPlan({ link: "lte", lossPercent: { up: 5 }, bandwidthKbit: { down: 800 } });
    expect([up.lossPercent, down.lossPercent]).toEqual([5, 0.2]);
    expect([up.bandwidthKbps, down.bandwidthKbps]).toEqual([10_000, 800]);
    expect(linkPlan({ latencyMs: { down: 20 } })).toMatchObject({
      up: PERFECT_LINK,
      down: { latencyMs: 20 },
    });
  });

  test("what was asked can be read off it, each way", () => {
    for (const [link, { up, down }] of Object.entries(linkProfiles)) {
      const plan = linkPlan({ link, corruptPercent: { up: 1, down: 2 } });
      expect(askedWay(plan.up)).toEqual({ ...up, corruptPercent: 1, duplicatePercent: 0 });
      expect(askedWay(plan.down)).toEqual({ ...down, corruptPercent: 2, duplicatePercent: 0 });
    }
    expect(askedWay(PERFECT_LINK).bandwidthKbit).toBeNull();
  });

  test.each<[LinkOptions, string]>([
    [
      { link: "dialup" },
      'there is no link "dialup": choose one of lan, fibre, wifi, lte, bad-lte, satellite',
    ],
    [{ link: "toString" }, 'there is no link "toString"'],
    [{ lossPercent: 101 }, "loss goes from 0 to 100 percent, not 101"],
    [{ lossPercent: { up: 0, down: -1 } }, "loss goes from 0 to 100 percent, not -1"],
    [{ corruptPercent: Number.NaN }, "corruption goes from 0 to 100 percent, not NaN"],
    [{ bandwidthKbit: 0 }, "bandwidth goes from 1 to 100000000 kbit/s, not 0"],
    [{ latencyMs: 100_000 }, "latency goes from 0 to 60000 ms, not 100000"],
    [{ jitterMs: 5 }, "a jitter of 5 ms less or more needs a latency of as much, not 0 ms"],
    [
      { latencyMs: { up: 10 }, jitterMs: 5 },
      "a jitter of 5 ms less or more needs a latency of as much, not 0",
    ],
    [{ losPercent: 5 } as LinkOptions, "a link has no losPercent: it has lossPercent, burstMs, latencyMs"],
    [{ lossPercent: "5" } as never, 'lossPercent of a link is a number, or { up, down }, not "5"'],
    [{ lossPercent: null } as never, "lossPercent of a link is a number, or { up, down }, not null"],
    [
      { lossPercent: { up: 1, left: 2 } } as never,
      "lossPercent of a link is a number, or { up, down }, not {",
    ],
    [{ link: 7 } as never, "the name of a link is text"],
    [{ link: "wifi", latencyMs: 2 }, "a jitter of 6 ms less or more needs a latency of as much, not 2 ms"],
  ])("refuses %j in one sentence", (options, sentence) => {
    expect(() => linkPlan(options)).toThrow(sentence);
    expect(() => linkPlan(options)).toThrow(RangeError);
  });
});
