import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCorpus } from "./corpus.ts";
import { readFuzzOptions } from "./fuzz-options.ts";
import { fuzz } from "./fuzz-run.ts";
import { promise, type Target } from "./target.ts";
import { targets } from "./targets.ts";

const SEED = 20_261_121;
/** About a second each; `npm run fuzz` goes on for as long as it is told. */
const EXECUTIONS: Readonly<Record<string, number>> = {
  datagrams: 150,
  bodies: 150,
  connection: 100,
  scripts: 400,
};

describe.each(targets)("$name", (target) => {
  const corpus = readCorpus(target.name);

  test("there is a corpus", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(5);
  });

  test.each(corpus)("$file", ({ input }) => {
    expect(target.run(input)).toEqual(expect.any(String));
  });

  test(`random inputs of seed ${SEED}`, () => {
    let batches = 1;
    const { executions, behaviours, failure } = fuzz(
      target,
      SEED,
      EXECUTIONS[target.name]!,
      () => batches-- > 0,
    );
    expect(failure).toBeUndefined();
    expect(executions).toBe(EXECUTIONS[target.name]);
    // A generator that went stale would show the same few behaviours again and again.
    expect(behaviours).toBeGreaterThan(10);
  });
});

describe("the fuzzer itself", () => {
  const brittle: Target<readonly number[]> = {
    name: "brittle",
    inputs: fc.array(fc.nat(1_000)),
    run(input) {
      promise(!input.some((number) => number >= 500), "no number is 500 or more");
      return `${input.length}`;
    },
  };

  test("finds a broken promise and shrinks it", () => {
    const { failure } = fuzz(brittle, 1, 100, () => true);
    expect(failure?.input).toEqual([500]);
    expect(String(failure?.error)).toContain("no number is 500 or more");
  });

  test("the same seed finds the same", () => {
    const runs = [1, 2].map(() => fuzz(brittle, 9, 100, () => true));
    expect(runs[0]!.executions).toBe(runs[1]!.executions);
  });
});

describe("options of the fuzzer", () => {
  const read = (...words: string[]) => readFuzzOptions(words, ["a", "b"], 7);

  test("what is left out has a default", () => {
    expect(read()).toEqual({ seconds: 60, seed: 7, keep: 0, targets: ["a", "b"] });
    expect(read("--seconds", "2.5", "--seed", "3", "--target", "b", "--keep", "4")).toEqual({
      ...{ seconds: 2.5, seed: 3, keep: 4 },
      targets: ["b"],
    });
  });

  test.each([
    [["--seconds", "0"], '--seconds takes a number above 0, not "0".'],
    [["--seconds", "soon"], '--seconds takes a number above 0, not "soon".'],
    [["--seed", "-"], '--seed takes a whole number, not "-".'],
    [["--keep", "all"], '--keep takes a whole number, not "all".'],
    [["--target", "c"], '--target takes one of a, b, not "c".'],
    [["--fast"], /^Unknown option '--fast'\.$/],
  ])("%j is refused in one sentence", (words, sentence) => {
    if (typeof sentence === "string") expect(read(...words)).toBe(sentence);
    else expect(read(...words)).toMatch(sentence);
  });
});
