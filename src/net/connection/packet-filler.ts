/**
 * Fills the packets of one connection for one turn: acks in each, then the blocks that fit, then the
 * messages that are due and fit.
 */
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { toSequence } from "../bytes/sequence.ts";
import type { AckTracker } from "../channel/ack-tracker.ts";
import type { Channels } from "../channel/channels.ts";
import type { ReceivedPackets } from "../channel/received-packets.ts";
import type { SentPacket } from "../channel/sent-packets.ts";
import type { PacketSeal } from "../crypto/packet-seal.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import {
  CLIENT_HEAD_ELEMENTS,
  CLIENT_HEADER_BYTES,
  SERVER_HEAD_ELEMENTS,
  SERVER_HEADER_BYTES,
  WIDE_ARRAY_HEADER_EXTRA,
  writeBodyHeader,
  writeHeader,
} from "../wire/data-packet.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import {
  type BlockFrameKind,
  FrameKind,
  writeAckRangesFrame,
  writeBlockFrame,
  writeDisconnectFrame,
  writePathFrame,
  writePingFrame,
} from "../wire/frames.ts";
import {
  MAX_ACK_DELAY_MS,
  MAX_FRAMES,
  MAX_INPUT_LEAD_TICKS,
  MIN_INPUT_LEAD_TICKS,
  PATH_DATA_BYTES,
  TAG_BYTES,
} from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import { PacketType } from "../wire/packet-type.ts";
import { Goodbye } from "./goodbye.ts";
import type { PendingPath } from "./peer-path.ts";

/** An ack waits this long for something to ride on. */
const ACK_ALONE_AFTER_MS = 25;
/** A quiet end shows that it lives, so that silence means trouble. */
const KEEP_ALIVE_MS = 1_000;
/** A client that hears nothing knocks more often, so that its way back is found soon. */
const KNOCK_MS = 250;
/** One turn of one connection. The rest waits for the next turn. */
const MAX_PACKETS_PER_FLUSH = 64;

interface Block {
  kind: BlockFrameKind;
  bytes: Uint8Array;
  length: number;
  /** Newest input tick in it, or -1. */
  inputTick: number;
}

/** What the filler reads of its connection. */
export interface PacketContext {
  readonly side: "client" | "server";
  readonly id: number;
  readonly address: PeerAddress;
  readonly tick: number;
  readonly inputLead: number;
}

export class PacketFiller {
  readonly #context: PacketContext;
  readonly #channels: Channels;
  readonly #received: ReceivedPackets;
  readonly #acks: AckTracker;
  readonly #counters: NetCounters;
  readonly #writer = new MsgpackWriter();
  readonly #blocks: Block[] = [];
  #blockCount = 0;
  #lastSentMs = 0;
  #pingNow = false;
  /** What the peer asked last to be told again, to prove that we are where we are. */
  readonly #pathAnswer = new Uint8Array(PATH_DATA_BYTES);
  #owesPathAnswer = false;
  #seal: PacketSeal | undefined;
  /** Frames of acks in the packet at hand: they ask for no ack. */
  #ackFrames = 0;
  /** Bytes for frames that the packet at hand had before the first. */
  #emptyRoom = 0;
  #goodbye: Goodbye | undefined;

  constructor(
    context: PacketContext,
    channels: Channels,
    received: ReceivedPackets,
    acks: AckTracker,
    counters: NetCounters,
  ) {
    this.#context = context;
    this.#channels = channels;
    this.#received = received;
    this.#acks = acks;
    this.#counters = counters;
  }

  sealWith(seal: PacketSeal | undefined): void {
    this.#seal = seal;
  }

  queueBlock(kind: BlockFrameKind, bytes: Uint8Array, length: number, inputTick = -1): void {
    let block = this.#blocks[this.#blockCount];
    if (block === undefined) {
      block = { kind, bytes, length, inputTick };
      this.#blocks.push(block);
    }
    block.kind = kind;
    block.bytes = bytes;
    block.length = length;
    block.inputTick = inputTick;
    this.#blockCount += 1;
  }

  /** Blocks are of one turn: those from index `sent` on did not leave, and are stale by the next. */
  dropBlocks(sent = 0): void {
    this.#counters.blocksDropped += this.#blockCount - sent;
    this.#blockCount = 0;
  }

  pingNow(): void {
    this.#pingNow = true;
  }

  /** Answers the challenge `bytes[start … start + 8)` with the next packet. Of several the last one counts. */
  answerPath(bytes: Uint8Array, start: number): void {
    this.#pathAnswer.set(bytes.subarray(start, start + PATH_DATA_BYTES));
    this.#owesPathAnswer = true;
  }

  sayGoodbye(reason: DisconnectReason, detail: string): void {
    this.#goodbye = new Goodbye(reason, detail);
  }

