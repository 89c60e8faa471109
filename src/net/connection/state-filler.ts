/** Asks the source of state for what goes into the packet at hand, at most one block. */
import type { SentPacket } from "../channel/sent-packets.ts";
import { FrameKind, writeBlockFrame } from "../wire/frames.ts";
import { MAX_STATE_BLOCK_BYTES } from "../wire/limits.ts";
import type { PacketWriter } from "./packet-writer.ts";
import type { StateSource } from "./state-source.ts";

/** A world that stands still for longer is seen to. */
const STATE_STARVED_AFTER_MS = 200;
/** What stands before a block: array, kind, and the longest head of a bin that fits a packet. */
const BLOCK_HEAD_BYTES = 5;
/** A block is written here first, for its length stands before it. Used by one connection at a time. */
const block = new Uint8Array(MAX_STATE_BLOCK_BYTES);

export class StateFiller {
  /** Where the state comes from; a client sends none. */
  source: StateSource | undefined;
  readonly #packets: PacketWriter;
  /** Since when state waits that no packet had room for. */
  #sinceMs = 0;

  constructor(packets: PacketWriter) {
    this.#packets = packets;
  }

  get isWaiting(): boolean {
    return this.source?.isWaiting === true;
  }

  get isShort(): boolean {
    return this.source?.isShort === true;
  }

  /** Call before a packet is begun. */
  noteWaiting(nowMs: number): void {
    if (!this.isWaiting) this.#sinceMs = nowMs;
  }

  /**
   * Returns how many frames were written. What waited too long gets a longer packet if it needs one, and leaves even
   * among what is vital: that may use up a path for good.
   */
  write(packet: SentPacket, onlyVital: boolean): number {
    if (this.source?.isWaiting !== true) return 0;
    const isLate = packet.sentAtMs - this.#sinceMs > STATE_STARVED_AFTER_MS;
    const isVital = onlyVital && !isLate;
    let length = this.#ask(this.source, packet.number, isVital);
    if (length === 0 && isLate && this.#packets.lengthen()) {
      length = this.#ask(this.source, packet.number, isVital);
    }
    if (length === 0) return 0;
    writeBlockFrame(this.#packets.frames, FrameKind.State, block, length);
    if (!isVital) this.#sinceMs = packet.sentAtMs;
    return 1;
  }

  /** What left of the newest tick, once more. Returns how many frames were written. */
  writeAgain(packet: SentPacket): number {
    const roomBytes = this.#roomBytes;
    if (this.source === undefined || this.isWaiting || roomBytes <= 0) return 0;
    const length = this.source.writeAgain(block, roomBytes, packet.number);
    if (length === 0) return 0;
    writeBlockFrame(this.#packets.frames, FrameKind.State, block, length);
    return 1;
  }

  get #roomBytes(): number {
    const { frames } = this.#packets;
    return Math.min(MAX_STATE_BLOCK_BYTES, frames.end - frames.at - BLOCK_HEAD_BYTES);
  }

  #ask(source: StateSource, number: number, onlyVital: boolean): number {
    const roomBytes = this.#roomBytes;
    return roomBytes > 0 ? source.write(block, roomBytes, number, onlyVital) : 0;
  }
}
