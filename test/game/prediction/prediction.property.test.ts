import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_REPLAYED_TICKS } from "../../../src/game/prediction/predicted-world.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import type { Link } from "../replication/told-player.ts";
import { PredictedPlay } from "./predicted-play.ts";
import { type pushedGame, pushedRoom } from "./pushed-game.ts";

type Play = PredictedPlay<(typeof pushedGame)["~shape"]>;

const WILD_TICKS = 300;
/** Until all that was under way has come, and what waits in vain has ended. */
const SETTLING_TICKS = 120;
const QUIET_TICKS = 60;

/** What the server's rules may do to a player between two ticks. */
function meddle({ room, player }: Play, random: SeededRandom): void {
  const { world } = room;
  const darts = [...world.dart];
  const dart = darts[random.below(Math.max(1, darts.length))];
  const hull = player.entity;
  const me = player.id;
  switch (random.below(12)) {
    case 0:
      if (hull !== undefined) hull.vx = random.below(60) - 30;
      break;
    case 1:
      if (hull !== undefined) Object.assign(hull, { x: random.below(800) - 400, note: "moved" });
      break;
    case 2:
      if (dart !== undefined) world.despawn(dart);
      break;
    case 3:
      if (dart !== undefined) Object.assign(dart, { owner: dart.owner === me ? 2 : me });
      break;
    case 4:
      Object.assign(world.spawn("dart", { vx: 20, endsAt: world.tick + 30 }), { owner: me });
      break;
    case 5:
      if (random.below(3) > 0) break;
      if (hull !== undefined) world.despawn(hull);
      player.entity = random.below(2) === 0 ? undefined : world.spawn("hull", { x: 5 });
      break;
    case 6:
      player.entity ??= world.spawn("hull");
      break;
    case 7:
      world.spawn("rock", { x: random.below(100), vx: random.below(9) });
      break;
    case 8:
      for (const rock of world.rock) if (random.below(3) === 0) world.despawn(rock);
      break;
    default:
      break;
  }
}

const links: fc.Arbitrary<Link> = fc.record({
  lossPercent: fc.constantFrom(0, 5, 30),
  doublePercent: fc.constantFrom(0, 10),
  jitterTicks: fc.constantFrom(0, 2, 6),
  delayTicks: fc.constantFrom(0, 3, 8),
});

test("whatever the server does, prediction stays bounded and is exact again once it lets be", () => {
  let corrections = 0;
  let matched = 0;
  let vanished = 0;
  fc.assert(
    fc.property(fc.nat(), links, fc.integer({ min: 1, max: 9 }), (seed, wildLink, leadTicks) => {
      const random = new SeededRandom(seed + 1);
      const link = { ...wildLink };
      let hidden = -1;
      let isWild = true;
      const play: Play = new PredictedPlay(pushedRoom, {
        ...{ seed, link, leadTicks },
        sees: (id) => !isWild || id % 16 !== hidden,
        isLost: () => isWild && random.below(10) === 0,
        input: () => ({
          thrust: (random.below(129) - 64) / 64,
          fire: isWild && random.below(6) === 0,
          mischief: isWild ? random.below(4) : 0,
        }),
      });
      const { predicted } = play;
      let replayed = 0;
      const check = () => {
        const { replayedTicks } = predicted.counters;
        expect(replayedTicks - replayed).toBeLessThanOrEqual(2 * MAX_REPLAYED_TICKS);
        replayed = replayedTicks;
        const ids = [...predicted.view.hull, ...predicted.view.dart].map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(predicted.get(id)?.id).toBe(id);
      };
      play.run(WILD_TICKS, () => {
        meddle(play, random);
        if (random.below(30) === 0) hidden = random.below(20);
        check();
      });
      isWild = false;
      Object.assign(link, { lossPercent: 0, jitterTicks: 0, doublePercent: 0 });
      play.player.entity ??= play.room.world.spawn("hull");
      play.run(SETTLING_TICKS, check);
      const before = predicted.counters;
      const states = new Map<number, string[]>();
      play.run(QUIET_TICKS, () => {
        states.set(predicted.tick, [...play.predictedState().entries()].map(String));
        const known = states.get(play.room.tick);
        if (known === undefined) return;
        expect(known).toEqual([...play.truth.get(play.room.tick)!.entries()].map(String));
      });
      expect(predicted.counters.corrections).toBe(before.corrections);
      corrections += before.corrections;
      matched += before.spawnsMatched;
      vanished += before.spawnsVanished;
    }),
    { numRuns: 6 },
  );
  expect(corrections).toBeGreaterThan(100);
  expect(matched).toBeGreaterThan(50);
  expect(vanished).toBeGreaterThan(10);
});
