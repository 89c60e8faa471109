import type { RandomBytes } from "../../src/net/ports/random-bytes.ts";
import { seeded } from "../net/endpoint/rig.ts";
import { hex, unhex } from "./hex.ts";

/** Seeded randomness that notes what was drawn, so that vectors can hold it. */
export function notedRandom(seed: number): { readonly random: RandomBytes; readonly drawn: string[] } {
  const next = seeded(seed);
  const drawn: string[] = [];
  const random = (into: Uint8Array): void => {
    for (let i = 0; i < into.length; i += 1) into[i] = Math.floor(next() * 256);
    drawn.push(hex(into));
  };
  return { random, drawn };
}

/** Draws what was noted, in order; after that, zeros. */
export function replayed(drawn: readonly string[]): RandomBytes {
  let at = 0;
  return (into) => {
    const bytes = unhex(drawn[at] ?? "");
    if (at < drawn.length && bytes.length !== into.length) throw new Error(`draw ${at} is of another length`);
    into.set(bytes);
    at += 1;
  };
}
