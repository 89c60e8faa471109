import fc from "fast-check";
import type { Target } from "./target.ts";

/** Enough to choose a corpus from; to keep all would be most of the heap. */
const MAX_EXAMPLES = 100;

export interface FuzzResult<Input> {
  readonly executions: number;
  /** How many different behaviours there were. */
  readonly behaviours: number;
  /** The first inputs of which each showed a behaviour that none before it had. */
  readonly examples: readonly Input[];
  /** The shrunk input that broke a promise, and what it broke. */
  readonly failure: { readonly input: unknown; readonly error: unknown } | undefined;
}

/** Runs `target` on random inputs of `seed`, in batches, for as long as `goesOn` says. */
export function fuzz<Input>(
  target: Target<Input>,
  seed: number,
  batch: number,
  goesOn: () => boolean,
): FuzzResult<Input> {
  const seen = new Set<string>();
  const examples: Input[] = [];
  let executions = 0;
  const property = fc.property(target.inputs, (input) => {
    executions += 1;
    const behaviour = target.run(input);
    if (seen.has(behaviour)) return;
    seen.add(behaviour);
    if (examples.length < MAX_EXAMPLES) examples.push(input);
  });
  for (let round = 0; goesOn(); round += 1) {
    const { failed, counterexample, errorInstance } = fc.check(property, {
      seed: seed + round,
      numRuns: batch,
    });
    if (failed) {
      const failure = { input: counterexample?.[0], error: errorInstance };
      return { executions, behaviours: seen.size, examples, failure };
    }
  }
  return { executions, behaviours: seen.size, examples, failure: undefined };
}
