/**
 * Which packets arrived, as runs counted down from the newest:
 *
 *   run₀ ≥ 1 packets that arrived, the first of them `ack`; then gap ≥ 1 that did not, run ≥ 1 that did, …
 *
 * Written when more arrived since the last ack than its 32 bits can tell.
 */
export const MAX_RANGES = 32;
/** Numbers a list of ranges may span: what a receiver remembers. */
export const MAX_RANGE_SPAN = 1_024;

/** True when runs and gaps are lawful below `ack`: none empty, at most so many, none before the first packet. */
export function areRangesLawful(ranges: readonly number[], ack: number): boolean {
  if (ranges.length % 2 === 0 || ranges.length > 2 * MAX_RANGES - 1) return false;
  let span = 0;
  for (const length of ranges) {
    if (length < 1) return false;
    span += length;
  }
  return span <= MAX_RANGE_SPAN && span <= ack;
}
