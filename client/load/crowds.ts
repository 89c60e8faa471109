import type { CrowdHandle } from "./crowd-orders.ts";
import { type CrowdSample, newCrowdCounts } from "./crowd-sample.ts";
import { TimeHistogram } from "./time-histogram.ts";

/** A sample of everyone: first the probes', then those of the processes of players. */
export type CrowdSamples = readonly [probes: CrowdSample, ...players: CrowdSample[]];

/** All clients of a load test: a few probes, and players in one process or several. */
export class Crowds {
  readonly #probes: CrowdHandle;
  readonly #players: readonly CrowdHandle[];
  readonly #mostProbes: number;
  /** What each told last, and how many it was to have. */
  readonly #last = new Map<CrowdHandle, CrowdSample>();
  readonly #wanted = new Map<CrowdHandle, number>();

  constructor(probes: CrowdHandle, players: readonly CrowdHandle[], mostProbes: number) {
    this.#probes = probes;
    this.#players = players;
    this.#mostProbes = mostProbes;
  }

  /** Grows or shrinks evenly to so many clients. Probes are the first to come and the last to go. */
  aimFor(clients: number, seconds: number): void {
    const probes = Math.min(clients, this.#mostProbes);
    this.#wanted.set(this.#probes, probes);
    this.#probes.aimFor(probes, 0);
    for (const [i, crowd] of this.#players.entries()) {
      const share = this.#share(clients - probes, i);
      this.#wanted.set(crowd, share);
      crowd.aimFor(share, seconds);
    }
  }

  /** Among the players: probes stay. */
  churn(perSecond: number): void {
    for (const crowd of this.#players) crowd.churn(perSecond / this.#players.length);
  }

  async open(): Promise<void> {
    await Promise.allSettled(this.#all.map((each) => each.open()));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#all.map((each) => each.close()));
  }

  async sample(): Promise<CrowdSamples> {
    return (await Promise.all(this.#all.map((each) => this.#sample(each)))) as unknown as CrowdSamples;
  }

  /** A process that is gone has lost its players, and must not cost the figures of all others. */
  async #sample(crowd: CrowdHandle): Promise<CrowdSample> {
    try {
      const sample = await crowd.sample();
      this.#last.set(crowd, sample);
      return sample;
    } catch (error) {
      return lostSample(this.#last.get(crowd), this.#wanted.get(crowd) ?? 0, (error as Error).message);
    }
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#all.map((each) => each.end()));
  }

  get #all(): readonly CrowdHandle[] {
    return [this.#probes, ...this.#players];
  }

  #share(count: number, index: number): number {
    const { length } = this.#players;
    return Math.floor(count / length) + (index < count % length ? 1 : 0);
  }
}

function lostSample(last: CrowdSample | undefined, wanted: number, detail: string): CrowdSample {
  const none = new TimeHistogram().encode();
  const playing = last?.playing ?? 0;
  const gone = (last?.failed ?? 0) + (last?.disconnected ?? 0);
  const missing = Math.max(0, wanted - playing - gone);
  const lost = playing + missing;
  return {
    begun: Math.max(last?.begun ?? 0, wanted),
    ...{ playing: 0, knocking: 0 },
    failed: (last?.failed ?? 0) + missing,
    disconnected: (last?.disconnected ?? 0) + playing,
    errors: { ...last?.errors, ...(lost > 0 && { "process-ended": lost }) },
    details: { ...last?.details, "process-ended": detail },
    counts: last?.counts ?? newCrowdCounts(),
    ...{ latency: none, anyTime: none, interval: none, age: none, late: none },
    ...{ cpuSeconds: last?.cpuSeconds ?? 0, residentBytes: last?.residentBytes ?? 0 },
  };
}
