import { anchored, carriedOn, carriedOverChange } from "../../../src/game/replication/replica-rule.ts";
import { deltaBounds, wrappedDelta } from "../../../src/game/replication/wrapped-delta.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { definitionJson } from "../../../src/game/schema/definition-json.ts";
import { followFactor } from "../../../src/game/schema/follow-factor.ts";
import { AGE_DESPAWNED, AGE_LEFT } from "../../../src/game/schema/record-ages.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { motionGame } from "../delta-game.ts";
import { typesGame } from "../types-game.ts";
import { DeltaScript } from "./delta-script.ts";
import { float64Bits } from "./game-vectors.ts";
import { judgedVectors } from "./judged-vectors.ts";

/** Rates, steps and tick rates: powers of two, and such that no double holds. */
const MOTIONS = [
  {
    rateStep: 1 / 16,
    step: 1 / 64,
    tickRate: 30,
    least: -16_384,
    most: 16_384,
    rates: [1, -1, 7, 500, -2048],
  },
  { rateStep: 0.3, step: 0.1, tickRate: 60, least: 0, most: 500, rates: [1, -1, 66, -66] },
  { rateStep: 1, step: 1 / 64, tickRate: 20, least: 0, most: 64_000, rates: [100, -100, 127] },
  { rateStep: 0.01, step: 7, tickRate: 240, least: -(2 ** 31), most: 2 ** 31, rates: [3, -99_999] },
];
const TICKS = [0, 1, 5, 29, 1000, 65_535, 5_184_000, 2 ** 31 + 7, 2 ** 33 - 100];

/** The rule by which replicas go on. */
export function replicaVectors(): object {
  const random = new SeededRandom(3);
  const goingOn: object[] = [];
  const changing: object[] = [];
  const anchoring: object[] = [];
  for (const { rateStep, step, tickRate, least, most, rates } of MOTIONS) {
    const k = followFactor(rateStep, step, tickRate);
    const field = { rateStep, step, tickRate, least, most, kBits: float64Bits(k) };
    for (const [n, rate] of rates.entries()) {
      for (const from of TICKS.filter((_, at) => (at + n) % 2 === 0)) {
        const replica = least + random.below(most - least + 1);
        const to = from + 1 + random.below(90);
        goingOn.push({
          ...field,
          rate,
          replica,
          from,
          to,
          becomes: carriedOn(replica, rate, k, from, to, least, most),
        });
        const before = rates[random.below(rates.length)]!;
        const changed = from + 1 + random.below(to - from);
        const turned = carriedOverChange(replica, before, rate, k, from, changed, to, least, most);
        changing.push({ ...field, before, after: rate, replica, from, changed, to, becomes: turned });
        const steps = least + random.next() * (most - least);
        const becomes = anchored(steps, rate, k, from, least, most);
        anchoring.push({ ...field, rate, steps, stepsBits: float64Bits(steps), tick: from, becomes });
      }
    }
  }
  return { goingOn, changing, anchoring, wrapping: wrappingVectors() };
}

function wrappingVectors(): object[] {
  const ranges = [
    ...[
      [0, 1],
      [0, 100],
      [-80, 79],
      [-128, 127],
      [-127, 128],
      [0, 1023],
      [5, 10],
    ],
    ...[
      [-16_384, 16_384],
      [0, 2 ** 32 - 1],
      [-(2 ** 31), 2 ** 31 - 1],
    ],
  ];
  return ranges.flatMap(([least, most]) => {
    const bounds = deltaBounds(least!, most!);
    const middle = Math.floor((least! + most!) / 2);
    const pairs = [
      ...[
        [least!, most!],
        [most!, least!],
        [least!, middle],
        [middle, least!],
        [middle, most!],
      ],
      ...[[middle, middle + 1]],
    ];
    return pairs.map(([before, after]) => {
      const delta = wrappedDelta(bounds, before!, after!);
      return { least, most, before, after, delta };
    });
  });
}

/** Blocks that build on each other, in order, each with what the player holds afterwards, as of the block's tick. */
export function deltaVectors(): object {
  return { ...motionVectors(), types: typesVectors(), judged: judgedVectors() };
}