  /** Returns true when the last goodbye has been said. */
  fill(nowMs: number, outbox: Outbox): boolean {
    let block = 0;
    for (let packets = 0; packets < MAX_PACKETS_PER_FLUSH; packets += 1) {
      const pingIsDue = this.#pingNow || nowMs - this.#lastSentMs >= KEEP_ALIVE_MS;
      const hasBlock = block < this.#blockCount;
      const wantsPacket =
        hasBlock ||
        pingIsDue ||
        this.#owesPathAnswer ||
        this.#received.ackIsDue(nowMs, ACK_ALONE_AFTER_MS) ||
        this.#channels.hasDue(nowMs);
      if (!wantsPacket) break;
      const packet = this.#begin(nowMs, outbox);
      let frames = this.#writePathAnswer();
      while (block < this.#blockCount && this.#writeBlock(this.#blocks[block]!, packet)) {
        block += 1;
        frames += 1;
      }
      // Beside ack ranges the largest block may not fit: it leaves with the next packet, which has none.
      if (hasBlock && frames === 0 && this.#ackFrames === 0) {
        throw new Error("a block does not fit an empty packet");
      }
      frames += this.#channels.fill(this.#writer, packet, nowMs, MAX_FRAMES - frames, this.#emptyRoom);
      if (frames === 0 && pingIsDue) {
        writePingFrame(this.#writer);
        frames += 1;
      }
      this.#finish(packet, frames, nowMs, outbox);
    }
    this.dropBlocks(block);
    return this.#fillGoodbye(nowMs, outbox);
  }

  /**
   * The same for a peer that has not been heard for long, or acks nothing: blocks and what is unreliable would be
   * stale, and what is reliable waits. Returns true when the last goodbye has been said.
   */
  knock(nowMs: number, outbox: Outbox): boolean {
    this.dropBlocks();
    this.#channels.discardUnreliable();
    const intervalMs = this.#context.side === "client" ? KNOCK_MS : KEEP_ALIVE_MS;
    const pingIsDue = this.#pingNow || nowMs - this.#lastSentMs >= intervalMs;
    if (pingIsDue || this.#owesPathAnswer || this.#received.ackIsDue(nowMs, ACK_ALONE_AFTER_MS)) {
      const packet = this.#begin(nowMs, outbox);
      const frames = this.#writePathAnswer();
      if (pingIsDue) writePingFrame(this.#writer);
      this.#finish(packet, frames + (pingIsDue ? 1 : 0), nowMs, outbox);
    }
    return this.#fillGoodbye(nowMs, outbox);
  }

  /** Asks, in a packet of its own, whether the peer is at another address. Returns the packet's length. */
  challenge(path: PendingPath, nowMs: number, outbox: Outbox): number {
    const packet = this.#begin(nowMs, outbox, path.address);
    writePathFrame(this.#writer, FrameKind.PathChallenge, path.data);
    return this.#finish(packet, 1, nowMs, outbox, path.address);
  }

  /** After all else, so that what was sent before the end arrives before it. */
  #fillGoodbye(nowMs: number, outbox: Outbox): boolean {
    if (this.#goodbye?.isDue(nowMs) !== true) return false;
    const packet = this.#begin(nowMs, outbox);
    writeDisconnectFrame(this.#writer, this.#goodbye.reason, this.#goodbye.detail);
    this.#finish(packet, 1, nowMs, outbox);
    return this.#goodbye.said(nowMs);
  }

  #writePathAnswer(): number {
    if (!this.#owesPathAnswer) return 0;
    this.#owesPathAnswer = false;
    writePathFrame(this.#writer, FrameKind.PathResponse, this.#pathAnswer);
    return 1;
  }

  /** False when the block does not fit any more. */
  #writeBlock(block: Block, packet: SentPacket): boolean {
    const writer = this.#writer;
    const mark = writer.at;
    writeBlockFrame(writer, block.kind, block.bytes, block.length);
    if (!writer.ok) {
      writer.rewind(mark);
      return false;
    }
    packet.inputTick = Math.max(packet.inputTick, block.inputTick);
    return true;
  }

  #headerBytes(): number {
    return this.#context.side === "server" ? SERVER_HEADER_BYTES : CLIENT_HEADER_BYTES;
  }

  #begin(nowMs: number, outbox: Outbox, to: PeerAddress = this.#context.address): SentPacket {
    const packet = this.#acks.begin(nowMs);
    const bytes = outbox.open();
    const { side, id, tick, inputLead } = this.#context;
    const type = this.#seal?.typeOf(packet.number, this.#acks.newestAcked, nowMs) ?? PacketType.Data;
    const at = writeHeader(bytes, type, side, id, packet.number);
    const writer = this.#writer.reset(bytes, at + 1, bytes.length - TAG_BYTES - WIDE_ARRAY_HEADER_EXTRA);
    writer.int(toSequence(this.#received.newest));
    writer.int(this.#received.missingBits());
    writer.int(Math.min(MAX_ACK_DELAY_MS, Math.round(this.#received.ackDelayMs(nowMs))));
    if (side === "server") {
      writer.int(toSequence(tick));
      writer.int(Math.max(MIN_INPUT_LEAD_TICKS, Math.min(MAX_INPUT_LEAD_TICKS, inputLead)));
    }
    this.#ackFrames = 0;
    // To an address that is not proven goes as little as can be, and nothing is taken for told.
    if (to !== this.#context.address) return packet;
    this.#emptyRoom = writer.end - writer.at;
    if (this.#received.wantsRanges) {
      writeAckRangesFrame(writer, this.#received.ranges());
      this.#ackFrames = 1;
    }
    this.#received.acked();
    return packet;
  }

  #finish(
    packet: SentPacket,
    frames: number,
    nowMs: number,
    outbox: Outbox,
    to: PeerAddress = this.#context.address,
  ): number {
    const headerEnd = this.#headerBytes();
    const bytes = this.#writer.bytes;
    const elements =
      frames +
      this.#ackFrames +
      (this.#context.side === "server" ? SERVER_HEAD_ELEMENTS : CLIENT_HEAD_ELEMENTS);
    const bodyEnd = writeBodyHeader(bytes, headerEnd, this.#writer.at, elements);
    packet.elicitsAck = frames > 0;
    if (frames > 0 && to === this.#context.address) {
      this.#lastSentMs = nowMs;
      this.#pingNow = false;
    }
    const length = this.#seal?.seal(bytes, headerEnd, bodyEnd, packet.number) ?? bodyEnd;
    outbox.commit(length, to);
    this.#counters.datagramsSent += 1;
    this.#counters.bytesSent += length;
    return length;
  }
}
