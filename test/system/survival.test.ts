import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { type MappingName, type NattedNetwork, whyNoNetwork } from "./natted-network.ts";
import { NumbersMatch, type NumbersReports } from "./numbers-match.ts";

/** Between what happens, and before and after. */
const PLAY_MS = 4_000;
/** "Play goes on": the longest wait for a state or a fresh input. */
const LONGEST_GAP_MS = 1_000;
/** What a server says when it lets someone in: after so long a silence a player is dropped. */
const DROPPED_AFTER_MS = 10_000;
/** For a turn, and for a machine that is busy elsewhere. */
const MARGIN_MS = 1_000;
/** Datagrams that show that a way is used, out of 30 a second. */
const MANY = 60;

interface Blackout {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What happens to a network. A blackout excuses silence for as long as it lasts; nothing else does. */
type Fate = (network: NattedNetwork) => Promise<Blackout | undefined>;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const clockMs = (): number => performance.timeOrigin + performance.now();

function remapped(name: MappingName): Fate {
  return async (network) => {
    await network.map(name);
    return undefined;
  };
}

function dropped(seconds: number): Fate {
  return async (network) => {
    await network.drop();
    const fromMs = clockMs();
    await wait(seconds * 1000);
    const toMs = clockMs();
    await network.stopDropping();
    return { fromMs, toMs };
  };
}

/** As a telephone that leaves one network and finds another. */
function unplugged(seconds: number, name: MappingName): Fate {
  return async (network) => {
    await network.unplug();
    const fromMs = clockMs();
    await wait(seconds * 1000);
    await network.map(name);
    const toMs = clockMs();
    await network.plugIn();
    return { fromMs, toMs };
  };
}

interface Case {
  readonly title: string;
  readonly runtimes: readonly RuntimeName[];
  readonly fates: readonly Fate[];
  /** As which the server sees the player at last, and before. */
  readonly mappings: readonly MappingName[];
  readonly isDropped: boolean;
}

interface Run extends Case {
  readonly runtime: RuntimeName;
}

const everywhere: readonly RuntimeName[] = ["node", "bun", "deno"];
const cases: readonly Case[] = [
  {
    title: "nothing happens: play goes on through the router",
    ...{ runtimes: ["node"], fates: [], mappings: ["first"], isDropped: false },
  },
  {
    title: "the router changes the player's port, then its address: play goes on within a second",
    ...{ runtimes: everywhere, mappings: ["first", "otherPort", "otherHost"], isDropped: false },
    fates: [remapped("otherPort"), remapped("otherHost")],
  },
  {
    title: "a blackout of 3 s: play goes on within a second, and nobody is dropped",
    ...{ runtimes: ["node"], fates: [dropped(3)], mappings: ["first"], isDropped: false },
  },
  {
    title: "a blackout of 20 s: dropped, then back within a second",
    ...{ runtimes: everywhere, fates: [dropped(20)], mappings: ["first"], isDropped: true },
  },
  {
    title: "20 s unplugged, then another address: dropped, then back within a second",
    ...{ runtimes: ["node"], fates: [unplugged(20, "otherHost")], mappings: ["first", "otherHost"] },
    isDropped: true,
  },
];

const obstacle = await whyNoNetwork();
if (obstacle !== undefined) console.warn(`no network namespaces: ${obstacle}`);

test("network namespaces can be had", ({ skip }) => {
  // Continuous integration installs what this takes: there a machine without is a failure.
  if (obstacle !== undefined && !process.env.CI) skip(obstacle);
  expect(obstacle).toBeUndefined();
});

describe.runIf(obstacle === undefined).concurrent("a player behind a router", () => {
  const ends: (() => Promise<void>)[] = [];
  const started = new Map<string, Promise<NumbersMatch>>();
  const runs: readonly Run[] = cases.flatMap((each) =>
    each.runtimes.map((runtime) => ({ ...each, runtime })),
  );

  // All first: programs that start take the processor from those that are measured.
  beforeAll(async () => {
    for (const { runtime, title } of runs) {
      started.set(
        runtime + title,
        NumbersMatch.start(runtime, (end) => void ends.push(end)),
      );
    }
    await Promise.allSettled(started.values());
  }, 60_000);
  afterAll(async () => {
    const failures: unknown[] = [];
    for (const end of ends.reverse()) await end().catch((error: unknown) => failures.push(error));
    expect(failures).toEqual([]);
  }, 60_000);

  test.each(runs)("$runtime: $title", { timeout: 60_000 }, async (run) => {
    const match = await started.get(run.runtime + run.title)!;
    const fromMs = clockMs();
    const blackouts: Blackout[] = [];
    await wait(PLAY_MS);
    for (const fate of run.fates) {
      const blackout = await fate(match.network);
      if (blackout !== undefined) blackouts.push(blackout);
      await wait(PLAY_MS);
    }
    const toMs = clockMs();
    const former = run.mappings.slice(0, -1);
    const trafficOf = (names: readonly MappingName[]) =>
      Promise.all(names.map((name) => match.network.traffic(name)));
    const formerTraffic = await trafficOf(former);
    const reports = await match.finish();
    const { server, player } = reports;
    const statesGapMs = longestGap(player.statesMs, fromMs, toMs, blackouts);
    const inputsGapMs = longestGap(server.freshInputsMs, fromMs, toMs, blackouts);
    console.log(describeMatch(run, reports, { statesGapMs, inputsGapMs }));

    expect(server.stays.map(({ what }) => what)).toEqual(
      run.isDropped ? ["join", "drop", "reconnect"] : ["join"],
    );
    expect(statesGapMs).toBeLessThanOrEqual(LONGEST_GAP_MS);
    expect(inputsGapMs).toBeLessThanOrEqual(LONGEST_GAP_MS);
    if (run.isDropped) {
      const { fromMs: darkMs, toMs: lightMs } = blackouts[0]!;
      const [, drop, reconnect] = server.stays;
      expect(drop!.atMs - darkMs).toBeGreaterThan(DROPPED_AFTER_MS - MARGIN_MS);
      expect(drop!.atMs - darkMs).toBeLessThan(DROPPED_AFTER_MS + MARGIN_MS);
      expect(reconnect!.atMs - lightMs).toBeLessThanOrEqual(LONGEST_GAP_MS);
    }

    // Every number once and in order, both ways.
    expect(player.sent).toBeGreaterThan(PLAY_MS / 250);
    expect(server.sent).toBeGreaterThan(PLAY_MS / 250);
    expect(server.heard).toEqual(Array.from({ length: player.sent }, (_, n) => n));
    expect(player.heard).toEqual(Array.from({ length: server.sent }, (_, n) => n));
    expect(player.states.at(-1)?.state).toBe("playing");

    // Each mapping carried the game both ways, and is left alone once it is no more.
    for (const { received, sent } of await trafficOf(run.mappings)) {
      expect(received).toBeGreaterThan(MANY);
      expect(sent).toBeGreaterThan(MANY);
    }
    expect(await trafficOf(former)).toEqual(formerTraffic);
  });
});

describe("the measure of a gap", () => {
  test.each([
    [[30, 60, 90], [], 30],
    [[10, 60, 70], [], 50],
    [[10, 20], [], 80],
    [[50, 60], [], 50],
    [[10, 20, 80], [{ fromMs: 30, toMs: 75 }], 20],
    [[10, 20, 31, 80], [{ fromMs: 30, toMs: 75 }], 20],
    [[10, 20, 60, 80], [{ fromMs: 21, toMs: 75 }], 20],
    [[10, 20], [{ fromMs: 30, toMs: 75 }], 25],
    [[10, 20, 90], [{ fromMs: 60, toMs: 70 }], 40],
  ])("%j, dark %j: %i", (times, blackouts, gap) => {
    expect(longestGap(times, 0, 100, blackouts)).toBe(gap);
  });
});

/**
 * The longest time from `fromMs` to `toMs` without any of `timesMs`. A blackout does not count, nor what happens in it:
 * with its end the wait begins anew.
 */
function longestGap(
  timesMs: readonly number[],
  fromMs: number,
  toMs: number,
  blackouts: readonly Blackout[],
): number {
  let longestMs = 0;
  let sinceMs = fromMs;
  const isDark = (ms: number) => blackouts.some((dark) => ms > dark.fromMs && ms < dark.toMs);
  const counted = timesMs.filter((each) => each > fromMs && each < toMs && !isDark(each));
  for (const timeMs of [...counted, toMs]) {
    for (const dark of blackouts.filter((each) => each.toMs > sinceMs && each.toMs <= timeMs)) {
      longestMs = Math.max(longestMs, dark.fromMs - sinceMs);
      sinceMs = dark.toMs;
    }
    longestMs = Math.max(longestMs, timeMs - sinceMs);
    sinceMs = timeMs;
  }
  return longestMs;
}

function describeMatch({ runtime, title }: Run, { server, player }: NumbersReports, gaps: object): string {
  const whole = Object.entries(gaps).map(([name, ms]) => `${name} ${Math.round(ms as number)}`);
  const refused = Object.entries(server.counters).filter(([name]) => name.startsWith("net.refused"));
  return [
    `${runtime}: ${title}`,
    ...whole,
    `up ${server.heard.length} of ${player.sent}, down ${player.heard.length} of ${server.sent}`,
    `room ${server.stays.map(({ what }) => what).join(", ")}`,
    `player ${player.states.map(({ state }) => state).join(", ")}`,
    ...refused.map(([name, count]) => `${name} ${count}`),
  ].join(" · ");
}
