import fc from "fast-check";
import type { Target } from "./target.ts";

export interface FuzzResult {
  readonly executions: number;
  /** Inputs that showed a behaviour none before them had, by behaviour. */
  readonly behaviours: ReadonlyMap<string, unknown>;
  /** The shrunk input that broke a promise, and what it broke. */
  readonly failure: { readonly input: unknown; readonly error: unknown } | undefined;
}

/** Runs `target` on random inputs of `seed`, in batches, for as long as `goesOn` says. */
export function fuzz<Input>(
  target: Target<Input>,
  seed: number,
  batch: number,
  goesOn: () => boolean,
): FuzzResult {
  const behaviours = new Map<string, unknown>();
  let executions = 0;
  const property = fc.property(target.inputs, (input) => {
    executions += 1;
    const behaviour = target.run(input);
    if (!behaviours.has(behaviour)) behaviours.set(behaviour, input);
  });
  for (let round = 0; goesOn(); round += 1) {
    const { failed, counterexample, errorInstance } = fc.check(property, {
      seed: seed + round,
      numRuns: batch,
    });
    if (failed) {
      return { executions, behaviours, failure: { input: counterexample?.[0], error: errorInstance } };
    }
  }
  return { executions, behaviours, failure: undefined };
}
