import type { RandomBytes } from "../net/ports/random-bytes.ts";

/** `getRandomValues` refuses to fill more than this in one call. */
const LONGEST_FILL_BYTES = 65_536;

/** Unpredictable bytes from the operating system. */
export const systemRandom: RandomBytes = (into) => {
  for (let at = 0; at < into.length; at += LONGEST_FILL_BYTES) {
    crypto.getRandomValues(into.subarray(at, at + LONGEST_FILL_BYTES) as Uint8Array<ArrayBuffer>);
  }
};
