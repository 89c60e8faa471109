import { type LinkConditions, PERFECT_LINK } from "../../src/runtime-adapters/link-conditions.ts";

/** The way from the clients to a server, and back. */
export interface LinkPlan {
  readonly name: string;
  readonly up: LinkConditions;
  readonly down: LinkConditions;
}

/** The same both ways, or one figure for each; the way that is left out has what it has without. */
export type EachWay = number | { readonly up?: number; readonly down?: number };

/** What the command line or a scenario says of a link. Each figure takes the place of the profile's. */
export interface LinkOptions {
  /** A profile's name. Without one, what is left out is none. */
  readonly link?: string;
  readonly lossPercent?: EachWay;
  /** Mean length of the spells in which all is lost; 0: each datagram is lost, or not, by itself. */
  readonly burstMs?: EachWay;
  /** One way, in the middle. */
  readonly latencyMs?: EachWay;
  /** The latency is up to this much less or more, each value between as likely. */
  readonly jitterMs?: EachWay;
  readonly duplicatePercent?: EachWay;
  readonly reorderPercent?: EachWay;
  readonly corruptPercent?: EachWay;
  readonly bandwidthKbit?: EachWay;
}

/** One way of a profile. */
export interface WayFigures {
  readonly latencyMs: number;
  /** Up to this much less or more. */
  readonly jitterMs: number;
  readonly lossPercent: number;
  readonly burstMs: number;
  readonly reorderPercent: number;
  readonly bandwidthKbit: number;
  /** What waits before the narrowest place, in time at its rate. */
  readonly bufferMs: number;
}

export interface LinkProfile {
  readonly up: WayFigures;
  readonly down: WayFigures;
}

/** What was asked of one way, in the terms in which one asks. */
export interface AskedWay extends Omit<WayFigures, "bandwidthKbit"> {
  readonly duplicatePercent: number;
  readonly corruptPercent: number;
  /** Null: no place is narrow. */
  readonly bandwidthKbit: number | null;
}

/**
 * Links of players, from home to a server in their own country. The figures are rounded middles of what was measured
 * in public, and say where:
 *
 *   fibre      the FCC's and Ookla's measurements of fibre to the home: round trips of 9 to 15 ms, loss well under 0.1 %
 *   wifi       fibre, and the air of a house with neighbours: some ms more, mostly jitter, and short fades
 *   lte        median round trip 55 ms (Catchpoint, 2013), 31 to 39 ms (Ookla, 2019), 45 ms with 5 and 15 ms of jitter
 *              and 0.2 % loss in Loadero's "4G"; the way up is slower, for it has to be granted
 *   bad-lte    the edge of a cell or a moving train: ours, made to hurt. Fades, deep buffers, a narrow way up
 *   satellite  geostationary: 35,786 km four times are 477 ms, and coding and waiting for a slot make it 600 ms.
 *              One in a low orbit (round trips of 40 to 60 ms, APNIC 2022) is closer to `lte`
 */
export const linkProfiles: Readonly<Record<string, LinkProfile>> = {
  lan: {
    up: way({ latencyMs: 0.3, jitterMs: 0.1, bandwidthKbit: 1_000_000, bufferMs: 20 }),
    down: way({ latencyMs: 0.3, jitterMs: 0.1, bandwidthKbit: 1_000_000, bufferMs: 20 }),
  },
  fibre: {
    up: way({ latencyMs: 6, jitterMs: 1, lossPercent: 0.05, bandwidthKbit: 100_000, bufferMs: 50 }),
    down: way({ latencyMs: 6, jitterMs: 1, lossPercent: 0.05, bandwidthKbit: 300_000, bufferMs: 50 }),
  },
  wifi: {
    up: way({ latencyMs: 12, jitterMs: 6, lossPercent: 0.5, burstMs: 20, bandwidthKbit: 40_000 }),
    down: way({ latencyMs: 10, jitterMs: 5, lossPercent: 0.5, burstMs: 20, bandwidthKbit: 80_000 }),
  },
  lte: {
    up: way({ latencyMs: 30, jitterMs: 15, lossPercent: 0.2, burstMs: 40, bandwidthKbit: 10_000 }),
    down: way({ latencyMs: 22, jitterMs: 5, lossPercent: 0.2, burstMs: 40, bandwidthKbit: 40_000 }),
  },
  "bad-lte": {
    up: way({
      ...{ latencyMs: 90, jitterMs: 45, lossPercent: 4, burstMs: 120 },
      ...{ reorderPercent: 0.5, bandwidthKbit: 500, bufferMs: 600 },
    }),
    down: way({
      ...{ latencyMs: 70, jitterMs: 35, lossPercent: 3, burstMs: 120 },
      ...{ reorderPercent: 0.5, bandwidthKbit: 2_000, bufferMs: 600 },
    }),
  },
  satellite: {
    up: way({ latencyMs: 310, jitterMs: 20, lossPercent: 0.5, burstMs: 60, bandwidthKbit: 3_000 }),
    down: way({ latencyMs: 290, jitterMs: 10, lossPercent: 0.5, burstMs: 60, bandwidthKbit: 25_000 }),
  },
};

const LONGEST_MS = 60_000;

/**
 * The link that was asked for.
 *
 * @throws RangeError with one sentence without a full stop, when there can be none such.
 */