function motionVectors(): object {
  const game = motionGame as unknown as Game<Shape>;
  const script = new DeltaScript(game);
  const ada = script.spawn(
    "ship",
    { x: 10, vx: 12.5, vy: -3, label: "größe", fuel: 300, warming: 1.5, heat: 5 },
    1,
  );
  const bob = script.spawn(
    "ship",
    { x: -200, y: 7.3, vx: -32, secret: 4, note: 0, at: { x: -10, y: 9.5 } },
    2,
  );
  const shot = script.spawn("shot", { x: 255, vx: 60 }, 1);
  const empty = script.spawn("empty", {}, 0);
  script.run(1);
  script.tell("nobody is in sight", []);
  script.tell("full records for an owner, a team and everyone", [
    [ada, 0, 2],
    [bob, 0, 1],
    [shot, 0, 0],
    [empty, 0, 0],
  ]);
  script.run(10);
  script.tell("everything moved as foretold, but the shot reached a bound: nothing is sent", []);
  Object.assign(ada, { vx: 20.0625, aim: 3, isOn: true, score: -70_000, hp: 99 });
  script.run(1);
  script.tell("a new rate in this tick: c = 0, and the followers need nothing", [[ada, 1, 2]]);
  Object.assign(bob, { vx: 31.9375, vy: 1.875 });
  script.run(4);
  script.tell("a new rate 3 ticks ago", [[bob, 4, 1]]);
  Object.assign(bob, { vx: -1.875 });
  script.run(9);
  script.tell("a new rate 8 ticks ago: c = 7, and a byte", [[bob, 9, 1]]);
  Object.assign(ada, { x: -100, warming: -20, target: bob.id, note: 3, label: "", fuel: 0 });
  script.run(2);
  script.tell("a jump: a residual; an id, a text and an optional as they are", [[ada, 2, 2]]);
  Object.assign(ada, { vx: 1 });
  script.run(3);
  Object.assign(ada, { vx: -100, vy: 2 });
  script.run(3);
  script.tell("two changes of rate, of which c tells the newer: the residual carries the rest", [
    [ada, 6, 2],
  ]);
  Object.assign(ada, { hp: 5, aim: 6.28, score: 69_999, at: { x: 10, y: 0 } });
  script.run(1);
  Object.assign(bob, { at: { x: -10, y: -10 } });
  script.run(1);
  script.tell("two groups; deltas that wrap around", [
    [ada, 2, 2],
    [bob, 1, 1],
  ]);
  Object.assign(bob, { hp: 50 });
  script.run(1);
  Object.assign(bob, { hp: 100 });
  script.run(1);
  script.tell("a change that was taken back: a mask of nothing", [[bob, 2, 1]]);
  script.run(70);
  Object.assign(bob, { hp: 1 });
  script.run(1);
  script.tell("a version of 72 ticks ago is built upon: it was carried on until the tick before", [
    [bob, 1, 1],
  ]);
  Object.assign(ada, { owner: undefined });
  script.run(1);
  script.tell("another class: full once more", [[ada, 0, 0]]);
  script.world.despawn(shot);
  script.run(2);
  script.tell("one left sight, one is no more", [
    [bob, AGE_LEFT, 0],
    [shot, AGE_DESPAWNED, 0],
  ]);
  const next = script.spawn("shot", { x: 0.5 }, 0);
  script.run(1);
  script.tell("another one in the place of the shot; who left comes back", [
    [next, 0, 0],
    [bob, 0, 0],
  ]);
  script.run(2 ** 16 - script.world.tick);
  Object.assign(next, { vx: 1.875 });
  script.run(63);
  script.tell("after many ticks: an age of 63 is the oldest", [[next, 63, 0]]);
  return { definition: JSON.parse(definitionJson(game)), blocks: script.blocks };
}

/** Every type of field, full and changed. */
function typesVectors(): object {
  const game = typesGame as unknown as Game<Shape>;
  const script = new DeltaScript(game);
  const thing = script.spawn("thing", { path: [{ x: 1, y: 2 }], ammo: 7, plan: "a plan" }, 1);
  const mine = script.spawn("mine", { fuse: 3 }, 1);
  script.run(1);
  script.tell("each type in full, at its default or not", [
    [thing, 0, 2],
    [mine, 0, 2],
  ]);
  Object.assign(thing, { isOn: false, count: 2 ** 32 - 1, offset: -(2 ** 31), low: 10, tenth: -0.7 });
  Object.assign(thing, { fine: 0.00001, coarse: 700, heading: 3, at: { x: -10, y: 10 }, label: "größe" });
  Object.assign(thing, {
    target: mine.id,
    mood: "calm",
    maybe: { x: 3, y: 0 },
    path: [],
    words: ["a", "bc"],
  });
  Object.assign(thing, { maybeList: [mine.id, undefined], ammo: 0, plan: undefined, secret: 1 });
  Object.assign(mine, { fuse: 9 });
  script.run(1);
  script.tell("each type changed", [
    [thing, 1, 2],
    [mine, 1, 2],
  ]);
  Object.assign(thing, {
    count: 0,
    offset: 2 ** 31 - 1,
    low: 5,
    heading: 0,
    at: { x: -10, y: 9.5 },
    maybe: undefined,
  });
  Object.assign(thing, {
    target: undefined,
    path: [
      { x: 0, y: 3 },
      { x: 0, y: 3 },
    ],
    maybeList: [],
  });
  script.run(2);
  script.tell("and back: the short way around where there are many values", [[thing, 2, 2]]);
  return { definition: JSON.parse(definitionJson(game)), blocks: script.blocks };
}
