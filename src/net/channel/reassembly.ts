/**
 * One message from its pieces, in whatever order and however cut they come. Memory grows with what arrived, not with
 * what was announced: blocks of BLOCK_BYTES, each made when its first byte comes.
 */
import { ByteRanges } from "./byte-ranges.ts";

const BLOCK_BYTES = 4_096;
/** A sender has at most 256 pieces under way; cut anew they may leave a few more gaps. Each run costs memory. */
const MAX_RUNS = 1_024;

export class Reassembly {
  readonly total: number;
  readonly #arrived = new ByteRanges();
  readonly #blocks = new Map<number, Uint8Array>();

  constructor(total: number) {
    this.total = total;
  }

  get isComplete(): boolean {
    return this.#arrived.covers(0, this.total);
  }

  /** False for a piece that leaves one more gap than are remembered; it may come again later. */
  hasRoomFor(offset: number, length: number): boolean {
    return this.#arrived.count < MAX_RUNS || !this.#arrived.wouldAddRun(offset, offset + length);
  }

  /** Takes `bytes[start … end)` as the message's from `offset` on; says "contradiction" if they differ from what came. */
  add(
    offset: number,
    total: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): "new" | "known" | "contradiction" {
    if (total !== this.total) return "contradiction";
    const to = offset + end - start;
    if (!this.#agrees(offset, to, bytes, start)) return "contradiction";
    if (this.#arrived.covers(offset, to)) return "known";
    for (let at = offset; at < to; ) {
      const block = Math.floor(at / BLOCK_BYTES);
      const blockAt = block * BLOCK_BYTES;
      const upTo = Math.min(to, blockAt + BLOCK_BYTES);
      const from = start + at - offset;
      this.#block(block, blockAt).set(bytes.subarray(from, from + upTo - at), at - blockAt);
      at = upTo;
    }
    this.#arrived.add(offset, to);
    return "new";
  }

  /** The message, once it is complete. */
  whole(): Uint8Array {
    const [first] = this.#blocks.values();
    if (first?.length === this.total) return first;
    const bytes = new Uint8Array(this.total);
    for (const [block, part] of this.#blocks) bytes.set(part, block * BLOCK_BYTES);
    return bytes;
  }

  /** True when no byte that came before has another value now. Pieces overlap where a lost one was cut anew. */
  #agrees(offset: number, to: number, bytes: Uint8Array, start: number): boolean {
    let at = this.#arrived.firstPresent(offset, to);
    while (at < to) {
      const upTo = Math.min(to, this.#arrived.firstMissing(at));
      for (; at < upTo; at += 1) {
        const block = this.#blocks.get(Math.floor(at / BLOCK_BYTES))!;
        if (block[at % BLOCK_BYTES] !== bytes[start + at - offset]) return false;
      }
      at = this.#arrived.firstPresent(at, to);
    }
    return true;
  }

  #block(index: number, at: number): Uint8Array {
    let block = this.#blocks.get(index);
    if (block === undefined) {
      block = new Uint8Array(Math.min(BLOCK_BYTES, this.total - at));
      this.#blocks.set(index, block);
    }
    return block;
  }
}
