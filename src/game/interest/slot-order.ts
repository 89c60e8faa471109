import type { IntList } from "./int-list.ts";

/** More than so many are sorted natively, which allocates a view of the memory. */
const FEW_SLOTS = 64;

/** Merges `fresh`, in whatever order, into `sorted`; both hold slots, and the order is that of entity indexes. */
export function mergeSlots(sorted: IntList, fresh: IntList, indexOf: Int32Array): void {
  sortSlots(fresh, indexOf);
  const total = sorted.count + fresh.count;
  sorted.reserve(total);
  const into = sorted.items;
  let a = sorted.count - 1;
  let b = fresh.count - 1;
  // From the back, so that it needs no second list.
  for (let at = total - 1; b >= 0; at -= 1) {
    const slot = fresh.items[b]!;
    if (a >= 0 && indexOf[into[a]!]! > indexOf[slot]!) {
      into[at] = into[a]!;
      a -= 1;
    } else {
      into[at] = slot;
      b -= 1;
    }
  }
  sorted.count = total;
}

function sortSlots(list: IntList, indexOf: Int32Array): void {
  const { items, count } = list;
  // They mostly come in order.
  let sorted = 1;
  while (sorted < count && indexOf[items[sorted - 1]!]! <= indexOf[items[sorted]!]!) sorted += 1;
  if (sorted >= count) return;
  if (count > FEW_SLOTS) {
    items.subarray(0, count).sort((a, b) => indexOf[a]! - indexOf[b]!);
    return;
  }
  for (let i = sorted; i < count; i += 1) {
    const slot = items[i]!;
    const index = indexOf[slot]!;
    let at = i - 1;
    for (; at >= 0 && indexOf[items[at]!]! > index; at -= 1) items[at + 1] = items[at]!;
    items[at + 1] = slot;
  }
}
