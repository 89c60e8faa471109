import { SEEN_PER_TICK } from "../schema/input-codec.ts";
import type { LinkQuality } from "../schema/link-quality.ts";

/*
 * What a player saw when it made an input: a claim of its own, held against what can be.
 *
 *   tick of its input T        lag it claims S ÷ 8        saw others as of T − S ÷ 8
 *
 *   came for T with lead L: the tick about to run was R = T − L, and state R the newest that was ever sent
 *   lag ≥ L                            nobody has seen a later state
 *   lag ≤ L + 3 + (rtt + 4 jitter)     in ticks: what a client of this round trip may show at the latest
 *   present − seen ≤ 250 ms + min(L, 4) + 3      whatever the round trip: it makes up no more than the 250 ms
 *
 * Who sends inputs early gains nothing by the lead: it is the time its shot waits, seen and aimed already. Those who are
 * shot at wait with it, so only what a client may need is allowed for.
 */

/** What the way may cost those who are shot at, whatever the round trip. */
export const MAX_REWIND_MS = 250;
/** Beside it, what inputs wait for their tick: one to be in time, three of the delay that a player may choose. */
export const MAX_LEAD_REWOUND_TICKS = 4;
/** One tick until the client plays its next; two by which others may be shown late, so that there is a way to draw. */
export const MAX_SHOWN_LATE_TICKS = 3;
/** Two for trips that take longer than most, two by which others may be shown late because of those. */
export const JITTERS_ALLOWED = 4;

/** What an input came with. */
export interface SeenClaim {
  /** 0 claims nothing. */
  lagEighths: number;
  /** Of the newest input in its block: its tick − the tick that was about to run. */
  lead: number;
}

/** The claimed lag in ticks, as far as it can be true. */
export function plausibleLag(claim: SeenClaim, link: LinkQuality, tickRate: number): number {
  const roundTripMs = (link.rttMs ?? 0) + JITTERS_ALLOWED * link.jitterMs;
  const most = claim.lead + MAX_SHOWN_LATE_TICKS + (roundTripMs * tickRate) / 1000;
  return Math.max(Math.min(claim.lagEighths / SEEN_PER_TICK, most), claim.lead, 0);
}

/** The oldest tick that may be seen while `present` is, by an input that came so many ticks before its own. */
export function oldestSeen(present: number, lead: number, tickRate: number): number {
  const waited = Math.min(Math.max(lead, 0), MAX_LEAD_REWOUND_TICKS);
  return present - waited - MAX_SHOWN_LATE_TICKS - (MAX_REWIND_MS * tickRate) / 1000;
}
