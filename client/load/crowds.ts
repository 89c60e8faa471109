import type { CrowdHandle } from "./crowd-orders.ts";
import type { CrowdSample } from "./crowd-sample.ts";

/** A sample of everyone: first the probes', then those of the processes of players. */
export type CrowdSamples = readonly [probes: CrowdSample, ...players: CrowdSample[]];

/** All clients of a load test: a few probes, and players in one process or several. */
export class Crowds {
  readonly #probes: CrowdHandle;
  readonly #players: readonly CrowdHandle[];
  readonly #mostProbes: number;

  constructor(probes: CrowdHandle, players: readonly CrowdHandle[], mostProbes: number) {
    this.#probes = probes;
    this.#players = players;
    this.#mostProbes = mostProbes;
  }

  /** Grows or shrinks evenly to so many clients. Probes are the first to come and the last to go. */
  aimFor(clients: number, seconds: number): void {
    const probes = Math.min(clients, this.#mostProbes);
    this.#probes.aimFor(probes, 0);
    for (const [i, crowd] of this.#players.entries()) crowd.aimFor(this.#share(clients - probes, i), seconds);
  }

  /** Among the players: probes stay. */
  churn(perSecond: number): void {
    for (const crowd of this.#players) crowd.churn(perSecond / this.#players.length);
  }

  async open(): Promise<void> {
    await Promise.all(this.#all.map((each) => each.open()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((each) => each.close()));
  }

  async sample(): Promise<CrowdSamples> {
    return (await Promise.all(this.#all.map((each) => each.sample()))) as unknown as CrowdSamples;
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
