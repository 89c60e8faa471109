import { describe, expect, test } from "vitest";
import { MAX_REPLAYED_TICKS } from "../../../src/game/prediction/predicted-world.ts";
import type { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import type { Link } from "../replication/told-player.ts";
import { type PlayOptions, PredictedPlay } from "./predicted-play.ts";
import { type pushedGame, pushedRoom } from "./pushed-game.ts";

type Pushed = (typeof pushedGame)["~shape"];

const PERFECT: Link = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 0 };
/** At 30 ticks a second: 0, 30, 100 and 200 ms one way. */
const LINKS: readonly { readonly name: string; readonly link: Link; readonly leadTicks: number }[] = [
  { name: "0 ms", link: PERFECT, leadTicks: 1 },
  {
    name: "30 ms, 1 % loss",
    link: { ...PERFECT, lossPercent: 1, delayTicks: 1, jitterTicks: 1 },
    leadTicks: 3,
  },
  {
    name: "100 ms, 3 % loss",
    link: { ...PERFECT, lossPercent: 3, delayTicks: 3, jitterTicks: 1 },
    leadTicks: 5,
  },
  {
    name: "200 ms, 10 % loss",
    link: { lossPercent: 10, doublePercent: 5, delayTicks: 6, jitterTicks: 2 },
    leadTicks: 9,
  },
];

function wander(tick: number, random: SeededRandom) {
  return {
    ...(random.below(10) === 0 && { thrust: (random.below(129) - 64) / 64 }),
    ...(random.below(10) === 0 && { turn: (random.below(129) - 64) / 64 }),
    fire: tick > 60 && tick % 7 === 3,
  };
}

function newPlay(options: Partial<PlayOptions<Pushed>>): PredictedPlay<Pushed> {
  return new PredictedPlay(pushedRoom, { seed: 5, link: PERFECT, leadTicks: 4, input: wander, ...options });
}

/** Without what ids say: those of what waits to be confirmed are not the server's. */
function withoutIds(states: ReadonlyMap<number, string> | undefined): string[] {
  return [...(states?.values() ?? [])].map((state) => state.replace(/lastDart \d+/, "lastDart")).sort();
}

describe.each(LINKS)("free flight at $name", ({ link, leadTicks }) => {
  test("needs no correction, and each state is the server's to the last bit before the server has it", () => {
    const play = newPlay({ link, leadTicks });
    const predictions = new Map<number, string[]>();
    let compared = 0;
    play.run(900, () => {
      predictions.set(play.predicted.tick, withoutIds(play.predictedState()));
      const { tick } = play.room;
      if (tick < 30) return;
      expect(predictions.get(tick)).toEqual(withoutIds(play.truth.get(tick)));
      compared += predictions.get(tick)!.length;
    });
    const { counters } = play.predicted;
    expect(counters).toMatchObject({ corrections: 0, spawnsVanished: 0, stepErrors: 0, snaps: 0 });
    // Who learns late who it is plays again what it had played by then; then never.
    expect(counters.entitiesAdopted).toBe(1);
    expect(counters.replayedTicks).toBeLessThan(MAX_REPLAYED_TICKS);
    expect(counters.spawnsMatched).toBeGreaterThan(200);
    expect(compared).toBeGreaterThan(4000);
  });

  test("shows each of the player's darts once, and as the same object under both its ids", () => {
    const play = newPlay({ link, leadTicks });
    const { predicted } = play;
    const objects = new Map<object, Set<number>>();
    let shown = 0;
    play.run(600, () => {
      const darts = [...predicted.view.dart];
      for (const dart of darts) {
        const ids = objects.get(dart) ?? new Set();
        objects.set(dart, ids.add(dart.id));
        expect(predicted.get(dart.id)).toBe(dart);
      }
      shown += darts.length;
      // What the store has of the player's is all predicted, or was and has ended.
      const { present } = play.told.store;
      for (const { newest } of present.flatMap(({ entities }) => entities)) {
        if (play.room.tick > 30) expect(predicted.hides(newest!.id)).toBe(newest!.owner === play.player.id);
      }
      if (play.room.tick > 30) {
        const places = darts.map(({ x, y, vx, vy }) => [x, y, vx, vy].join());
        expect(new Set(places).size).toBe(places.length);
      }
    });
    expect(shown).toBeGreaterThan(2000);
    const served = [...objects.values()].filter((ids) => ids.size > 1);
    expect(served.every((ids) => ids.size === 2)).toBe(true);
    expect(served.length).toBeGreaterThan(100);
    // Two for each time it fired, and none besides.
    expect(objects.size).toBe(2 * (Math.floor((play.predicted.tick - 1 - 3) / 7) - 8));
  });

  test("costs one correction for one push from outside, and one for a missed input", () => {
    const missed = new Set([225, 326, 427]);
    const play = newPlay({ link, leadTicks, isLost: (tick) => missed.has(tick), input: steadily });
    let pushes = 0;
    play.run(700, () => {
      const { tick } = play.room;
      if (tick > 100 && tick < 600 && tick % 50 === 0) {
        const hull = play.player.entity!;
        hull.vx = hull.vx > 0 ? -30 : 30;
        pushes += 1;
      }
    });
    expect(pushes).toBe(9);
    expect(play.predicted.counters.corrections).toBe(pushes + missed.size);
    expect(play.predicted.counters.replayedTicks).toBeLessThan(
      (pushes + missed.size + 1) * MAX_REPLAYED_TICKS,
    );
    expect(withoutIds(play.predictedState()).length).toBe(1);
  });
});

/** Other values in each tick, so that a missed one is missed. */
function steadily(tick: number) {
  return { thrust: ((tick * 7) % 65) / 64, turn: ((tick * 5) % 65) / 64 };
}
