import { cutText } from "../../net/bytes/cut-text.ts";

export const MAX_NAME_BYTES = 24;

// Control characters, line and paragraph separators, and what turns the direction of text around.
const INVISIBLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A name fit to show: at most 24 bytes of UTF-8 without control characters; "player N" if nothing is left. */
export function playerName(wanted: string, id: number): string {
  const clean = wanted.toWellFormed().replace(INVISIBLE, "").trim();
  return cutText(clean, MAX_NAME_BYTES).trim() || `player ${id}`;
}
