import type { Clock } from "../../src/net/ports/clock.ts";
import {
  addCounts,
  addReasons,
  type CrowdCounts,
  type CrowdSample,
  mergeEncoded,
  newCrowdCounts,
} from "./crowd-sample.ts";
import type { CrowdSamples, Crowds } from "./crowds.ts";
import type { LateMs } from "./lateness.ts";
import type { ProxyProgramCounters } from "./proxy-orders.ts";
import {
  type MeanPhases,
  phasesBetween,
  type ServerReading,
  type TickTimes,
  tickTimesBetween,
} from "./server-reading.ts";
import { type Percentiles, TimeHistogram } from "./time-histogram.ts";

/** One moment of a window: what was between the one before and this one. */
export interface SeriesPoint {
  readonly atSeconds: number;
  readonly connected: number;
  readonly inputToStateMs: Percentiles;
  readonly server: {
    readonly tickMs: TickTimes;
    readonly phasesMs: MeanPhases;
    readonly cpuPercent: number;
    readonly rssBytes: number;
  } | null;
  readonly bytesUpPerSecond: number;
  readonly bytesDownPerSecond: number;
  readonly lossPercent: number;
  readonly harnessLateP99Ms: number;
}

/** How a process of the harness fared. */
export interface HarnessProcess {
  readonly what: string;
  readonly cpuPercent: number;
  /** Null where it does not say. */
  readonly residentBytes: number | null;
  /** How late its event loop was. */
  readonly lateMs: LateMs;
}

/** A link that the harness plays, and what it did so far. */
export interface WatchedLink {
  counters(): Promise<ProxyProgramCounters>;
  forgetLateness(): Promise<void>;
}

export interface LoadWindowParts {
  readonly crowds: Crowds;
  readonly clock: Clock;
  readonly readServer: () => Promise<ServerReading | undefined>;
  readonly link: WatchedLink | undefined;
}

/** How many there were of everyone. */
export interface CrowdState {
  readonly begun: number;
  readonly connected: number;
  readonly knocking: number;
  readonly failed: number;
  readonly disconnected: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly details: Readonly<Record<string, string>>;
}

/** What was measured from `open` to `close`. */
export interface WindowResult {
  readonly seconds: number;
  readonly series: readonly SeriesPoint[];
  /** Of probes: input → state, time between states, age of the newest state. */
  readonly latency: TimeHistogram;
  /** Of probes: from a random moment between two ticks. */
  readonly anyTime: TimeHistogram;
  readonly interval: TimeHistogram;
  readonly age: TimeHistogram;
  /** Input → own state, of all clients. */
  readonly everyLatency: TimeHistogram;
  readonly counts: CrowdCounts;
  readonly probeCounts: CrowdCounts;
  readonly probes: number;
  readonly server: { readonly before: ServerReading; readonly after: ServerReading } | undefined;
  /** Of the datagrams that the link was given, those that it lost, in percent. */
  readonly lossCaused: { readonly up: number; readonly down: number } | undefined;
  readonly harness: readonly HarnessProcess[];
  readonly state: CrowdState;
}

/** Measures a span of time at all ends at once: clients, server and harness. */
export class LoadWindow {
  readonly #parts: LoadWindowParts;
  readonly #series: SeriesPoint[] = [];
  readonly #latency = new TimeHistogram();
  readonly #anyTime = new TimeHistogram();
  readonly #interval = new TimeHistogram();
  readonly #age = new TimeHistogram();
  readonly #everyLatency = new TimeHistogram();
  readonly #late: TimeHistogram[] = [];
  #first: Moment | undefined;
  #last: Moment | undefined;

  constructor(parts: LoadWindowParts) {
    this.#parts = parts;
  }

  get series(): readonly SeriesPoint[] {
    return this.#series;
  }

