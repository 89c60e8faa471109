/** Joining, and tables and windows growing to their size. */
const WARM_UP_MINUTES = 3;
/**
 * Collected heaps of one run differ by some 50 KiB from minute to minute. Ten clients' hour is 360,000 messages and
 * 2,160,000 datagrams of the sort that are sent: two bytes left behind by each message, or one by every fourth
 * datagram, show.
 */
const NOISE_BYTES = 512 * 1024;

export interface MemoryVerdict {
  readonly warmBytes: number;
  readonly endBytes: number;
  readonly boundBytes: number;
  readonly isFlat: boolean;
}

/** Whether the heap stayed flat, of its size at the end of each minute; undefined for too few minutes to tell. */
export function judgeMemory(heapBytes: readonly number[]): MemoryVerdict | undefined {
  const warmBytes = heapBytes[WARM_UP_MINUTES - 1];
  const endBytes = heapBytes.at(-1);
  if (warmBytes === undefined || endBytes === undefined || heapBytes.length === WARM_UP_MINUTES) {
    return undefined;
  }
  const boundBytes = warmBytes + NOISE_BYTES;
  return {
    warmBytes,
    endBytes,
    boundBytes,
    isFlat: Math.max(...heapBytes.slice(WARM_UP_MINUTES)) <= boundBytes,
  };
}
