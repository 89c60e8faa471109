/**
 * Where packets get their part of the state from. It is asked while a packet is filled, so that what leaves is the
 * newest there is and just as much as there is room for; nothing queues up.
 */
export interface StateSource {
  /** True while something of the newest tick waits to leave. */
  readonly isWaiting: boolean;
  /** True if a faster path would have been sent more. */
  readonly isShort: boolean;
  /**
   * Writes the next block, at most `roomBytes`, into `into` for packet `number`, and returns its length: 0 if nothing
   * fits. `onlyVital`: just what has to leave even when the path is used up.
   */
  write(into: Uint8Array, roomBytes: number, number: number, onlyVital: boolean): number;
  /** The same of what left of the newest tick already, from the beginning, what fits one block. Only while nothing waits. */
  writeAgain(into: Uint8Array, roomBytes: number, number: number): number;
  /** Packet `number` arrived, or is given up. Each is told once, of all packets. */
  acked(number: number): void;
  lost(number: number): void;
}

/** Takes a block of state from bytes that need not outlive the call; false if it cannot be: nothing of it is taken. */
export type StateReader = (bytes: Uint8Array, start: number, end: number) => boolean;
