import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import type { GameWorld } from "../../../src/game/world/game-world.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { anyDeltaGame, newWildWorld, PlainModel, playTick } from "./delta-game.ts";
import { OwnPlayer, type StoredNumbers, storedNumbers } from "./own-player.ts";
import { type Link, ToldPlayer } from "./told-player.ts";

const MEMORY_TICKS = 400;
const PERFECT: Link = { lossPercent: 0, doublePercent: 0, jitterTicks: 0, delayTicks: 0 };

/** A world and one player in it who is told of all that is its own. */
class Run {
  readonly world: GameWorld = newWildWorld();
  readonly history = new ReplicaHistory(anyDeltaGame);
  readonly model = new PlainModel(anyDeltaGame, MEMORY_TICKS);
  readonly told: ToldPlayer;
  readonly own: OwnPlayer;
  readonly random: SeededRandom;
  exact = 0;
  untold = 0;
  #truth = new Map<number, StoredNumbers>();
  #sight = 0;
  #quietUntil = 0;

  constructor(seed: number, link: Link, firstTick = 0) {
    this.random = new SeededRandom(seed);
    this.world.tick = firstTick;
    this.told = new ToldPlayer(anyDeltaGame, this.history, new DeltaEncoder(this.history), 1, link);
    this.own = new OwnPlayer(this.told, 1, this.history, this.world["~store"], link);
  }

  tick(roomBytes = 1000): void {
    const { world, random } = this;
    // Now and then nothing happens for long: what rests grows old.
    if (random.below(400) === 0) this.#quietUntil = world.tick + random.below(200);
    if (world.tick < this.#quietUntil) {
      world["~roundState"]();
      world["~endTick"]();
    } else playTick(world, random, random, 12);
    this.history.capture(world["~store"], world.tick);
    this.model.capture(world);
    this.#truth.set(world.tick, storedNumbers(this.history, world["~store"]));
    this.#truth.delete(world.tick - MEMORY_TICKS);
    if (random.below(60) === 0) this.#sight = random.below(12);
    this.told.tell(random, (id) => Math.floor(id / 2 ** 20) !== this.#sight, 400);
    this.own.tell(random, roomBytes);
    this.told.receive(random);
    this.own.receive();
    this.#compare();
  }

  /** What can be made of the newest carries that arrived, with what is in sight. */
  #compare(): void {
    const { state } = this.own.reader;
    for (let record = 0; record < state.size; record += 1) {
      const held = this.told.store.at(state.indexes[record]!);
      const { id, plan } = held?.newest ?? { id: 0, plan: this.history.kinds[0]!.plan.views[0] };
      const numbers = new Float64Array(plan.kind.numberPlaces);
      if (held === undefined || !state.exactNumbers(held, numbers)) {
        this.untold += 1;
        continue;
      }
      this.exact += 1;
      const truth = this.#truth.get(state.tick)!.get(id);
      if (truth === undefined) throw new Error(`Entity ${id} did not live at tick ${state.tick}.`);
      for (const [place, number] of numbers.entries()) {
        // To the last bit.
        if (Object.is(number, truth[place])) continue;
        const field = plan.fields.findLast((candidate) => candidate.place <= place);
        expect([field?.schema.name, number]).toEqual([state.tick, truth[place]]);
      }
    }
  }
}

const links: fc.Arbitrary<Link> = fc.record({
  lossPercent: fc.constantFrom(0, 5, 30, 60),
  doublePercent: fc.constantFrom(0, 10),
  jitterTicks: fc.constantFrom(0, 0, 3, 12),
  delayTicks: fc.constantFrom(0, 1, 4, 20, 70),
});
const firstTicks = fc.constantFrom(0, 1, 1_000_003, 2 ** 33);

