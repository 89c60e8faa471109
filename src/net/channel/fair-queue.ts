/**
 * Whose turn it is among channels that have something due: the highest priority first, `bulk` after all others; among
 * equals in proportion to their weights, by virtual time (start-time fair queueing, Goyal, Vin and Cheng 1996): a
 * channel's clock goes on by bytes ÷ weight for what it sends, and the channel whose clock is behind is next. One that
 * was idle starts where the others are: it can save nothing up.
 */
import { MAX_PRIORITY } from "../bytes/message-limits.ts";
import type { ChannelSettings } from "./channel-kind.ts";

/** One channel in the queue. */
export interface Lane {
  /** Higher first; bulk is below all others. */
  readonly rank: number;
  readonly weight: number;
  clock: number;
}

export function newLane({ kind, priority, weight }: ChannelSettings): Lane {
  return { rank: kind === "bulk" ? priority - MAX_PRIORITY - 1 : priority, weight, clock: 0 };
}

export class FairQueue<L extends Lane> {
  readonly #lanes: readonly L[];
  /** Virtual time by rank: where the channel stood that was served last. */
  readonly #timeOfRank = new Map<number, number>();

  constructor(lanes: readonly L[]) {
    this.#lanes = lanes;
  }

  /** The channel whose turn it is of those that `wants` is true for, or undefined. */
  next(wants: (lane: L) => boolean): L | undefined {
    let best: L | undefined;
    for (const lane of this.#lanes) {
      if (best !== undefined && lane.rank < best.rank) continue;
      if (best?.rank === lane.rank && this.#startOf(lane) >= this.#startOf(best)) continue;
      if (wants(lane)) best = lane;
    }
    return best;
  }

  /** Notes that `lane`, which `next` named, sent so much. */
  served(lane: L, bytes: number): void {
    const start = this.#startOf(lane);
    this.#timeOfRank.set(lane.rank, start);
    lane.clock = start + bytes / lane.weight;
  }

  #startOf(lane: L): number {
    return Math.max(lane.clock, this.#timeOfRank.get(lane.rank) ?? 0);
  }
}
