/**
 * The game's blocks on their way into packets. Each kind waits in its own manner:
 *
 *   own, input   one, the newest; it waits for the next packet, and a newer one takes its place
 *   state        the blocks of one tick. What did not leave in its turn waits, in a copy, because its memory is
 *                the next tick's. Until one has left, a newer tick's take their place; then all others will follow,
 *                over as many turns as the path needs, and newer ticks are skipped.
 */
import { type BlockFrameKind, FrameKind } from "../wire/frames.ts";
import type { NetCounters } from "../wire/net-counters.ts";

export interface Block {
  readonly kind: BlockFrameKind;
  bytes: Uint8Array;
  length: number;
  /** Newest input tick in it, or -1. */
  inputTick: number;
}

export class BlockQueue {
  readonly #counters: NetCounters;
  /** The newest own or input block: which of them is a matter of the side. */
  #newest: Block | undefined;
  #newestWaits = false;
  /** One of its kind was overtaken while it waited: this one has waited long enough. */
  isNewestOverdue = false;
  readonly #states: Block[] = [];
  #stateCount = 0;
  #nextState = 0;
  /** Memory of blocks that outlived their turn; used again and again. */
  readonly #kept: Uint8Array[] = [];
  #isKept = false;

  constructor(counters: NetCounters) {
    this.#counters = counters;
  }

  get newest(): Block | undefined {
    return this.#newestWaits ? this.#newest : undefined;
  }

  get state(): Block | undefined {
    return this.#nextState < this.#stateCount ? this.#states[this.#nextState] : undefined;
  }

  get isEmpty(): boolean {
    return !this.#newestWaits && this.#nextState === this.#stateCount;
  }

  /** The block must stay as it is until it left or the next is queued. */
  queueNewest(kind: BlockFrameKind, bytes: Uint8Array, length: number, inputTick: number): void {
    if (this.#newestWaits) {
      this.#counters.blocksDropped += 1;
      this.isNewestOverdue = true;
    }
    this.#newest ??= { kind, bytes, length, inputTick };
    this.#newest.bytes = bytes;
    this.#newest.length = length;
    this.#newest.inputTick = inputTick;
    this.#newestWaits = true;
  }

  /**
   * The block must stay as it is until `endTurn`. False while an earlier tick that was begun is not finished: of this
   * tick nothing is sent.
   */
  queueState(bytes: Uint8Array, length: number): boolean {
    if (this.#isKept) {
      this.#counters.statesSkipped += 1;
      if (this.#nextState > 0) return false;
      this.#dropStates();
    }
    let block = this.#states[this.#stateCount];
    if (block === undefined) {
      block = { kind: FrameKind.State, bytes, length, inputTick: -1 };
      this.#states.push(block);
    }
    block.bytes = bytes;
    block.length = length;
    this.#stateCount += 1;
    return true;
  }

  newestLeft(): void {
    this.isNewestOverdue = false;
    this.#newestWaits = false;
  }

  stateLeft(): void {
    this.#nextState += 1;
    if (this.#nextState === this.#stateCount) this.#dropStates();
  }

  /** What is left is kept for the next turns. */
  endTurn(): void {
    if (this.#isKept || this.#nextState === this.#stateCount) return;
    for (let i = this.#nextState; i < this.#stateCount; i += 1) {
      const block = this.#states[i]!;
      let memory = this.#kept[i];
      if (memory === undefined || memory.length < block.length) {
        memory = new Uint8Array(block.bytes.length);
        this.#kept[i] = memory;
      }
      memory.set(block.bytes.subarray(0, block.length));
      block.bytes = memory;
    }
    this.#isKept = true;
  }

  /** The connection sends no more. */
  dropAll(): void {
    if (this.#newestWaits) this.#counters.blocksDropped += 1;
    this.#newestWaits = false;
    this.#dropStates();
  }

  #dropStates(): void {
    this.#counters.blocksDropped += this.#stateCount - this.#nextState;
    this.#stateCount = 0;
    this.#nextState = 0;
    this.#isKept = false;
  }
}
