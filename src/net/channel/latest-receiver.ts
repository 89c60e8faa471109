/**
 * The receiving half of a reliable-latest channel: of each key lets only newer values through, each once. Holds at
 * most one value in part per key, the newest.
 */
import { fromSequence } from "../bytes/sequence.ts";
import { LATEST_WINDOW } from "./latest-sender.ts";
import { Reassembly } from "./reassembly.ts";

interface Part {
  readonly id: number;
  readonly reassembly: Reassembly;
}

export class LatestReceiver {
  /** Sizes of the values that are held in part. */
  heldBytes = 0;
  /** The newest id seen. */
  #newest = 0;
  /** By key: the newest value that was handed on. */
  readonly #handedOn = new Map<number, number>();
  readonly #parts = new Map<number, Part>();

  /** The full id, or -1 for what no lawful sender sends. */
  idOf(sequence: number): number {
    const id = fromSequence(sequence, this.#newest);
    return id >= 0 && Math.abs(id - this.#newest) <= LATEST_WINDOW ? id : -1;
  }

  /** Of `heldBytes` what counts against the bound: not the oldest value. */
  get countedBytes(): number {
    let [oldest, bytes] = [Number.POSITIVE_INFINITY, 0];
    for (const { id, reassembly } of this.#parts.values()) {
      if (id < oldest) [oldest, bytes] = [id, reassembly.total];
    }
    return this.heldBytes - bytes;
  }

  /** How much more would count for a value of `total` bytes, if a piece of it is taken. */
  countsMoreBytes(id: number, key: number, total: number): number {
    const part = this.#parts.get(key);
    if (this.#freshness(id, key) !== "new" || this.#parts.size === 0 || part?.id === id) return 0;
    return Math.max(0, total - (part?.reassembly.total ?? 0));
  }

  hasRoomFor(id: number, key: number, offset: number, length: number): boolean {
    const part = this.#parts.get(key);
    return part?.id !== id || part.reassembly.hasRoomFor(offset, length);
  }

  accept(id: number, key: number): "next" | "known" | "outdated" {
    const freshness = this.#freshness(id, key);
    if (freshness !== "new") return freshness;
    this.#newest = Math.max(this.#newest, id);
    this.#handedOn.set(key, id);
    const part = this.#parts.get(key);
    if (part !== undefined && part.id <= id) this.#forget(key);
    return "next";
  }

  /** Takes a piece; the whole value when it was the last. */
  acceptPiece(
    id: number,
    key: number,
    offset: number,
    total: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): "part" | "known" | "outdated" | "contradiction" | Uint8Array {
    const freshness = this.#freshness(id, key);
    if (freshness !== "new") return freshness;
    let part = this.#parts.get(key);
    if (part !== undefined && part.id > id) return "outdated";
    if (part?.id !== id) {
      this.#forget(key);
      part = { id, reassembly: new Reassembly(total) };
      this.#parts.set(key, part);
      this.heldBytes += total;
      this.#newest = Math.max(this.#newest, id);
    }
    const news = part.reassembly.add(offset, total, bytes, start, end);
    if (news !== "new") return news;
    if (!part.reassembly.isComplete) return "part";
    const whole = part.reassembly.whole();
    this.accept(id, key);
    return whole;
  }

  #freshness(id: number, key: number): "new" | "known" | "outdated" {
    const handedOn = this.#handedOn.get(key) ?? -1;
    return id > handedOn ? "new" : id === handedOn ? "known" : "outdated";
  }

  #forget(key: number): void {
    this.heldBytes -= this.#parts.get(key)?.reassembly.total ?? 0;
    this.#parts.delete(key);
  }
}