export function linkPlan(options: LinkOptions): LinkPlan {
  checkNames(options);
  const { link, ...own } = options;
  const profile = link !== undefined && Object.hasOwn(linkProfiles, link) ? linkProfiles[link] : undefined;
  if (link !== undefined && profile === undefined)
    throw new RangeError(`there is no link "${link}": choose one of ${Object.keys(linkProfiles).join(", ")}`);
  const isChanged = Object.values(own).some((value) => value !== undefined);
  const name = link === undefined ? (isChanged ? "custom" : "none") : isChanged ? `${link}, changed` : link;
  return {
    name,
    up: conditions(profile?.up, own, "up"),
    down: conditions(profile?.down, own, "down"),
  };
}

/** True when such a link does nothing, so that one can do without a proxy. */
export function isPerfectLink({ up, down }: LinkPlan): boolean {
  const isNone = (one: LinkConditions): boolean =>
    Object.entries(PERFECT_LINK).every(([name, none]) => one[name as keyof LinkConditions] === none);
  return isNone(up) && isNone(down);
}

/** What was asked for, that a way with such conditions was made. */
export function askedWay(way: LinkConditions): AskedWay {
  const { lossPercent, burstMs, reorderPercent, duplicatePercent, corruptPercent, bufferMs } = way;
  const jitterMs = way.swingMs / 2;
  return {
    // The least and half of what comes and goes are the middle, but for the last digits of a sum.
    ...{ latencyMs: Math.round((way.latencyMs + jitterMs) * 1e6) / 1e6, jitterMs, lossPercent, burstMs },
    ...{ reorderPercent, duplicatePercent, corruptPercent },
    bandwidthKbit: way.bandwidthKbps === Number.POSITIVE_INFINITY ? null : way.bandwidthKbps,
    bufferMs,
  };
}

const FIGURES: readonly string[] = [
  "lossPercent",
  "burstMs",
  "latencyMs",
  "jitterMs",
  "duplicatePercent",
  "reorderPercent",
  "corruptPercent",
  "bandwidthKbit",
] satisfies (keyof LinkOptions)[];

/** A scenario file may be no TypeScript, and hold anything. */
function checkNames({ link, ...figures }: LinkOptions): void {
  if (link !== undefined && typeof link !== "string") throw new RangeError("the name of a link is text");
  for (const [name, asked] of Object.entries(figures) as [string, unknown][]) {
    if (!FIGURES.includes(name)) throw new RangeError(`a link has no ${name}: it has ${FIGURES.join(", ")}`);
    const isEachWay =
      typeof asked === "object" &&
      asked !== null &&
      Object.entries(asked).every(([way, value]) => /^(up|down)$/.test(way) && typeof value === "number");
    if (asked === undefined || typeof asked === "number" || isEachWay) continue;
    throw new RangeError(`${name} of a link is a number, or { up, down }, not ${JSON.stringify(asked)}`);
  }
}

function conditions(
  profile: WayFigures | undefined,
  own: LinkOptions,
  direction: "up" | "down",
): LinkConditions {
  const figure = (asked: EachWay | undefined, otherwise = 0): number =>
    (typeof asked === "object" ? asked[direction] : asked) ?? otherwise;
  const percent = (what: string, asked: EachWay | undefined, otherwise?: number): number =>
    checked(what, figure(asked, otherwise), 0, 100, "percent");
  const time = (what: string, asked: EachWay | undefined, otherwise?: number): number =>
    checked(what, figure(asked, otherwise), 0, LONGEST_MS, "ms");

  const latencyMs = time("latency", own.latencyMs, profile?.latencyMs);
  const jitterMs = time("jitter", own.jitterMs, profile?.jitterMs);
  if (jitterMs > latencyMs)
    throw new RangeError(
      `a jitter of ${jitterMs} ms less or more needs a latency of as much, not ${latencyMs} ms`,
    );
  const bandwidthKbps = figure(own.bandwidthKbit, profile?.bandwidthKbit ?? Number.POSITIVE_INFINITY);
  if (bandwidthKbps !== Number.POSITIVE_INFINITY) checked("bandwidth", bandwidthKbps, 1, 1e8, "kbit/s");
  return {
    ...PERFECT_LINK,
    lossPercent: percent("loss", own.lossPercent, profile?.lossPercent),
    burstMs: time("burst", own.burstMs, profile?.burstMs),
    // The middle with as much on both sides: the least that it takes, and what comes and goes on top.
    latencyMs: latencyMs - jitterMs,
    swingMs: 2 * jitterMs,
    duplicatePercent: percent("duplicates", own.duplicatePercent),
    reorderPercent: percent("reordering", own.reorderPercent, profile?.reorderPercent),
    corruptPercent: percent("corruption", own.corruptPercent),
    bandwidthKbps,
    bufferMs: profile?.bufferMs ?? PERFECT_LINK.bufferMs,
  };
}

function checked(what: string, value: number, min: number, max: number, unit: string): number {
  if (value >= min && value <= max) return value;
  throw new RangeError(`${what} goes from ${min} to ${max} ${unit}, not ${value}`);
}

function way(figures: Partial<WayFigures> & Pick<WayFigures, "latencyMs" | "bandwidthKbit">): WayFigures {
  return { jitterMs: 0, lossPercent: 0, burstMs: 0, reorderPercent: 0, bufferMs: 200, ...figures };
}
