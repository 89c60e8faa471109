import { describe, expect, test } from "vitest";
import { anchored, carriedOn, carriedOverChange } from "../../src/game/replication/replica-rule.ts";
import { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import { deltaBounds, unwrappedDelta, wrappedDelta } from "../../src/game/replication/wrapped-delta.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import { definitionJson } from "../../src/game/schema/definition-json.ts";
import { followFactor } from "../../src/game/schema/follow-factor.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { plainStore } from "../game/replication/plain-store.ts";
import { motionGame, smallGame } from "./delta-game.ts";
import deltas from "./deltas.json" with { type: "json" };
import { unhex, withFlips } from "./hex.ts";
import replicas from "./replicas.json" with { type: "json" };
import { float64Bits } from "./source/game-vectors.ts";
import { withHex } from "./source/judged-vectors.ts";
import { typesGame } from "./types-game.ts";

const game = motionGame as unknown as Game<Shape>;

test("the definition is the one the vectors were made with", () => {
  expect(JSON.parse(definitionJson(game))).toEqual(deltas.definition);
});

describe("replicas", () => {
  test("go on", () => {
    for (const {
      rateStep,
      step,
      tickRate,
      kBits,
      least,
      most,
      rate,
      replica,
      from,
      to,
      becomes,
    } of replicas.goingOn) {
      const k = followFactor(rateStep, step, tickRate);
      expect(float64Bits(k)).toBe(kBits);
      expect(carriedOn(replica, rate, k, from, to, least, most)).toBe(becomes);
      // Or tick by tick.
      let stepwise = replica;
      for (let tick = from; tick < to; tick += 1) {
        stepwise = carriedOn(stepwise, rate, k, tick, tick + 1, least, most);
      }
      expect(stepwise).toBe(becomes);
    }
    expect(replicas.goingOn.length).toBeGreaterThan(50);
  });

  test("go on over a change of rate", () => {
    for (const vector of replicas.changing) {
      const { rateStep, step, tickRate, least, most, before, after, replica, from, changed, to, becomes } =
        vector;
      const k = followFactor(rateStep, step, tickRate);
      expect(carriedOverChange(replica, before, after, k, from, changed, to, least, most)).toBe(becomes);
    }
  });

  test("are anchored, and then stay within a step of steady motion", () => {
    for (const {
      rateStep,
      step,
      tickRate,
      least,
      most,
      rate,
      steps,
      stepsBits,
      tick,
      becomes,
    } of replicas.anchoring) {
      const k = followFactor(rateStep, step, tickRate);
      expect(float64Bits(steps)).toBe(stepsBits);
      expect(anchored(steps, rate, k, tick, least, most)).toBe(becomes);
      for (let later = tick; later < tick + 200; later += 1) {
        const truth = Math.min(Math.max(steps + rate * k * (later - tick), least), most);
        const off = carriedOn(becomes, rate, k, tick, later, least, most) - truth;
        // At 2^33 ticks a double has less left for fractions.
        expect(Math.abs(off)).toBeLessThanOrEqual(1 + 1e-3);
      }
    }
  });

  test("change by wrapped deltas", () => {
    for (const { least, most, before, after, delta } of replicas.wrapping) {
      const bounds = deltaBounds(least, most);
      expect(wrappedDelta(bounds, before, after)).toBe(delta);
      expect(unwrappedDelta(bounds, before, delta)).toBe(after);
      expect(delta).toBeGreaterThanOrEqual(bounds.leastDelta);
      expect(delta).toBeLessThanOrEqual(bounds.mostDelta);
    }
  });
});

const plays = [
  { game, ...deltas },
  { game: typesGame as unknown as Game<Shape>, ...deltas.types },
];

describe.each(plays)("delta blocks of $definition.name", ({ game, blocks }) => {
  const stateOf = (store: ReplicaStore): unknown => JSON.parse(JSON.stringify(plainStore(store)));

  test.each(blocks.map((block, n) => ({ ...block, n })))("tick $tick, $meaning", ({ n }) => {
    const store = new ReplicaStore(game);
    for (const { block } of blocks.slice(0, n)) expect(store.receive(unhex(block))).toBe(true);
    store.takeEvents();
    const { block, state, events, tick } = blocks[n]!;
    expect(store.receive(unhex(block))).toBe(true);
    expect(stateOf(store)).toEqual(state);
    expect(store.takeEvents()).toMatchObject(events.map((event) => ({ ...event, tick })));
  });

  test("every flip is refused or says something else", () => {
    for (const [n, { block, told }] of blocks.entries()) {
      const ages = told.map(({ age }) => age);
      const held = (bytes: Uint8Array): unknown => {
        const store = new ReplicaStore(game);
        for (const earlier of blocks.slice(0, n)) store.receive(unhex(earlier.block));
        if (!store.receive(bytes)) return undefined;
        // The versions too: two roads may lead to one place.
        const versions = store.present.flatMap(({ entities }) => entities.map((entity) => entity.newest));
        return JSON.stringify([
          store.newestTick,
          store.takeEvents(),
          stateOf(store),
          versions.map((version) => [version?.tick, version?.id, version?.owner]),
        ]);
      };
      const lawful = held(unhex(block));
      expect(lawful).toBeDefined();
      for (const { flipped, bit } of withFlips(unhex(block))) {
        if (held(flipped) !== lawful) continue;
        // Between two surprises it is all the same on which tick a record builds.
        const [age, other] = [unhex(block)[bit >> 3]!, flipped[bit >> 3]!];
        const isAge = ages.includes(age) && age > 0 && age < 64 && other > 0 && other < 64;
        if (!isAge) expect([block, bit]).toBe("refused or different");
      }
    }
  });
});

describe("blocks written by hand", () => {
  const { cases, definition } = deltas.judged;
  const small = smallGame as unknown as Game<Shape>;
  const counters: Readonly<Record<string, keyof ReplicaStore["counters"]>> = {
    malformed: "blocksMalformed",
    "too old": "blocksTooOld",
    contradictory: "blocksContradictory",
    "wrong kind": "blocksWrongKind",
    "wrong class": "blocksWrongClass",
    "unknown baseline": "blocksUnknownBaseline",
  };

  test("the definition is the one they were made with", () => {
    expect(JSON.parse(definitionJson(small))).toEqual(definition);
  });

  test.each(cases)("$why", ({ before, block, refusal, state, events }) => {
    const store = new ReplicaStore(small);
    for (const earlier of before) expect(store.receive(unhex(earlier))).toBe(true);
    store.takeEvents();
    const held = withHex(plainStore(store));
    const taken = store.counters.blocksTaken;
    expect(store.receive(unhex(block))).toBe(refusal === undefined);
    expect(withHex(plainStore(store))).toEqual(refusal === undefined ? state : held);
    if (refusal === undefined) expect(store.takeEvents()).toMatchObject(events!);
    else {
      expect(store.takeEvents()).toEqual([]);
      expect(store.counters).toMatchObject({ blocksTaken: taken, [counters[refusal]!]: 1 });
    }
  });

  test("there are refused ones of every kind", () => {
    expect(new Set(cases.flatMap(({ refusal }) => refusal ?? []))).toEqual(new Set(Object.keys(counters)));
  });
});
