import type { Clock } from "../../src/net/ports/clock.ts";
import type { NetCounters } from "../../src/net/wire/net-counters.ts";
import type { CrowdMember } from "./crowd-member.ts";
import { addCounts, type CrowdCounts, type CrowdSample, newCrowdCounts } from "./crowd-sample.ts";
import { LoopWatch } from "./loop-watch.ts";
import { Probe } from "./probe.ts";
import { TimeHistogram } from "./time-histogram.ts";

/** What the crowd's members measure, all in one place. */
export class CrowdMeasures {
  readonly latency = new TimeHistogram();
  readonly anyTime = new TimeHistogram();
  readonly interval = new TimeHistogram();
  readonly age = new TimeHistogram();
  isOpen = false;
}

export interface CrowdParts {
  readonly clock: Clock;
  readonly measures: CrowdMeasures;
  /** Makes the next member. */
  next(): CrowdMember;
  /** Puts it on a socket and starts it. */
  start(member: CrowdMember): Promise<void>;
  usage(): { readonly cpuSeconds: number; readonly residentBytes: number };
}

const STEP_MS = 20;
/** Before it ends, inputs under way may still be answered so long. */
const ANSWER_MS = 1_000;
const POLL_MS = 20;
const GOODBYE_MS = 3_000;

/** So many players of one process, who come and go as they are told to, and what they measure. */
export class Crowd {
  readonly #parts: CrowdParts;
  readonly #members = new Set<CrowdMember>();
  readonly #loop: LoopWatch;
  readonly #errors: Record<string, number> = {};
  readonly #details: Record<string, string> = {};
  /** Of those who have gone. */
  #gone: CrowdCounts = newCrowdCounts();
  #begun = 0;
  #failed = 0;
  #disconnected = 0;
  /** Those who were told to leave are not missed. */
  readonly #leaving = new Set<CrowdMember>();
  #left = 0;
  #ramp = { from: 0, to: 0, startMs: 0, durationMs: 0 };
  #churnPerSecond = 0;
  #churned = 0;
  #churnFromMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStarting = false;
  #isOpening = false;

  constructor(parts: CrowdParts) {
    this.#parts = parts;
    this.#loop = new LoopWatch(parts.clock);
    this.#loop.start();
    this.#timer = setInterval(() => void this.#step(), STEP_MS);
  }

