import type { Clock } from "../net/ports/clock.ts";
import type { Ticker } from "../net/ports/ticker.ts";
import { runtimeName } from "./current-runtime.ts";
import { PreciseTicker } from "./precise-ticker.ts";

/** What arrives while the loop stands still is heard so much too late at most, 0.1 ms on average. */
const DEAF_MS = 0.2;
/**
 * Deno's loop looks for datagrams about once in 60 turns while it never comes to rest. Sleeping turns make that 12 ms; those
 * that do not sleep make it half a millisecond, for a core that is busy whenever something is due soon.
 */
const DENO_DEAF_MS = 0;

/**
 * Wakes as the precise ticker does, and hears datagrams on the way there: for programs that date what arrives, at 1,000
 * wake-ups a second or more.
 */
export function alertTicker(clock: Clock): Ticker {
  return new PreciseTicker(clock, runtimeName() === "deno" ? DENO_DEAF_MS : DEAF_MS);
}
