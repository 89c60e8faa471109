import { describe, expect, test } from "vitest";
import { soakKinds } from "./soak-game.ts";
import { LatestLedger, OrderedLedger, type SoakLedger, UnorderedLedger } from "./soak-ledger.ts";
import { judgeMemory } from "./soak-memory.ts";
import { readSoakOptions } from "./soak-options.ts";
import { describeSoak } from "./soak-report.ts";
import { MESSAGES_PER_SECOND, soak } from "./soak-run.ts";

const SEED = 20_261_121;
const CLIENTS = 10;
const MINUTES = 3;
/** At most so long until all are in. */
const JOINING_SECONDS = 10;

test(`${MINUTES} virtual minutes of seed ${SEED}: every reliable message as its channel promises`, () => {
  const outcome = soak({ seed: SEED, clients: CLIENTS, minutes: MINUTES });
  expect(outcome.told).toEqual([]);
  expect(outcome.violations).toBe(0);
  expect(outcome.tallies).toHaveLength(2 * soakKinds.length);
  for (const { sent, heard, message } of outcome.tallies) {
    const { every } = soakKinds.find((kind) => kind.message === message)!;
    const due = (CLIENTS * MESSAGES_PER_SECOND * (MINUTES * 60 - JOINING_SECONDS)) / every;
    expect(sent).toBeGreaterThan(due);
    if (message !== "latest") expect(heard).toBe(sent);
  }
  const { sent, lost, duplicated, reordered } = outcome.network;
  expect(lost / sent).toBeCloseTo(0.3, 1);
  expect(duplicated / (sent - lost)).toBeCloseTo(0.25, 1);
  expect(reordered).toBeGreaterThan(1_000);
  expect(describeSoak(outcome, undefined)).toMatch(/^ordered up: (\d+) sent, \1 heard$/m);
});

describe("a soak", () => {
  test("plays the same for the same seed, and something else for another", () => {
    const runs = [1, 1, 2].map((seed) => soak({ seed, clients: 2, minutes: 1 }));
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]!.network).not.toEqual(runs[2]!.network);
  });
});

describe("a ledger", () => {
  /** What it says of each arrival, after `sent` were sent, and how many it misses in the end. */
  const read = (ledger: SoakLedger, sent: number, arrivals: readonly number[]) => {
    for (let n = 0; n < sent; n += 1) ledger.noteSent();
    const faults = arrivals.map((n) => ledger.noteHeard(n));
    return { faults: faults.filter((fault) => fault !== undefined), missing: ledger.missing };
  };

  test.each([
    [[0, 1, 2], [], 0],
    [[0, 1], [], 1],
    [[0, 1, 1, 2], ["1 came again, or late: 2 was next"], 0],
    [[0, 2], ["2 came where 1 was next"], 0],
    [[0, 2, 1], ["2 came where 1 was next", "1 came again, or late: 3 was next"], 0],
    [[0, 1, 2, 3], ["3 was never sent"], 0],
  ])("of ordered messages: 3 sent, %j heard", (arrivals, faults, missing) => {
    expect(read(new OrderedLedger(), 3, arrivals)).toEqual({ faults, missing });
  });

  test.each([
    [[2, 0, 1], [], 0],
    [[2, 0], [], 1],
    [[2, 0, 2, 1], ["2 came again"], 0],
    [[0, 0], ["0 came again"], 2],
    [[3], ["3 was never sent"], 3],
  ])("of unordered messages: 3 sent, %j heard", (arrivals, faults, missing) => {
    expect(read(new UnorderedLedger(), 3, arrivals)).toEqual({ faults, missing });
  });

  test.each([
    [[0, 2], [], 0],
    [[0, 1], [], 1],
    [[2, 1], ["1 came after 2"], 0],
    [[2, 2], ["2 came after 2"], 0],
    [[3], ["3 was never sent"], 1],
  ])("of latest values: 3 sent, %j heard", (arrivals, faults, missing) => {
    expect(read(new LatestLedger(), 3, arrivals)).toEqual({ faults, missing });
  });
});

describe("memory", () => {
  const MIB = 2 ** 20;

  test("is flat when it stays within what differs between collections, once tables have grown", () => {
    const settled = Array.from({ length: 60 }, (_, minute) => 20 - 4 * 0.7 ** minute + 0.05 * (minute % 3));
    expect(judgeMemory(settled.map((mib) => mib * MIB))).toMatchObject({ isFlat: true });
  });

  test("is not flat when it grows by 10 KiB a minute for an hour, or is ever far above", () => {
    const leaking = Array.from({ length: 60 }, (_, minute) => 20 * MIB + minute * 10 * 1024);
    expect(judgeMemory(leaking)).toMatchObject({ isFlat: false });
    const spike = Array.from({ length: 60 }, (_, minute) => (minute === 50 ? 20.6 : 20) * MIB);
    expect(judgeMemory(spike)).toMatchObject({ isFlat: false });
  });

  test("of a few minutes tells nothing", () => {
    expect(judgeMemory([])).toBeUndefined();
    expect(judgeMemory(Array.from({ length: 29 }, (_, minute) => minute))).toBeUndefined();
  });
});

describe("options of the soak", () => {
  const read = (...words: string[]) => readSoakOptions(words, 7);

  test("what is left out has a default", () => {
    expect(read()).toEqual({ minutes: 60, clients: 10, seed: 7 });
    expect(read("--minutes", "5", "--clients", "3", "--seed", "1")).toEqual({
      ...{ minutes: 5, clients: 3, seed: 1 },
    });
  });

  test.each([
    [["--minutes", "0"], '--minutes takes a whole number above 0, not "0".'],
    [["--minutes", "1.5"], '--minutes takes a whole number above 0, not "1.5".'],
    [["--clients", "many"], '--clients takes a whole number from 1 to 999, not "many".'],
    [["--seed", "-"], '--seed takes a whole number, not "-".'],
    [["--fast"], /^Unknown option '--fast'\.$/],
  ])("%j is refused in one sentence", (words, sentence) => {
    if (typeof sentence === "string") expect(read(...words)).toBe(sentence);
    else expect(read(...words)).toMatch(sentence);
  });
});
