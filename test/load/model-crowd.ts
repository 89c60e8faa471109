import type { CrowdHandle } from "../../client/load/crowd-orders.ts";
import { type CrowdSample, newCrowdCounts } from "../../client/load/crowd-sample.ts";
import type { ServerReading } from "../../client/load/server-reading.ts";
import { TimeHistogram } from "../../client/load/time-histogram.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";

const TO_MS = [0.25, 0.5, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16.7, 20, 25, 30, 33.3, 40, 50, 66.7, 100, 200, 500];
const TICK_MS = 1000 / 30;

/** A server whose ticks cost so much at all and so much per player, give or take a twentieth: what a machine does. */
export class ModelServer {
  players = 0;
  readonly #fixedMs: number;
  readonly #playerMs: number;
  readonly #random: SeededRandom;
  readonly #nowMs: () => number;
  readonly #counts = new Array<number>(TO_MS.length + 1).fill(0);
  #ticks = 0;
  #longestMs = 0;
  #ranToMs: number;

  constructor(cost: { fixedMs: number; playerMs: number }, seed: number, nowMs: () => number) {
    this.#fixedMs = cost.fixedMs;
    this.#playerMs = cost.playerMs;
    this.#random = new SeededRandom(seed);
    this.#nowMs = nowMs;
    this.#ranToMs = nowMs();
  }

  /** The duration of one more tick. */
  tickMs(): number {
    const noise = 1 + (this.#random.next() - 0.5) * 0.1;
    return (this.#fixedMs + this.#playerMs * this.players) * noise;
  }

  async read(): Promise<ServerReading> {
    for (; this.#ranToMs + TICK_MS <= this.#nowMs(); this.#ranToMs += TICK_MS) this.#tick();
    let sum = 0;
    const tickBuckets = [...TO_MS, Infinity].map((toMs, i) => {
      sum += this.#counts[i]!;
      return { toMs, count: sum };
    });
    return {
      ...{ runtime: "node", version: "0", players: this.players, ticks: this.#ticks, overruns: 0 },
      ...{
        cpuSeconds: 0,
        residentBytes: 0,
        longestTickMs: this.#longestMs,
        tickBuckets,
        latenessBuckets: [],
      },
      phaseSeconds: { step: 0, capture: 0, send: 0 },
      ...{ packetsDown: 0, lostDown: 0, bytesDown: 0, inputsTaken: 0 },
    };
  }

  #tick(): void {
    const ms = this.tickMs();
    this.#ticks += 1;
    this.#longestMs = Math.max(this.#longestMs, ms);
    const bucket = TO_MS.findIndex((toMs) => ms <= toMs);
    this.#counts[bucket < 0 ? TO_MS.length : bucket]! += 1;
  }
}

/** Players of such a server, who are in as soon as they are asked for, as many as there is room for. */
export class ModelCrowd implements CrowdHandle {
  readonly #onCount: (count: number) => void;
  readonly #latencyMs: () => number;
  readonly #room: number;
  #count = 0;
  #failed = 0;
  #begun = 0;
  #isOpen = false;

  constructor(onCount: (count: number) => void, latencyMs: () => number, room = Number.POSITIVE_INFINITY) {
    this.#onCount = onCount;
    this.#latencyMs = latencyMs;
    this.#room = room;
  }

  aimFor(count: number): void {
    this.#begun += Math.max(0, count - this.#count);
    this.#failed += Math.max(0, count - Math.max(this.#room, this.#count));
    this.#count = Math.min(count, this.#room);
    this.#onCount(this.#count);
  }

  churn(): void {}

  async open(): Promise<void> {
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  async sample(): Promise<CrowdSample> {
    const latency = new TimeHistogram();
    const anyTime = new TimeHistogram();
    for (let i = 0; i < 100 && this.#isOpen; i += 1) {
      const ms = this.#latencyMs();
      latency.record(ms);
      anyTime.record(ms + (TICK_MS * i) / 100);
    }
    const none = new TimeHistogram().encode();
    return {
      ...{ begun: this.#begun, playing: this.#count, knocking: 0, failed: this.#failed, disconnected: 0 },
      ...{ errors: this.#failed > 0 ? { full: this.#failed } : {}, details: {}, counts: newCrowdCounts() },
      ...{ latency: latency.encode(), anyTime: anyTime.encode(), interval: none, age: none, late: none },
      ...{ cpuSeconds: 0, residentBytes: 0 },
    };
  }

  async end(): Promise<void> {}
}
