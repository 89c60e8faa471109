import type { LinkConditions } from "tickwire/testing";
import { hashSnapshot } from "../../src/game/replication/snapshot.ts";
import { FeelPlay, FRAMES_PER_S } from "./feel-watch.ts";

export const FEEL_SEEDS: readonly number[] = [1, 2, 3];
const WARM_UP_S = 5;
const MEASURED_S = 30;
const FLYERS = 3;
const BUMPERS = 4;
/** Drawn in one run of bumps, over all players. */
export const BUMP_FRAMES = BUMPERS * MEASURED_S * FRAMES_PER_S;

export interface FeelLink {
  readonly name: string;
  readonly link: Partial<LinkConditions>;
}

/** ± around the latency; the network's jitter only adds. */
export const FEEL_LINKS: readonly FeelLink[] = [
  { name: "localhost, 0 ms", link: {} },
  { name: "30 ms ± 5, 1 % loss", link: { latencyMs: 25, jitterMs: 10, lossPercent: 1 } },
  { name: "100 ms ± 20, 3 % loss", link: { latencyMs: 80, jitterMs: 40, lossPercent: 3 } },
  {
    name: "200 ms ± 50, 10 % loss in bursts of 66 ms",
    link: { latencyMs: 150, jitterMs: 100, lossPercent: 10, burstMs: 66 },
  },
];

export interface FlightResult {
  /** Of players' ticks, in percent. */
  readonly usedPercent: number;
  readonly missed: number;
  /** Those of an input that was not used on its tick, and others. */
  readonly correctedMisses: number;
  readonly corrections: number;
  /** Of what is shown of others, per player and minute. */
  readonly freezesPerMinute: number;
  readonly hash: string;
}

/** Nobody meets anybody. */
export function runFlight(link: Partial<LinkConditions>, seed: number): FlightResult {
  const play = new FeelPlay(false, FLYERS, { seed, link });
  play.run(WARM_UP_S);
  const { tick: since } = play;
  const sinceMs = play.simulation.nowMs;
  const freezes = (): number => play.players.reduce((sum, { client }) => sum + client.stats.freezes, 0);
  const freezesBefore = freezes();
  play.run(MEASURED_S);
  const ticks = (play.tick - since) * FLYERS;
  const missed = play.players.reduce((sum, one) => sum + one.ticks("missed", since, play.tick).length, 0);
  const corrections = play.players.flatMap((one) => one.corrections.filter(({ atMs }) => atMs > sinceMs));
  const explained = corrections.filter(({ isExplained }) => isExplained).length;
  return {
    ...{ usedPercent: 100 * (1 - missed / ticks), missed },
    ...{ correctedMisses: explained, corrections: corrections.length - explained },
    freezesPerMinute: ((freezes() - freezesBefore) * 60) / (MEASURED_S * FLYERS),
    hash: hashSnapshot(play.simulation.server.snapshot()),
  };
}

export interface BumpResult {
  /** In units, of frames that were drawn more than 250 ms after what the client had been told last. */
  readonly errors: readonly number[];
  /** The same of all frames: nobody can show a push before it is told of. */
  readonly allErrors: readonly number[];
  readonly pushes: number;
  readonly corrections: number;
  /** Those without a push or a missed input. */
  readonly unexplained: number;
  readonly hash: string;
}

/** All are thrust about all the time. */
export function runBumps(link: Partial<LinkConditions>, seed: number): BumpResult {
  const play = new FeelPlay(true, BUMPERS, { seed, link });
  play.run(WARM_UP_S);
  const { tick: since } = play;
  const sinceMs = play.simulation.nowMs;
  const before = play.players.map(({ errors, allErrors }) => [errors.length, allErrors.length] as const);
  play.run(MEASURED_S);
  const corrections = play.players.flatMap((one) => one.corrections.filter(({ atMs }) => atMs > sinceMs));
  return {
    errors: play.players.flatMap(({ errors }, n) => errors.slice(before[n]![0])),
    allErrors: play.players.flatMap(({ allErrors }, n) => allErrors.slice(before[n]![1])),
    pushes: play.players.reduce((sum, one) => sum + one.ticks("pushed", since, play.tick).length, 0),
    corrections: corrections.length,
    unexplained: corrections.filter(({ isExplained }) => !isExplained).length,
    hash: hashSnapshot(play.simulation.server.snapshot()),
  };
}

export interface StepsResult {
  /** Missed inputs: in all; later than a second after a step. */
  readonly missed: number;
  readonly missedLater: number;
  readonly correctionsLater: number;
  readonly unexplained: number;
  readonly hash: string;
}

const STEP_S = 10;

/** Round trips of 40 ms, at once 160, at once 40 again. */
export function runSteps(seed: number): StepsResult {
  const play = new FeelPlay(false, FLYERS, { seed, link: { latencyMs: 20, jitterMs: 5 } });
  play.run(WARM_UP_S);
  let [missedLater, correctionsLater] = [0, 0];
  const { tick: since } = play;
  const sinceMs = play.simulation.nowMs;
  for (const latencyMs of [80, 20]) {
    play.simulation.network.setAllLinks({ latencyMs });
    play.run(1);
    const { tick } = play;
    const { nowMs } = play.simulation;
    play.run(STEP_S - 1);
    for (const one of play.players) {
      missedLater += one.ticks("missed", tick, play.tick).length;
      correctionsLater += one.corrections.filter(({ atMs }) => atMs > nowMs).length;
    }
  }
  const corrections = play.players.flatMap((one) => one.corrections.filter(({ atMs }) => atMs > sinceMs));
  return {
    missed: play.players.reduce((sum, one) => sum + one.ticks("missed", since, play.tick).length, 0),
    ...{ missedLater, correctionsLater },
    unexplained: corrections.filter(({ isExplained }) => !isExplained).length,
    hash: hashSnapshot(play.simulation.server.snapshot()),
  };
}

/** The least that so many percent of the numbers are not above; 0 of none. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}
