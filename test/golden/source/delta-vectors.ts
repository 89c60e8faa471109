import { DeltaBlock } from "../../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { VIEWERS, type Viewer } from "../../../src/game/replication/replica-plan.ts";
import { anchored, carriedOn, carriedOverChange } from "../../../src/game/replication/replica-rule.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import { deltaBounds, wrappedDelta } from "../../../src/game/replication/wrapped-delta.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { definitionJson } from "../../../src/game/schema/definition-json.ts";
import { followFactor } from "../../../src/game/schema/follow-factor.ts";
import { AGE_DESPAWNED, AGE_FULL, AGE_LEFT } from "../../../src/game/schema/record-ages.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { plainStore } from "../../game/replication/plain-store.ts";
import { motionGame } from "../delta-game.ts";
import { hex } from "../hex.ts";
import { float64Bits } from "./game-vectors.ts";

const game = motionGame as unknown as Game<Shape>;

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

interface Ship {
  readonly id: number;
  [field: string]: unknown;
}

/** One record of a block: what it tells, on top of what age. */
type Told = readonly [entity: { readonly id: number }, age: number, viewer: Viewer];

/** A scripted world and one player who is told of it, block by block. */
class Script {
  readonly world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  readonly history = new ReplicaHistory(game);
  readonly #block = new DeltaBlock(new DeltaEncoder(this.history));
  readonly #store = new ReplicaStore(game);
  readonly blocks: object[] = [];
  /** By entity index: the tick it was last told of, and to whom. */
  readonly #held = new Map<number, { tick: number; viewer: Viewer }>();

  spawn(kind: string, values: Record<string, unknown>, owner: number): Ship {
    const view = this.world.spawn(kind, values);
    view.owner = (owner || undefined) as never;
    return view as unknown as Ship;
  }

  /** Ends so many ticks; what has rates moves. */
  run(ticks: number): void {
    for (let n = 0; n < ticks; n += 1) {
      for (const view of this.world["~store"].views) {
        const fields = view as unknown as Record<string, number>;
        for (const { name, spec } of view?.["~table"].schema.fields ?? []) {
          if (spec.follows !== undefined) fields[name]! += fields[spec.follows]! * this.world.dt;
        }
      }
      this.world["~roundState"]();
      this.world["~endTick"]();
      this.history.capture(this.world["~store"], this.world.tick);
    }
  }

  /** The script says by itself what a server would send. */
  #expectAges(records: readonly Told[]): void {
    for (const [index, { tick, viewer }] of this.#held) {
      const told = records.find(([{ id }]) => Math.floor(id / 2 ** 20) === index);
      const age = this.history.ageFor(index, tick, viewer);
      const expected = told === undefined ? NOTHING_NEW : told[1];
      // Whoever only looks at some may leave out the others; full and gone are decisions of the view.
      const isFree =
        expected === AGE_FULL || expected >= AGE_LEFT || (told === undefined && records.length > 0);
      if (!isFree && age !== expected) throw new Error(`Entity ${index} has age ${age}, not ${expected}.`);
    }
    for (const [{ id }, age, viewer] of records) {
      if (age >= AGE_LEFT) this.#held.delete(Math.floor(id / 2 ** 20));
      else this.#held.set(Math.floor(id / 2 ** 20), { tick: this.world.tick, viewer });
    }
  }

  tell(meaning: string, records: readonly Told[]): void {
    const { tick } = this.world;
    this.#expectAges(records);
    this.#block.begin(tick, 1150);
    for (const [{ id }, age, viewer] of records) {
      const index = Math.floor(id / 2 ** 20);
      if (age < AGE_LEFT) this.#block.add(index, age, viewer);
      else this.#block.addGone(index, age === AGE_LEFT ? AGE_LEFT : AGE_DESPAWNED);
    }
    const writer = new MsgpackWriter().reset(new Uint8Array(1150));
    this.#block.write(writer);
    const block = writer.bytes.slice(0, writer.at);
    if (!this.#store.receive(block)) throw new Error(`The block of ${meaning} is refused.`);
    const told = records.map(([{ id }, age, viewer]) => ({
      index: Math.floor(id / 2 ** 20),
      age,
      class: VIEWERS[viewer],
    }));
    const events = this.#store.takeEvents().map(({ what, id }) => ({ what, id }));
    this.blocks.push({ meaning, tick, block: hex(block), told, events, state: plainStore(this.#store) });
  }
}

/** Blocks that build on each other, in order, each with what the player holds afterwards, as of the block's tick. */
export function deltaVectors(): object {
  const script = new Script();
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
