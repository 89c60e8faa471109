/** Fewer minutes tell nothing: joining, and tables, windows and queues growing to the size they will have, take 20. */
const LEAST_MINUTES = 30;
/**
 * Collected heaps of one run differ by some 100 KiB from minute to minute, their means over a third of an hour by less
 * than 50. Ten clients' 20 minutes are 190,000 messages and 700,000 datagrams of the sort that are sent: a byte left
 * behind by each message, or by every fourth datagram, shows.
 */
const DRIFT_BYTES = 180 * 1024;
const SPIKE_BYTES = 512 * 1024;

export interface MemoryVerdict {
  /** The mean of the second third of the run, and of the last. */
  readonly warmBytes: number;
  readonly endBytes: number;
  /** What the last third may be in the mean. */
  readonly boundBytes: number;
  readonly isFlat: boolean;
}

/** Whether the heap stayed flat, of its size at the end of each minute; undefined for too few minutes to tell. */
export function judgeMemory(heapBytes: readonly number[]): MemoryVerdict | undefined {
  const minutes = heapBytes.length;
  if (minutes < LEAST_MINUTES) return undefined;
  const [first, second] = [Math.floor(minutes / 3), Math.floor((2 * minutes) / 3)];
  const warmBytes = mean(heapBytes.slice(first, second));
  const endBytes = mean(heapBytes.slice(second));
  const boundBytes = warmBytes + DRIFT_BYTES;
  const highest = Math.max(...heapBytes.slice(first));
  return {
    warmBytes,
    endBytes,
    boundBytes,
    isFlat: endBytes <= boundBytes && highest <= warmBytes + SPIKE_BYTES,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
