import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { type BlockFrameKind, writeBlockFrame } from "../wire/frames.ts";
import type { NetCounters } from "../wire/net-counters.ts";

/**
 * The newest own or input block on its way into a packet: it waits for the next one, and a newer block takes its place.
 * Which of the two kinds it is, is a matter of the side.
 */
export class NewestBlock {
  kind: BlockFrameKind;
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  length = 0;
  /** Newest input tick in it, or -1. */
  inputTick = -1;
  isWaiting = false;
  /** One was overtaken while it waited: this one has waited long enough. */
  isOverdue = false;
  readonly #counters: NetCounters;

  constructor(kind: BlockFrameKind, counters: NetCounters) {
    this.kind = kind;
    this.#counters = counters;
  }

  /** The block must stay as it is until it left or the next is put. */
  put(bytes: Uint8Array, length: number, inputTick: number, start = 0): void {
    this.isOverdue = this.isWaiting;
    this.drop();
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.inputTick = inputTick;
    this.isWaiting = true;
  }

  /** False when it does not fit any more; then nothing is written. */
  write(into: MsgpackWriter): boolean {
    const mark = into.at;
    writeBlockFrame(into, this.kind, this.bytes, this.length, this.start);
    if (into.ok) return true;
    into.rewind(mark);
    return false;
  }

  left(): void {
    this.isWaiting = false;
    this.isOverdue = false;
  }

  drop(): void {
    if (this.isWaiting) this.#counters.blocksDropped += 1;
    this.isWaiting = false;
  }
}
