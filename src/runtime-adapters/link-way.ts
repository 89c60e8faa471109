import type { SeededRandom } from "../net/bytes/seeded-random.ts";
import { Bottleneck } from "./bottleneck.ts";
import { BurstLoss } from "./burst-loss.ts";
import { DelaySwing } from "./delay-swing.ts";
import { type LinkConditions, PERFECT_LINK } from "./link-conditions.ts";

/** Even a perfect link takes a moment, so that two peers who answer at once cannot hold time still. */
const SHORTEST_LATENCY_MS = 0.01;
const SHORTEST_DETOUR_MS = 55;

/** What a way did to datagrams so far. Ways may share one. */
export interface WayCounters {
  lost: number;
  /** Those that found a bottleneck's buffer full. */
  queueDropped: number;
  /** Copies beyond the first. */
  duplicated: number;
  /** Copies that took a detour. */
  reordered: number;
  /** Copies that arrive with a byte changed. */
  corrupted: number;
}

/** One that arrives. */
export interface WayCopy {
  dueMs: number;
  /** Which byte changes, or -1. */
  damagedAt: number;
  /** The bits of it that turn over: at least one. */
  damagedBits: number;
}

/**
 * What becomes of the datagrams of one direction between two addresses: how many copies of each arrive, when, and with
 * which damage. It holds no bytes and no clock, so that a network in memory and a proxy between real sockets treat
 * theirs alike.
 *
 * A way is first its bottleneck, then the air: what gets lost or doubled has passed the queue and taken its time.
 */
export class LinkWay {
  conditions: LinkConditions = PERFECT_LINK;
  bottleneck = new Bottleneck();
  /** How long the last one waited at the bottleneck: -1 if it was dropped there, undefined if there is none. */
  waitedMs: number | undefined;
  /** Of the last datagram; as many hold as `send` said. */
  readonly copies: readonly [WayCopy, WayCopy] = [newCopy(), newCopy()];
  readonly #random: SeededRandom;
  readonly #counters: WayCounters;
  readonly #loss = new BurstLoss();
  #swing: DelaySwing | undefined;
  /** When the last datagram of its queue arrives. */
  #tailDueMs = 0;

  constructor(random: SeededRandom, counters: WayCounters) {
    this.#random = random;
    this.#counters = counters;
  }

  /** How many copies arrive, 0 to 2, of a datagram of `length` bytes that is sent now. */
  send(length: number, nowMs: number): number {
    const { conditions } = this;
    const isLost = this.#loss.takes(conditions, nowMs, this.#random);
    const leavesMs = this.#passBottleneck(length, nowMs);
    if (leavesMs < 0) {
      this.#counters.queueDropped += 1;
      return 0;
    }
    if (isLost) {
      this.#counters.lost += 1;
      return 0;
    }
    const airMs = leavesMs + this.#swingMs(leavesMs);
    this.#fly(this.copies[0], length, airMs);
    if (!this.#happens(conditions.duplicatePercent)) return 1;
    this.#counters.duplicated += 1;
    this.#fly(this.copies[1], length, airMs);
    return 2;
  }

  #passBottleneck(length: number, nowMs: number): number {
    this.waitedMs = undefined;
    if (this.conditions.bandwidthKbps === Number.POSITIVE_INFINITY) return nowMs;
    const waitMs = this.bottleneck.waitMs(nowMs);
    const leavesMs = this.bottleneck.pass(length, this.conditions, nowMs);
    this.waitedMs = leavesMs < 0 ? -1 : waitMs;
    return leavesMs;
  }

  #swingMs(leavesMs: number): number {
    const { swingMs } = this.conditions;
    if (swingMs <= 0) return 0;
    this.#swing ??= new DelaySwing(this.#random.uint32());
    return this.#swing.delayMs(leavesMs, swingMs);
  }

  #fly(copy: WayCopy, length: number, leavesMs: number): void {
    const { latencyMs, jitterMs, reorderPercent, corruptPercent } = this.conditions;
    let dueMs = leavesMs + Math.max(latencyMs, SHORTEST_LATENCY_MS);
    if (jitterMs > 0) dueMs += jitterMs * this.#random.next();
    if (this.#happens(reorderPercent)) {
      this.#counters.reordered += 1;
      dueMs += SHORTEST_DETOUR_MS * (1 + this.#random.next());
    } else {
      dueMs = Math.max(dueMs, this.#tailDueMs);
      this.#tailDueMs = dueMs;
    }
    copy.dueMs = dueMs;
    copy.damagedAt = -1;
    if (length === 0 || !this.#happens(corruptPercent)) return;
    this.#counters.corrupted += 1;
    copy.damagedAt = this.#random.below(length);
    copy.damagedBits = 1 + this.#random.below(255);
  }

  #happens(percent: number): boolean {
    return percent > 0 && this.#random.next() * 100 < percent;
  }
}

function newCopy(): WayCopy {
  return { dueMs: 0, damagedAt: -1, damagedBits: 0 };
}
