import { describe, expect, test } from "vitest";
import { QUANTUM } from "../../bench/feel/feel-game.ts";
import {
  FEEL_LINKS,
  FEEL_SEEDS,
  percentile,
  runBumps,
  runFlight,
  runSteps,
} from "../../bench/feel/feel-scenario.ts";
import { FeelPlay } from "../../bench/feel/feel-watch.ts";

interface Bound {
  readonly usedPercent: number;
  readonly freezesPerMinute: number;
  /** Of the server's last states, seed by seed: of the flights, then of the bumps. */
  readonly hashes: string;
}

/** In the order of `FEEL_LINKS`. docs/FEEL.md tells what comes out. */
const BOUNDS: readonly Bound[] = [
  { usedPercent: 99.9, freezesPerMinute: 0, hashes: "" },
  { usedPercent: 99.5, freezesPerMinute: 0, hashes: "" },
  { usedPercent: 99, freezesPerMinute: 1, hashes: "" },
  { usedPercent: 97, freezesPerMinute: 3, hashes: "" },
];

describe.each(FEEL_LINKS.map((link, n) => ({ ...link, ...BOUNDS[n]! })))(
  "by way of $name",
  ({ link, usedPercent, freezesPerMinute, hashes }) => {
    const last: string[] = [];

    test.each(FEEL_SEEDS)(
      "who flies alone is never corrected but for an input that was missed, seed %i",
      (seed) => {
        const flight = runFlight(link, seed);
        last.push(flight.hash);
        expect(flight.usedPercent).toBeGreaterThanOrEqual(usedPercent);
        expect(flight.corrections).toBe(0);
        expect(flight.correctedMisses).toBeLessThanOrEqual(flight.missed);
        expect(flight.freezesPerMinute).toBeLessThanOrEqual(freezesPerMinute);
      },
    );

    test.each(FEEL_SEEDS)(
      "who is thrust about is shown where it is 250 ms after it was told, seed %i",
      (seed) => {
        const { errors, allErrors, pushes, corrections, unexplained, hash } = runBumps(link, seed);
        last.push(hash);
        // The measure sees what is wrong before that.
        expect(pushes).toBeGreaterThan(50);
        expect(corrections).toBeGreaterThan(pushes / 2);
        expect(Math.max(...allErrors)).toBeGreaterThan(10 * QUANTUM);
        expect(errors.length).toBeGreaterThan(allErrors.length / 3);
        expect(percentile(errors, 99)).toBeLessThanOrEqual(QUANTUM);
        expect(unexplained).toBe(0);
      },
    );

    test("ends in these states, on every runtime", () => {
      expect(last.join(" ")).toBe(hashes);
    });
  },
);

describe("round trips that step from 40 to 160 ms and back", () => {
  const last: string[] = [];

  test.each(FEEL_SEEDS)("cost inputs and corrections for a second at most, seed %i", (seed) => {
    const { missed, missedLater, correctionsLater, unexplained, hash } = runSteps(seed);
    last.push(hash);
    expect(missed).toBeGreaterThan(0);
    expect([missedLater, correctionsLater, unexplained]).toEqual([0, 0, 0]);
  });

  test("end in these states, on every runtime", () => {
    expect(last.join(" ")).toBe("");
  });
});

const COUNT = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

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
    expect(heard).toEqual(COUNT(heard.length));
    expect(this.#sent - heard.length).toBeLessThanOrEqual(2);
    const { downs } = player;
    expect(downs).toEqual(COUNT(downs.length).map((n) => n + downs[0]!));
    expect(downs.length).toBeGreaterThan(((play.tick / 30 - 2) * 30) / 10);
  }
}

describe("back to play without joining again", () => {
  test("after 5 s in the background", () => {
    const back = new Return();
    const { client } = back.player;
    back.play.simulation.freeze(client, 5);
    back.run(5);
    back.expectBack(100);
    expect(back.told.filter((what) => what.startsWith("left"))).toEqual([]);
  });

  test("after 12 s without a way", () => {
    const back = new Return();
    const { network } = back.play.simulation;
    network.setAllLinks({ lossPercent: 100 });
    back.run(12);
    network.setAllLinks({ lossPercent: 0 });
    back.run(2);
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
    back.run(1);
    back.expectBack(100);
    expect(back.told).toEqual([]);
  });
});
