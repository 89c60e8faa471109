import { beforeAll, describe, expect, test } from "vitest";
import { QUANTUM } from "../../bench/feel/feel-game.ts";
import {
  BUMP_FRAMES,
  type BumpResult,
  FEEL_LINKS,
  FEEL_SEEDS,
  type FlightResult,
  percentile,
  runBumps,
  runFlight,
  runSteps,
} from "../../bench/feel/feel-scenario.ts";
import { FeelPlay } from "../../bench/feel/feel-watch.ts";

interface Bound {
  readonly usedPercent: number;
  readonly freezesPerMinute: number;
  /** The server's last states, the same on every runtime: of the flights, seed by seed, then of the bumps. */
  readonly hashes: string;
}

/** In the order of `FEEL_LINKS`. docs/FEEL.md tells what comes out. */
const BOUNDS: readonly Bound[] = [
  {
    ...{ usedPercent: 99.9, freezesPerMinute: 0 },
    hashes:
      "60a5b5d0a36fbeba 18538f7af368c480 51702f8d875bca2b " +
      "ad4c6e0da5770cef abdfd280f1e03d82 fd098cdda1648f43",
  },
  {
    ...{ usedPercent: 99.5, freezesPerMinute: 0 },
    hashes:
      "b083f5112097e3b3 a17b18191bfe3727 d96d6be713c6523d " +
      "78e0d608350823b6 f61acbc2c557f110 8973186bc426a2b9",
  },
  {
    ...{ usedPercent: 99, freezesPerMinute: 1 },
    hashes:
      "a379eed7b32248e1 420df0de27ad210c df7904ff8242a8ed " +
      "6b270f779022008d 0e3312a35aa8302d b272a3942ce0f182",
  },
  {
    ...{ usedPercent: 97, freezesPerMinute: 3 },
    hashes:
      "38108294188e49a2 a6b69e101e23cfc2 f2e303e3b908a76d " +
      "3be7ea8302a5243d 1e3bfa87375f3151 cbd40492d2bcadf8",
  },
];
/** The same of the flights while the round trip steps. */
const STEPS_HASHES = "e7f17d0ada59c8ac 4d73088f07975bcd a3fbd98a8f88b378";

describe.each(FEEL_LINKS.map((link, n) => ({ ...link, ...BOUNDS[n]! })))("by way of $name", (row) => {
  let flights: FlightResult[];
  let bumps: BumpResult[];

  beforeAll(() => {
    flights = FEEL_SEEDS.map((seed) => runFlight(row.link, seed));
    bumps = FEEL_SEEDS.map((seed) => runBumps(row.link, seed));
  }, 20_000);

  test("inputs are used on their tick, and who flies alone is corrected for those only that are not", () => {
    for (const { usedPercent, missed, corrections, correctedMisses } of flights) {
      expect(usedPercent).toBeGreaterThanOrEqual(row.usedPercent);
      expect(corrections).toBe(0);
      expect(correctedMisses).toBeLessThanOrEqual(missed);
    }
  });

  test("who is thrust about is shown where it is, 250 ms after it was told", () => {
    for (const { errors, allErrors, pushes, corrections, unexplained } of bumps) {
      // The measure sees what is wrong before that, and there is enough to see: frames at 60 Hz ahead of the server.
      expect(pushes).toBeGreaterThan(50);
      expect(corrections).toBeGreaterThan(pushes / 2);
      expect(Math.max(...allErrors)).toBeGreaterThan(10 * QUANTUM);
      expect(allErrors.length).toBeGreaterThan(0.95 * BUMP_FRAMES);
      expect(errors.length).toBeGreaterThan(allErrors.length / 3);
      expect(percentile(errors, 99)).toBeLessThanOrEqual(QUANTUM);
      expect(unexplained).toBe(0);
    }
  });

  test("others move on", () => {
    for (const flight of flights) expect(flight.freezesPerMinute).toBeLessThanOrEqual(row.freezesPerMinute);
  });

  test("ends in the same states on every runtime", () => {
    expect([...flights, ...bumps].map(({ hash }) => hash).join(" ")).toBe(row.hashes);
  });
});

