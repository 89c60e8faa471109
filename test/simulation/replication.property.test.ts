import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Tally, type WildOptions, WildRun } from "./wild/wild-run.ts";

const RAGE_SECONDS = 12;
const SETTLE_SECONDS = 4;
/** Packets are not repeated any more: the loss of before is forgotten. */
const FORGET_LOSS_SECONDS = 16;

const links = fc.record({
  lossPercent: fc.constantFrom(0, 5, 15, 30),
  duplicatePercent: fc.constantFrom(0, 10),
  reorderPercent: fc.constantFrom(0, 20),
  jitterMs: fc.constantFrom(0, 40),
  latencyMs: fc.constantFrom(5, 40, 120),
});
const interests = fc.record({
  radius: fc.constantFrom(60, 100, 140, Infinity),
  always: fc.constantFrom("none", "kinds", "question"),
  hasFilter: fc.boolean(),
});
const runs: fc.Arbitrary<WildOptions> = fc.record({
  seed: fc.nat(),
  players: fc.constantFrom(3, 4),
  entities: fc.constantFrom(40, 60, 100),
  interest: interests,
  link: links,
  down: fc.constantFrom({}, { bandwidthKbps: 64 }, { bandwidthKbps: 256 }),
});
const ordinary: WildOptions = {
  ...{ seed: 7, players: 3, entities: 50, link: { lossPercent: 5, latencyMs: 30 } },
  interest: { radius: 100, always: "question", hasFilter: true },
};

describe("wild worlds over links that lose, double, delay, swap and pause", () => {
  const tallies: Tally[] = [];
  let held = 0;

  // Each a test of its own rather than one property: nobody would wait for smaller ones.
  test.each(fc.sample(runs, { seed: 20_261_121, numRuns: 6 }))(
    "clients hold what the server had, to the bit, and in the end exactly what they may see (radius $interest.radius, $link.lossPercent % lost)",
    (options) => {
      const run = new WildRun(options);
      run.rage(RAGE_SECONDS);
      run.settle(SETTLE_SECONDS);
      held += run.expectSettled();
      tallies.push(run.tally());
    },
  );

  test("so much was looked at", () => {
    const sum = (of: (tally: Tally) => number): number => tallies.reduce((all, tally) => all + of(tally), 0);
    expect(tallies.length).toBe(6);
    expect(sum(({ ticks }) => ticks)).toBeGreaterThan(3_000);
    expect(sum(({ states }) => states)).toBeGreaterThan(4_000);
    expect(sum(({ compared }) => compared)).toBeGreaterThan(100_000);
    expect(sum(({ foretold }) => foretold)).toBeGreaterThan(10_000);
    expect(sum(({ reusedIndexes }) => reusedIndexes)).toBeGreaterThan(300);
    expect(sum(({ handedOver }) => handedOver)).toBeGreaterThan(300);
    expect(sum(({ resyncs }) => resyncs)).toBeGreaterThan(3);
    expect(sum(({ refused }) => refused)).toBe(0);
    expect(held).toBeGreaterThan(300);
  });

  test("a player who was cut off for so long that it counted as dropped holds what there is once it is back", () => {
    const run = new WildRun(ordinary);
    run.run(4);
    run.cut(run.members[1]!.port, 13);
    run.run(3);
    run.settle(SETTLE_SECONDS);
    expect(run.expectSettled()).toBeGreaterThan(10);
    expect(run.members.map(({ client }) => client.state)).toEqual(["playing", "playing", "playing"]);
    expect(run.tally()).toMatchObject({ dropped: 1, refused: 0 });
  });
});

test("who asks for everything anew is told all of it in full, and goes on as before", () => {
  const run = new WildRun(ordinary);
  run.run(2);
  run.settle(SETTLE_SECONDS + FORGET_LOSS_SECONDS);
  const held = run.expectSettled();
  const fulls = (): number => run.tally().fulls.reduce((sum, count) => sum + count, 0);
  const before = fulls();
  for (const { client } of run.members) client["~connection"].askResync();
  run.run(2);
  expect(fulls() - before).toBe(held);
  expect(run.expectSettled()).toBe(held);
});

describe("the checks can fail", () => {
  const present = (run: WildRun) =>
    run.members[0]!.client["~store"].present.flatMap(({ entities }) => entities);

  test("at one bit that is wrong", () => {
    const run = new WildRun(ordinary);
    run.run(2);
    const flags = present(run).filter(({ newest }) => newest!.plan.kind.schema.name === "flag");
    expect(flags.length).toBeGreaterThan(0);
    // One of them may be told anew before it is looked at, but not all.
    for (const { newest } of flags) {
      const points = newest!.plan.fields.find(({ schema }) => schema.name === "points")!;
      newest!.numbers[points.place]! += 1;
    }
    const ids = flags.map(({ newest }) => newest!.id).join("|");
    expect(() => run.run(2)).toThrow(new RegExp(`entity (${ids})\\b`));
  });

  test("at what is held too long, and at what is not held", () => {
    const run = new WildRun({
      ...ordinary,
      interest: { radius: Infinity, always: "none", hasFilter: false },
    });
    run.run(2);
    run.settle(SETTLE_SECONDS);
    expect(run.expectSettled()).toBeGreaterThan(10);
    const { world } = run.simulation.server.room;
    const flag = world.spawn("flag");
    expect(() => run.expectSettled()).toThrow(`player 1, flag ${flag.id} is not held`);
    world.despawn(flag);
    const { id } = present(run)[0]!.newest!;
    world.despawn({ id: id as typeof flag.id });
    expect(() => run.expectSettled()).toThrow(`player 1 holds ghosts: ${id}`);
  });
});
