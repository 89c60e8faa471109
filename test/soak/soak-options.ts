import { parseArgs } from "node:util";

export interface SoakCommandOptions {
  /** Of virtual time. */
  readonly minutes: number;
  readonly clients: number;
  readonly seed: number;
}

/** The options, or one sentence that says what is wrong with them. */
export function readSoakOptions(words: readonly string[], freshSeed: number): SoakCommandOptions | string {
  let values: { minutes?: string; clients?: string; seed?: string };
  try {
    const text = { type: "string" } as const;
    const options = { minutes: text, clients: text, seed: text };
    ({ values } = parseArgs({ args: [...words], options, strict: true }));
  } catch (error) {
    return (error as Error).message.split(/\.\s|\n/)[0]!.replace(/\.?$/, ".");
  }
  const { minutes = "60", clients = "10", seed = `${freshSeed}` } = values;
  if (!/^[1-9]\d{0,4}$/.test(minutes)) {
    return `--minutes takes a whole number above 0, not ${JSON.stringify(minutes)}.`;
  }
  if (!/^[1-9]\d{0,2}$/.test(clients)) {
    return `--clients takes a whole number from 1 to 999, not ${JSON.stringify(clients)}.`;
  }
  if (!/^\d{1,9}$/.test(seed)) return `--seed takes a whole number, not ${JSON.stringify(seed)}.`;
  return { minutes: Number(minutes), clients: Number(clients), seed: Number(seed) };
}
