/*
 * A slot with the index and the viewer class of its entity in one number, so that lists of slots sort as numbers by
 * entity index, and who goes through one need not ask the slots themselves, each another place of memory:
 *
 *   (index × 4 + class) × 2^21 + slot
 *
 * Of 20 + 2 + 21 bits: more than an Int32Array holds, and exact in a Float64Array.
 */
const SLOTS = 2 ** 21;

export function slotKey(index: number, viewerClass: number, slot: number): number {
  return (index * 4 + viewerClass) * SLOTS + slot;
}

/** Index × 4 + viewer class. */
export function keyedEntity(key: number): number {
  return (key / SLOTS) | 0;
}

export function keyedSlot(key: number): number {
  return key & (SLOTS - 1);
}

/** Used by one merge at a time. */
let fresh = new Float64Array(64);

/** Merges `keys[middle … end)`, in whatever order, into `keys[start … middle)`, which rise. */
export function mergeKeys(keys: Float64Array, start: number, middle: number, end: number): void {
  sortKeys(keys, middle, end);
  // The newest entities mostly come last.
  if (start === middle || keys[middle - 1]! <= keys[middle]!) return;
  const count = end - middle;
  if (count > fresh.length) fresh = new Float64Array(2 ** Math.ceil(Math.log2(count)));
  for (let i = 0; i < count; i += 1) fresh[i] = keys[middle + i]!;
  let a = middle - 1;
  let b = count - 1;
  // From the back, so that nothing is overwritten before it has moved.
  for (let at = end - 1; b >= 0; at -= 1) {
    const key = fresh[b]!;
    if (a >= start && keys[a]! > key) {
      keys[at] = keys[a]!;
      a -= 1;
    } else {
      keys[at] = key;
      b -= 1;
    }
  }
}

/** More than so many are sorted natively, which allocates a view of the memory. */
const FEW_KEYS = 64;

function sortKeys(keys: Float64Array, start: number, end: number): void {
  // They mostly come in order.
  let sorted = start + 1;
  while (sorted < end && keys[sorted - 1]! <= keys[sorted]!) sorted += 1;
  if (sorted >= end) return;
  if (end - start > FEW_KEYS) {
    keys.subarray(start, end).sort();
    return;
  }
  for (let i = sorted; i < end; i += 1) {
    const key = keys[i]!;
    let at = i - 1;
    for (; at >= start && keys[at]! > key; at -= 1) keys[at + 1] = keys[at]!;
    keys[at + 1] = key;
  }
}
