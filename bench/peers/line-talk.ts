/** How the bench talks with the programs it starts: lines of JSON, both ways. */
import { createInterface } from "node:readline";

export function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** What the bench says; ends when the bench does, and then so must the program. */
export async function* heard(): AsyncGenerator<{ readonly what: string } & Record<string, unknown>> {
  for await (const line of createInterface({ input: process.stdin })) yield JSON.parse(line);
}
