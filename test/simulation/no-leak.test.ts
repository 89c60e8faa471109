import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { ascii, WILD_KINDS } from "./wild/wild-game.ts";
import { entitiesOf, type WildEntity } from "./wild/wild-rules.ts";
import { type WildOptions, WildRun } from "./wild/wild-run.ts";

const GENERATIONS = 2 ** 20;
const narrow: WildOptions = {
  ...{ seed: 11, players: 4, entities: 60 },
  interest: { radius: 90, always: "question", hasFilter: true },
  link: { lossPercent: 20, latencyMs: 60, jitterMs: 30, reorderPercent: 15, duplicatePercent: 10 },
};

describe("packets tell nobody what is not for their eyes", () => {
  test.each<[string, Partial<WildOptions>]>([
    ["a radius, a filter and a bad link", {}],
    [
      "a filter alone, a narrow link",
      { interest: { radius: Infinity, always: "none", hasFilter: true }, down: { bandwidthKbps: 96 } },
    ],
    [
      "a radius and kinds, a good link",
      { interest: { radius: 60, always: "kinds", hasFilter: false }, link: { latencyMs: 20 } },
    ],
    ["two spectators beside two players, a radius and a filter", { players: 2, spectators: 2 }],
    [
      "spectators, who see everything",
      { players: 2, spectators: 2, interest: { radius: Infinity, always: "none", hasFilter: false } },
    ],
    ["everything seen by everyone", { interest: { radius: Infinity, always: "none", hasFilter: false } }],
  ])("%s", (_name, options) => {
    const run = new WildRun({ ...narrow, ...options });
    run.rage(12);
    run.settle(1);
    const { packets, records, fulls, gone, canaries } = run.tally();
    expect(packets).toBeGreaterThan(1_000);
    expect(records).toBeGreaterThan(4_000);
    // For everyone, for the team, for the owner.
    expect(Math.min(...fulls)).toBeGreaterThan(50);
    expect(gone).toBeGreaterThan(50);
    expect(canaries).toBeGreaterThan(100);
  });

  test("a spectator gets nothing but what is for everyone, wherever it looks", () => {
    const run = new WildRun({ ...narrow, players: 2, spectators: 1 });
    run.rage(8);
    const { records, fulls, canaries } = run.leakChecker(3);
    expect(records).toBeGreaterThan(1_000);
    expect([fulls[0]! > 50, fulls[1], fulls[2]]).toEqual([true, 0, 0]);
    // Texts for few eyes are in none of its packets; each of them was looked for.
    expect(canaries).toBe(0);
  });

  test("a stranger gets the same packets, byte for byte, whatever happens to what is hidden", () => {
    const [one, other] = [1, 2].map((secretSeed) => {
      const bodies: Uint8Array[][] = [[], []];
      const link = { latencyMs: 30 };
      const run = new WildRun({ ...narrow, players: 2, link, secretSeed, stranger: "player 1" });
      for (const playerId of [1, 2]) {
        const checker = run.leakChecker(playerId);
        const check = checker.check.bind(checker);
        checker.check = (body) => {
          bodies[playerId - 1]!.push(body);
          check(body);
        };
      }
      run.run(8);
      return bodies;
    });
    expect(one![0]!.length).toBeGreaterThan(200);
    expect(one![0]).toEqual(other![0]);
    expect(one![1]).not.toEqual(other![1]);
  });
});

describe("the check can fail", () => {
  const run = new WildRun({ ...narrow, link: { latencyMs: 20 } });
  run.run(4);
  const { truth, wild } = run;
  const { tick, sights } = truth.newest;
  const checker = run.leakChecker(1);
  const sight = sights.get(1)!;
  const living = entitiesOf(run.simulation.server.room.world);
  const kindOf = ({ kind }: WildEntity) => WILD_KINDS.findIndex(({ name }) => name === kind);
  const block = (...numbers: number[]): Uint8Array => {
    const writer = new MsgpackWriter().reset(new Uint8Array(64));
    for (const number of numbers) writer.int(number);
    return writer.bytes.slice(0, writer.at);
  };
  /** A full record of an empty entity or a mine, as `delta-block.ts` draws it. */
  const full = (entity: WildEntity, eyes: number, ...fields: number[]): Uint8Array => {
    const [index, generation] = [Math.floor(entity.id / GENERATIONS), entity.id % GENERATIONS];
    return block(tick, 0, 1, index, generation, kindOf(entity), entity.owner ?? 0, eyes, ...fields);
  };
  const one = (what: string, is: (entity: WildEntity) => boolean): WildEntity => {
    const found = living.find(is);
    if (found === undefined) throw new Error(`the world has no ${what}`);
    return found;
  };

  test("at an entity that is not seen", () => {
    const hidden = one("hidden mine", (entity) => entity.kind === "mine" && !sight.has(entity.id));
    if (hidden.kind !== "mine") throw new Error("unreachable");
    expect(() => checker.checkState(full(hidden, 0, hidden.x, hidden.y))).toThrow("is not seen");
  });

  test("at a class that is too high, and not at the right one", () => {
    const mine = one("mine of others", (entity) => entity.kind === "mine" && sight.get(entity.id) === 0);
    if (mine.kind !== "mine") throw new Error("unreachable");
    const told = full(mine, 2, mine.x, mine.y, mine.fuse);
    expect(() => checker.checkState(told)).toThrow("told to eyes 2, which are 0");
    expect(() => checker.checkState(full(mine, 0, mine.x, mine.y))).not.toThrow();
    expect(() => checker.checkState(full(mine, 0, mine.x, (mine.y + 1) % 200))).toThrow("y is not");
    expect(() => checker.checkState(full(mine, 0, mine.x, mine.y, mine.fuse))).toThrow();
  });

  test("at news of who is gone that was never told, or is not gone, or lives", () => {
    const seen = one("entity in sight", ({ id }) => sight.has(id));
    const index = Math.floor(seen.id / GENERATIONS);
    expect(() => checker.checkState(block(tick, 64, 1, 5_000))).toThrow("was never told of");
    expect(() => checker.checkState(block(tick, 65, 1, index))).toThrow("is said to be gone, and is seen");
    expect(() => checker.checkState(block(tick, 1, 1, 5_000, 0))).toThrow("was never told");
    expect(() => checker.checkState(block(tick - 1, 64, 1, index))).toThrow("a block of tick");
  });

  test("at a text for other eyes, in whatever frame", () => {
    const [secret] = [...wild.canaries].find(([, { id, field }]) => field === "secret" && sight.has(id))!;
    const [own] = [...wild.canaries].find(([, { id, field }]) => field === "plan" && sight.get(id) === 2)!;
    const [others] = [...wild.canaries].find(([, { id, field }]) => field === "plan" && sight.get(id) === 0)!;
    const body = (text: string): Uint8Array => encode([0, 0, 0, 0, 0, [5, ascii(`some ${text} more`)]]);
    expect(() => checker.check(body(secret))).toThrow("secret of");
    expect(() => checker.check(body(others))).toThrow("is for other eyes");
    expect(() => checker.check(body(own))).not.toThrow();
    // And through the whole stack.
    for (const player of run.simulation.server.room.players) player.send("word", { text: secret });
    expect(() => run.run(0.2)).toThrow(`${secret}, secret of`);
  });
});
