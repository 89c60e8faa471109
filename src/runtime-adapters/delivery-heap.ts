import { MAX_DATAGRAM_BYTES } from "../net/bytes/datagram-limit.ts";
import type { PeerAddress } from "../net/ports/peer-address.ts";

/** What a heap sorts by. */
export interface Due {
  dueMs: number;
  /** Counts up with every send: of two due at once the first sent comes first. */
  order: number;
}

/** A datagram under way in a MemoryNetwork. Used again when it arrived. */
export interface Delivery extends Due {
  bytes: Uint8Array;
  length: number;
  from: PeerAddress;
  to: PeerAddress;
}

/** A binary heap: the delivery due first is on top. */
export class DeliveryHeap<T extends Due = Delivery> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(delivery: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(delivery);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(delivery, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = delivery;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    const half = items.length >> 1;
    let at = 0;
    while (at < half) {
      let child = at * 2 + 1;
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child += 1;
      if (!isBefore(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

export function newDelivery(from: PeerAddress, to: PeerAddress): Delivery {
  return { dueMs: 0, order: 0, bytes: new Uint8Array(MAX_DATAGRAM_BYTES), length: 0, from, to };
}
