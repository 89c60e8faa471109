import type fc from "fast-check";

/** One trust boundary under fire: what may be thrown at it, and what must hold whatever was. */
export interface Target<Input> {
  readonly name: string;
  /** Plain data, so that an input that fails can be kept as JSON. */
  readonly inputs: fc.Arbitrary<Input>;
  /** Throws when something does not hold; else a word for what the input made happen, to tell behaviours apart. */
  run(input: Input): string;
}

/** A difference from what must hold. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

export function promise(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new BrokenPromise(sentence);
}

/** Which of some counts are 0, 1, few or many. */
export function behaviourOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name}:${count === 1 ? 1 : count < 8 ? "few" : "many"}`)
    .join(" ");
}