  /**
   * Grows or shrinks evenly to so many members. For those who fail or are lost from now on nobody comes; for those who
   * did before, others do.
   */
  aimFor(count: number, seconds: number): void {
    const { clock } = this.#parts;
    this.#countTheGone();
    this.#left = this.#begun - (this.#members.size - this.#leaving.size);
    this.#ramp = {
      from: this.#begun - this.#left,
      to: count,
      startMs: clock.nowMs(),
      durationMs: seconds * 1000,
    };
    void this.#step();
  }

  /** From now on so many leave each second, and as many others come. */
  churn(perSecond: number): void {
    this.#churnPerSecond = perSecond;
    this.#churned = 0;
    this.#churnFromMs = this.#parts.clock.nowMs();
  }

  /** Measuring begins, and what was measured till now is forgotten. */
  open(): void {
    const { measures } = this.#parts;
    measures.isOpen = true;
    for (const each of [measures.latency, measures.anyTime, measures.interval, measures.age]) each.clear();
    this.#loop.take();
    for (const member of this.#members) member.watch.isOpen = true;
  }

  /** Measuring ends once the inputs that are under way were answered, or were not for a second. */
  async close(): Promise<void> {
    const { clock, measures } = this.#parts;
    measures.isOpen = false;
    for (const { watch } of this.#members) watch.isOpen = false;
    const endMs = clock.nowMs() + ANSWER_MS;
    while (clock.nowMs() < endMs && [...this.#members].some(({ watch }) => watch.waiting > 0)) await pause();
    for (const { watch } of this.#members) watch.giveUp(clock.nowMs());
  }

  /** Where it stands, and what was measured since the last call. */
  sample(): CrowdSample {
    // Between two steps somebody may have ended: who knocks no more has failed.
    this.#countTheGone();
    const { measures, usage } = this.#parts;
    let counts = this.#gone;
    let playing = 0;
    // Those who are still to begin are on their way too, as is the one whose socket is being opened.
    let knocking = Math.max(0, this.#ramp.to - (this.#begun - this.#left)) + (this.#isOpening ? 1 : 0);
    for (const member of this.#members) {
      counts = addCounts(counts, countsOf(member));
      if (member.isPlaying) playing += 1;
      else if (!member.hasPlayed && !this.#leaving.has(member)) knocking += 1;
    }
    return {
      ...{ begun: this.#begun, playing, knocking, failed: this.#failed, disconnected: this.#disconnected },
      ...{ errors: { ...this.#errors }, details: { ...this.#details }, counts },
      latency: taken(measures.latency),
      anyTime: taken(measures.anyTime),
      interval: taken(measures.interval),
      age: taken(measures.age),
      late: this.#loop.take().encode(),
      ...usage(),
    };
  }

  /** Everyone leaves; answers once the server was told. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#loop.stop();
    const { clock } = this.#parts;
    for (const member of this.#members) this.#dismiss(member);
    const endMs = clock.nowMs() + GOODBYE_MS;
    while (clock.nowMs() < endMs && [...this.#members].some(({ isTurning }) => isTurning)) await pause();
  }

  /** Members that should have begun by now, less those who should have left. */
  #wanted(): number {
    const { from, to, startMs, durationMs } = this.#ramp;
    const passed = durationMs <= 0 ? 1 : Math.min(1, (this.#parts.clock.nowMs() - startMs) / durationMs);
    return Math.round(from + (to - from) * passed);
  }

  async #step(): Promise<void> {
    this.#countTheGone();
    this.#turnOver();
    for (const member of this.#members) {
      if (this.#begun - this.#left <= this.#wanted()) break;
      if (!this.#leaving.has(member)) this.#dismiss(member);
    }
    // Opening a socket takes its time, and steps go on meanwhile.
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      while (this.#timer !== undefined && this.#begun - this.#left < this.#wanted()) await this.#startOne();
    } finally {
      this.#isStarting = false;
    }
  }

  async #startOne(): Promise<void> {
    const member = this.#parts.next();
    this.#begun += 1;
    member.watch.isOpen = this.#parts.measures.isOpen;
    this.#isOpening = true;
    try {
      await this.#parts.start(member);
      this.#members.add(member);
      // It may have been asked to end while a socket was opened.
      if (this.#timer === undefined) this.#dismiss(member);
    } catch (error) {
      this.#failed += 1;
      this.#note("no-socket", error instanceof Error ? error.message : String(error));
    } finally {
      this.#isOpening = false;
    }
  }

  #turnOver(): void {
    const passedMs = this.#parts.clock.nowMs() - this.#churnFromMs;
    const due = Math.floor((passedMs / 1000) * this.#churnPerSecond) - this.#churned;
    if (due <= 0) return;
    let done = 0;
    for (const member of this.#members) {
      if (done === due) break;
      if (!member.isPlaying || this.#leaving.has(member)) continue;
      this.#dismiss(member);
      done += 1;
    }
    this.#churned += due;
  }

  #dismiss(member: CrowdMember): void {
    this.#leaving.add(member);
    this.#left += 1;
    // What it has under way nobody will answer.
    member.watch.isOpen = false;
    member.leave();
  }

  #countTheGone(): void {
    for (const member of this.#members) {
      const { closedInfo } = member;
      if (closedInfo === undefined || member.isTurning) continue;
      this.#members.delete(member);
      this.#gone = addCounts(this.#gone, countsOf(member));
      if (this.#leaving.delete(member)) continue;
      if (member.hasPlayed) this.#disconnected += 1;
      else this.#failed += 1;
      this.#note(closedInfo.reason, closedInfo.detail);
    }
  }

  #note(reason: string, detail: string): void {
    this.#errors[reason] = (this.#errors[reason] ?? 0) + 1;
    this.#details[reason] ??= detail;
  }
}

function countsOf(member: CrowdMember): CrowdCounts {
  const { counters, watch, updates } = member;
  const probe = member instanceof Probe ? member : undefined;
  const stats = probe?.client.stats;
  return {
    updates,
    bytesUp: counters.bytesSent,
    bytesDown: counters.bytesReceived,
    packetsUp: counters.datagramsSent,
    packetsDown: counters.datagramsReceived,
    lostUp: counters.packetsLost,
    unsent: counters.datagramsUnsent,
    refused: refusedOf(counters),
    inputsPlayed: watch.counts.played,
    inputsSkipped: watch.counts.skipped,
    inputsUnanswered: watch.counts.unanswered,
    corrections: stats?.corrections ?? 0,
    replayedTicks: stats?.replayedTicks ?? 0,
    seen: probe?.seen ?? 0,
    looks: probe?.looks ?? 0,
  };
}

function refusedOf(counters: Readonly<NetCounters>): number {
  return counters.datagramsReceived - counters.accepted;
}

function taken(histogram: TimeHistogram): string {
  const text = histogram.encode();
  histogram.clear();
  return text;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS));
