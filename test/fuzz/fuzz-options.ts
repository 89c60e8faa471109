import { parseArgs } from "node:util";

export interface FuzzOptions {
  /** Per target. */
  readonly seconds: number;
  readonly seed: number;
  readonly targets: readonly string[];
  /** How many inputs that showed something new go into the corpus, per target. */
  readonly keep: number;
}

/** The options, or one sentence that says what is wrong with them. */
export function readFuzzOptions(
  words: readonly string[],
  known: readonly string[],
  freshSeed: number,
): FuzzOptions | string {
  let values: { seconds?: string; target?: string; seed?: string; keep?: string };
  try {
    const text = { type: "string" } as const;
    const options = { seconds: text, target: text, seed: text, keep: text };
    ({ values } = parseArgs({ args: [...words], options, strict: true }));
  } catch (error) {
    return (error as Error).message.split(/\.\s|\n/)[0]!.replace(/\.?$/, ".");
  }
  const { seconds = "60", seed = `${freshSeed}`, keep = "0", target } = values;
  if (!/^\d{1,6}(\.\d+)?$/.test(seconds) || Number(seconds) <= 0) {
    return `--seconds takes a number above 0, not ${JSON.stringify(seconds)}.`;
  }
  if (!/^\d{1,9}$/.test(seed)) return `--seed takes a whole number, not ${JSON.stringify(seed)}.`;
  if (!/^\d{1,3}$/.test(keep)) return `--keep takes a whole number, not ${JSON.stringify(keep)}.`;
  if (target !== undefined && !known.includes(target)) {
    return `--target takes one of ${known.join(", ")}, not ${JSON.stringify(target)}.`;
  }
  const targets = target === undefined ? known : [target];
  return { seconds: Number(seconds), seed: Number(seed), keep: Number(keep), targets };
}