test("round trips that step from 40 to 160 ms and back cost inputs and corrections for a second at most", () => {
  const runs = FEEL_SEEDS.map(runSteps);
  for (const { missed, missedLater, correctionsLater, unexplained } of runs) {
    expect(missed).toBeGreaterThan(0);
    expect([missedLater, correctionsLater, unexplained]).toEqual([0, 0, 0]);
  }
  expect(runs.map(({ hash }) => hash).join(" ")).toBe(STEPS_HASHES);
});

/** 0, 1, 2 and so on. */
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Two players on an honest link; something befalls the first, and both send and are sent messages all the time. */
class Return {
  readonly told: string[] = [];
  readonly play: FeelPlay;
  #sent = 0;

  constructor() {
    this.play = new FeelPlay(false, 2, {
      seed: 5,
      link: { latencyMs: 30, jitterMs: 5 },
      hooks: {
        onLeft: (_player, reason) => this.told.push(`left: ${reason}`),
        onDropped: ({ name }) => this.told.push(`dropped: ${name}`),
        onResumed: ({ name }) => this.told.push(`resumed: ${name}`),
      },
    });
    this.run(5);
    expect(this.player.client.state).toBe("playing");
  }

  get player() {
    return this.play.players[0]!;
  }

  /** A message each tenth of a second, whatever the connection does. */
  run(seconds: number): void {
    for (let n = 0; n < seconds * 10; n += 1) {
      this.play.run(0.1);
      if (this.player.client.playerId === undefined) continue;
      if (this.player.client.send("up", { number: this.#sent }) === "queued") this.#sent += 1;
    }
  }

  /** It plays again a second from now, without a correction from then on, and no message was lost or came twice. */
  expectBack(sends: number): void {
    const { play, player } = this;
    const { client } = player;
    this.run(1);
    const { nowMs } = play.simulation;
    const { tick } = play;
    const states = client.stats.stateTicks;
    const { x, y } = client.entity!;
    this.run(5);
    expect(client.state).toBe("playing");
    expect(client.stats.stateTicks - states).toBeGreaterThan(140);
    expect(player.corrections.filter(({ atMs }) => atMs > nowMs)).toEqual([]);
    expect(player.ticks("missed", tick, play.tick)).toEqual([]);
    // It flies where its inputs take it, ahead of the server, and to the last bit as the server then has it.
    expect(client["~own"]!.tick).toBeGreaterThan(play.tick);
    expect(Math.hypot(client.entity!.x - x, client.entity!.y - y)).toBeGreaterThan(1);
    const since = player.allErrors.length - 4 * 60;
    expect(Math.max(...player.allErrors.slice(since))).toBe(0);
    expect(this.#sent).toBeGreaterThanOrEqual(sends);
    const heard = play.log.heard.get(client.playerId!)!;
    expect(heard).toEqual(upTo(heard.length));
    expect(this.#sent - heard.length).toBeLessThanOrEqual(2);
    const { downs } = player;
    expect(downs).toEqual(upTo(downs.length).map((n) => n + downs[0]!));
    expect(downs.length).toBeGreaterThan(((play.tick / 30 - 2) * 30) / 10);
  }
}

describe("back to play without joining again", () => {
  test("after 5 s in the background", () => {
    const back = new Return();
    const { client } = back.player;
    back.play.simulation.freeze(client, 5);
    // Who does nothing sends nothing and draws nothing.
    back.play.simulation.run(5);
    back.expectBack(100);
    expect(back.told.filter((what) => what.startsWith("left"))).toEqual([]);
  });

  test("after 12 s without a way", () => {
    const back = new Return();
    const { network } = back.play.simulation;
    network.setAllLinks({ lossPercent: 100 });
    back.run(12);
    network.setAllLinks({ lossPercent: 0 });
    back.expectBack(150);
    expect(back.told.filter((what) => what.startsWith("left"))).toEqual([]);
    expect(back.told.filter((what) => what.endsWith("player 1"))).toEqual([
      "dropped: player 1",
      "resumed: player 1",
    ]);
  });

  test("at another address", () => {
    const back = new Return();
    back.play.simulation.move(back.player.client, { host: "10.20.0.7", port: 6_000 });
    back.expectBack(100);
    expect(back.told).toEqual([]);
  });
});
