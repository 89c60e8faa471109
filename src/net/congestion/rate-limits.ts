/** Between what rates a connection sends, whatever its path is; IP and UDP headers included. */
export interface RateLimits {
  /** Before anything is known of the path. */
  readonly startBytesPerSecond: number;
  /** Less would be no game, whatever the path says. */
  readonly minBytesPerSecond: number;
  /** What one connection may cost at most. */
  readonly maxBytesPerSecond: number;
}
export const DEFAULT_RATES: RateLimits = {
  startBytesPerSecond: 16_000,
  minBytesPerSecond: 2_000,
  maxBytesPerSecond: 1_000_000,
};
/** Within a machine there is no link to share, and what delays is other programs' turns. */
export const LOOPBACK_RATES: RateLimits = {
  startBytesPerSecond: 10_000_000,
  minBytesPerSecond: 10_000_000,
  maxBytesPerSecond: 10_000_000,
};