  async open(): Promise<void> {
    await Promise.all([this.#parts.crowds.open(), this.#parts.link?.forgetLateness()]);
    this.#first = this.#last = await this.#look();
  }

  /** A point of the series; call it every second or so. */
  async sample(): Promise<SeriesPoint> {
    const before = this.#last!;
    const now = await this.#look();
    this.#last = now;
    const point = pointBetween(before, now, this.#first!.atMs, this.#take(now.samples));
    this.#series.push(point);
    return point;
  }

  async close(): Promise<WindowResult> {
    const first = this.#first!;
    const last = this.#last!;
    const { crowds } = this.#parts;
    await crowds.close();
    // What was under way was answered meanwhile, and counts; nothing else does.
    const final = await crowds.sample();
    this.#take(final, false);
    const counts = addCounts(totalOf(last.samples), totalOf(first.samples), -1);
    const unanswered = addCounts(totalOf(final), totalOf(first.samples), -1).inputsUnanswered;
    return {
      seconds: (last.atMs - first.atMs) / 1000,
      series: this.#series,
      ...{ latency: this.#latency, anyTime: this.#anyTime, interval: this.#interval, age: this.#age },
      everyLatency: this.#everyLatency,
      counts: { ...counts, inputsUnanswered: unanswered },
      probeCounts: addCounts(last.samples[0].counts, first.samples[0].counts, -1),
      probes: last.samples[0].playing,
      server:
        first.server === undefined || last.server === undefined
          ? undefined
          : { before: first.server, after: last.server },
      lossCaused: lossCausedBetween(first.link, last.link),
      harness: [...this.#processesBetween(first, last), ...linkBetween(first, last)],
      state: stateOf(last.samples),
    };
  }

  #processesBetween(first: Moment, last: Moment): HarnessProcess[] {
    const seconds = (last.atMs - first.atMs) / 1000;
    return last.samples.map((sample, i) => ({
      what: i === 0 ? "probes" : last.samples.length > 2 ? `players ${i}` : "players",
      cpuPercent: ((sample.cpuSeconds - first.samples[i]!.cpuSeconds) / seconds) * 100,
      residentBytes: sample.residentBytes,
      lateMs: this.#late[i]!.percentiles(),
    }));
  }

  async #look(): Promise<Moment> {
    const { crowds, clock, readServer, link } = this.#parts;
    const looks = await Promise.all([crowds.sample(), readServer(), link?.counters()]);
    return { atMs: clock.nowMs(), samples: looks[0], server: looks[1], link: looks[2] };
  }

  /** Adds what was measured to the whole, and answers what of it belongs into the series. */
  #take(samples: CrowdSamples, withLoops = true): { latency: TimeHistogram; late: TimeHistogram } {
    const [probes] = samples;
    const latency = TimeHistogram.decode(probes.latency);
    this.#latency.add(latency);
    this.#anyTime.add(TimeHistogram.decode(probes.anyTime));
    this.#interval.add(TimeHistogram.decode(probes.interval));
    this.#age.add(TimeHistogram.decode(probes.age));
    this.#everyLatency.add(mergeEncoded(samples.map((each) => each.latency)));
    const late = new TimeHistogram();
    for (const [i, sample] of samples.entries()) {
      if (!withLoops) break;
      const loop = TimeHistogram.decode(sample.late);
      this.#late[i] ??= new TimeHistogram();
      this.#late[i].add(loop);
      late.add(loop);
    }
    return { latency, late };
  }
}

interface Moment {
  readonly atMs: number;
  readonly samples: CrowdSamples;
  readonly server: ServerReading | undefined;
  readonly link: ProxyProgramCounters | undefined;
}

/** Of everyone, since the start. */
export function totalOf(samples: readonly CrowdSample[]): CrowdCounts {
  return samples.reduce((sum, { counts }) => addCounts(sum, counts), newCrowdCounts());
}

export function stateOf(samples: readonly CrowdSample[]): CrowdState {
  const sum = (of: (sample: CrowdSample) => number): number =>
    samples.reduce((all, each) => all + of(each), 0);
  return {
    begun: sum(({ begun }) => begun),
    connected: sum(({ playing }) => playing),
    knocking: sum(({ knocking }) => knocking),
    failed: sum(({ failed }) => failed),
    disconnected: sum(({ disconnected }) => disconnected),
    errors: addReasons(samples.map(({ errors }) => errors)),
    details: Object.assign({}, ...samples.map(({ details }) => details)),
  };
}

/** Of all packets both ways, as far as the server tells of those to us. */
export function lossPercent(
  counts: CrowdCounts,
  before: ServerReading | undefined,
  after: ServerReading | undefined,
): { readonly up: number; readonly down: number; readonly both: number } {
  const sentDown = (after?.packetsDown ?? 0) - (before?.packetsDown ?? 0);
  const lostDown = (after?.lostDown ?? 0) - (before?.lostDown ?? 0);
  const percent = (lost: number, sent: number): number => (sent <= 0 ? 0 : (lost / sent) * 100);
  return {
    up: percent(counts.lostUp, counts.packetsUp),
    down: percent(lostDown, sentDown),
    both: percent(counts.lostUp + lostDown, counts.packetsUp + sentDown),
  };
}

function lossCausedBetween(
  before: ProxyProgramCounters | undefined,
  after: ProxyProgramCounters | undefined,
): WindowResult["lossCaused"] {
  if (before === undefined || after === undefined) return undefined;
  const percent = (way: "up" | "down"): number => {
    const of = (name: "received" | "lost" | "queueDropped"): number => after[way][name] - before[way][name];
    return of("received") === 0 ? 0 : ((of("lost") + of("queueDropped")) / of("received")) * 100;
  };
  return { up: percent("up"), down: percent("down") };
}

/** The process that plays the link, if there is one. */
function linkBetween(first: Moment, last: Moment): HarnessProcess[] {
  if (first.link === undefined || last.link === undefined) return [];
  const cpuSeconds = last.link.cpuSeconds - first.link.cpuSeconds;
  const cpuPercent = (cpuSeconds / ((last.atMs - first.atMs) / 1000)) * 100;
  return [{ what: "link", cpuPercent, residentBytes: null, lateMs: last.link.lateMs }];
}

function pointBetween(
  before: Moment,
  now: Moment,
  startMs: number,
  { latency, late }: { readonly latency: TimeHistogram; readonly late: TimeHistogram },
): SeriesPoint {
  const seconds = (now.atMs - before.atMs) / 1000;
  const counts = addCounts(totalOf(now.samples), totalOf(before.samples), -1);
  const hasServer = before.server !== undefined && now.server !== undefined;
  return {
    atSeconds: (now.atMs - startMs) / 1000,
    connected: stateOf(now.samples).connected,
    inputToStateMs: latency.percentiles(),
    server: hasServer
      ? {
          tickMs: tickTimesBetween(before.server, now.server),
          phasesMs: phasesBetween(before.server, now.server),
          cpuPercent: ((now.server.cpuSeconds - before.server.cpuSeconds) / seconds) * 100,
          rssBytes: now.server.residentBytes,
        }
      : null,
    bytesUpPerSecond: counts.bytesUp / seconds,
    bytesDownPerSecond: counts.bytesDown / seconds,
    lossPercent: lossPercent(counts, before.server, now.server).both,
    harnessLateP99Ms: late.percentile(99),
  };
}
