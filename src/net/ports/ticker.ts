/** Wakes its owner near a given time; how close it comes is the adapter's art. */
export interface Ticker {
  /**
   * Calls `onWake` once, near `dueMs` of the clock (at once when that has passed). A new call replaces the
   * former one.
   */
  wakeAt(dueMs: number, onWake: () => void): void;
  /** Forgets what was asked for. The process may end. */
  cancel(): void;
}
