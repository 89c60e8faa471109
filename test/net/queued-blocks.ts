import type { Connection } from "../../src/net/connection/connection.ts";
import type { StateSource } from "../../src/net/connection/state-source.ts";

/** Blocks that a test hands in, as the state of a connection: each leaves once, oldest first, whatever becomes of it. */
export class QueuedBlocks implements StateSource {
  /** As if more had been chosen, had there been room for it. */
  wantsMore = false;
  /** What left, by the number of its packet. `isVital`: though the path was used up. */
  readonly carried: { readonly number: number; readonly block: Uint8Array; readonly isVital: boolean }[] = [];
  /** What became of packets, with state or without, in the order it was told. */
  readonly told: { readonly number: number; readonly fate: "acked" | "lost" }[] = [];
  #waiting: Uint8Array[] = [];
  #vital: Uint8Array | undefined;

  constructor(connection: Connection) {
    connection.sendStateFrom(this);
  }

  push(...blocks: Uint8Array[]): void {
    this.#waiting.push(...blocks);
  }

  /** A newer tick's: what is left of the one before is dropped. */
  tell(...blocks: Uint8Array[]): void {
    this.#waiting = blocks;
    this.#vital = undefined;
  }

  /** As `tell`; the first of them leaves even when the path is used up. */
  tellVital(...blocks: Uint8Array[]): void {
    this.tell(...blocks);
    this.#vital = blocks[0];
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get isShort(): boolean {
    return this.wantsMore || this.isWaiting;
  }

  write(into: Uint8Array, roomBytes: number, number: number, onlyVital: boolean): number {
    const [block] = this.#waiting;
    if (block === undefined || block.length > roomBytes || (onlyVital && block !== this.#vital)) return 0;
    into.set(block);
    this.#waiting.shift();
    this.carried.push({ number, block, isVital: onlyVital });
    return block.length;
  }

  writeAgain(into: Uint8Array, roomBytes: number, number: number): number {
    const former = this.carried.at(-1)?.block;
    if (former === undefined || former.length > roomBytes) return 0;
    into.set(former);
    this.carried.push({ number, block: former, isVital: false });
    return former.length;
  }

  acked(number: number): void {
    this.told.push({ number, fate: "acked" });
  }

  lost(number: number): void {
    this.told.push({ number, fate: "lost" });
  }
}