describe("an owner behind a bad link", () => {
  test("never takes for exact what is not, to the last bit", () => {
    let exact = 0;
    let untold = 0;
    fc.assert(
      fc.property(fc.nat(), links, firstTicks, (seed, link, firstTick) => {
        const run = new Run(seed, link, firstTick);
        for (let n = 0; n < 600; n += 1) run.tick();
        exact += run.exact;
        untold += run.untold;
        expect(run.own.reader.counters).toMatchObject({ blocksMalformed: 0, blocksWrongCount: 0 });
      }),
      { numRuns: 15 },
    );
    expect(exact).toBeGreaterThan(10_000);
    expect(untold).toBeGreaterThan(1000);
  });

  test("is not told to trust what it slept through", () => {
    const link = { ...PERFECT };
    const run = new Run(5, link);
    for (let n = 0; n < 60; n += 1) run.tick();
    let silent = 0;
    for (let round = 0; round < 30; round += 1) {
      link.lossPercent = 100;
      const { tick } = run.own.reader.state;
      for (let n = 0; n < 120 + round; n += 1) run.tick();
      expect(run.own.reader.state.tick).toBe(tick);
      // Only carries come through at first.
      const { receive } = run.told;
      run.told.receive = () => 0;
      link.lossPercent = 0;
      const before = run.untold;
      for (let n = 0; n < 5; n += 1) run.tick();
      silent += run.untold - before;
      run.told.receive = receive;
      for (let n = 0; n < 20; n += 1) run.tick();
    }
    expect(silent).toBeGreaterThan(100);
  });
});

test("an owner behind a perfect link always has it all, and ages are those of its newest news", () => {
  let oldest = 0;
  fc.assert(
    fc.property(fc.nat(), firstTicks, (seed, firstTick) => {
      const run = new Run(seed, PERFECT, firstTick);
      for (let n = 0; n < 400; n += 1) {
        run.tick();
        const { state, counters } = run.own.reader;
        const { tick } = run.world;
        const { owned } = run.own;
        const records = owned.map((index) => {
          const id = run.history.ids[index]!;
          const news = Math.max(run.model.surprises.get(id)![2].at(-1)!, run.model.handedOver.get(id)!);
          return { index, age: Math.min(tick - news, 127), isNew: run.told.seen.get(index)!.since === tick };
        });
        // That the player holds what just came into its sight is not acked yet.
        const expected = records.filter(({ age, isNew }) => age < 127 || !isNew);
        expect([...state.indexes.slice(0, state.size)]).toEqual(expected.map(({ index }) => index));
        expect([...state.ages.slice(0, state.size)]).toEqual(expected.map(({ age }) => age));
        expect([state.tick, state.playerId, state.avatarIndex]).toEqual([tick, 1, owned.at(-1) ?? -1]);
        oldest = Math.max(oldest, ...expected.map(({ age }) => age));
        expect(counters.blocksTaken).toBe(n + 1);
      }
      expect(run.untold).toBe(0);
      expect(run.exact).toBeGreaterThan(50);
    }),
    // In this one something stays without news for longer than an age can tell; in most others too.
    { numRuns: 7, examples: [[1, 0]] },
  );
  expect(oldest).toBe(127);
});

test("a block never takes more than its room, and what the player steers is the last to be left out", () => {
  let crowded = 0;
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 60 }), (seed, roomBytes) => {
      const run = new Run(seed, PERFECT);
      for (let n = 0; n < 200; n += 1) {
        const { length } = run.own.blocks;
        run.tick(roomBytes);
        const block = run.own.blocks.at(-1);
        if (run.own.blocks.length === length) {
          expect(roomBytes).toBeLessThan(5);
          continue;
        }
        expect(block!.length).toBeLessThanOrEqual(roomBytes);
        const { state } = run.own.reader;
        const { owned } = run.own;
        if (state.size === owned.length) continue;
        crowded += 1;
        const isNew = run.told.seen.get(state.avatarIndex)?.since === state.tick;
        // The widest record is a ship's: 3 + 9 bytes, after a head of 4 at most.
        if (roomBytes >= 16 && !isNew) expect(state.find(state.avatarIndex)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 30 },
  );
  expect(crowded).toBeGreaterThan(200);
});
