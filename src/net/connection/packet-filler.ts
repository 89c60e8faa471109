/**
 * Fills the packets of one connection for one turn: acks in each, then the blocks that fit, then the
 * messages that are due and fit.
 */
import { cutText } from "../bytes/cut-text.ts";
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
} from "../wire/data-packet.ts";
import { type DisconnectReason, reasonCode } from "../wire/disconnect-reason.ts";
import {
  type BlockFrameKind,
  writeAckRangesFrame,
  writeBlockFrame,
  writeDisconnectFrame,
  writePingFrame,
} from "../wire/frames.ts";
import {
  MAX_ACK_DELAY_MS,
  MAX_DETAIL_BYTES,
  MAX_FRAMES,
  MAX_INPUT_LEAD_TICKS,
  MIN_INPUT_LEAD_TICKS,
  TAG_BYTES,
} from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import { PacketType } from "../wire/packet-type.ts";

/** An ack waits this long for something to ride on. */
const ACK_ALONE_AFTER_MS = 25;
/** A quiet end shows that it lives, so that silence means trouble. */
const KEEP_ALIVE_MS = 1_000;
/** A goodbye is not acked, so it is said often enough for 30 % loss to swallow it once in 4,000 times. */
const GOODBYES = 7;
const GOODBYE_INTERVAL_MS = 20;
/** One turn of one connection. The rest waits for the next turn. */
const MAX_PACKETS_PER_FLUSH = 64;
/** An array of 16 elements and more has a header of 3 bytes instead of 1. */
const WIDE_ARRAY_HEADER_EXTRA = 2;

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
  #seal: PacketSeal | undefined;
  /** Frames of acks in the packet at hand: they ask for no ack. */
  #ackFrames = 0;
  /** Bytes for frames that the packet at hand had before the first. */
  #emptyRoom = 0;
  #goodbye: { readonly reason: number; readonly detail: string } | undefined;
  #goodbyesLeft = 0;
  #nextGoodbyeMs = 0;

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

  sayGoodbye(reason: DisconnectReason, detail: string): void {
    // Games write details, and the peer would refuse a longer one together with the reason.
    this.#goodbye = { reason: reasonCode(reason), detail: cutText(detail, MAX_DETAIL_BYTES) };
    this.#goodbyesLeft = GOODBYES;
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
        this.#received.ackIsDue(nowMs, ACK_ALONE_AFTER_MS) ||
        this.#channels.hasDue(nowMs);
      if (!wantsPacket) break;
      const packet = this.#begin(nowMs, outbox);
      let frames = 0;
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

  /** After all else, so that what was sent before the end arrives before it. */
  #fillGoodbye(nowMs: number, outbox: Outbox): boolean {
    if (this.#goodbye === undefined || nowMs < this.#nextGoodbyeMs) return false;
    const packet = this.#begin(nowMs, outbox);
    writeDisconnectFrame(this.#writer, this.#goodbye.reason, this.#goodbye.detail);
    this.#finish(packet, 1, nowMs, outbox);
    this.#goodbyesLeft -= 1;
    this.#nextGoodbyeMs = nowMs + GOODBYE_INTERVAL_MS;
    return this.#goodbyesLeft === 0;
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

  #begin(nowMs: number, outbox: Outbox): SentPacket {
    const packet = this.#acks.begin(nowMs);
    const bytes = outbox.open();
    const { side, id, tick, inputLead } = this.#context;
    const sequence = toSequence(packet.number);
    let at = 0;
    bytes[at++] = this.#seal?.typeOf(packet.number, this.#acks.newestAcked, nowMs) ?? PacketType.Data;
    if (side === "client") {
      bytes[at++] = id >>> 24;
      bytes[at++] = id >>> 16;
      bytes[at++] = id >>> 8;
      bytes[at++] = id;
    }
    bytes[at++] = sequence >>> 8;
    bytes[at++] = sequence;
    const writer = this.#writer.reset(bytes, at + 1, bytes.length - TAG_BYTES - WIDE_ARRAY_HEADER_EXTRA);
    writer.int(toSequence(this.#received.newest));
    writer.int(this.#received.missingBits());
    writer.int(Math.min(MAX_ACK_DELAY_MS, Math.round(this.#received.ackDelayMs(nowMs))));
    if (side === "server") {
      writer.int(toSequence(tick));
      writer.int(Math.max(MIN_INPUT_LEAD_TICKS, Math.min(MAX_INPUT_LEAD_TICKS, inputLead)));
    }
    this.#ackFrames = 0;
    this.#emptyRoom = writer.end - writer.at;
    if (this.#received.wantsRanges) {
      writeAckRangesFrame(writer, this.#received.ranges());
      this.#ackFrames = 1;
    }
    this.#received.acked();
    return packet;
  }

  #finish(packet: SentPacket, frames: number, nowMs: number, outbox: Outbox): void {
    const headerEnd = this.#headerBytes();
    const bytes = this.#writer.bytes;
    const elements =
      frames +
      this.#ackFrames +
      (this.#context.side === "server" ? SERVER_HEAD_ELEMENTS : CLIENT_HEAD_ELEMENTS);
    let bodyEnd = this.#writer.at;
    if (elements < 16) {
      bytes[headerEnd] = 0x90 | elements;
    } else {
      // How many frames fit is known only now; the long header is rare, and moving the body is cheap.
      bytes.copyWithin(headerEnd + 1 + WIDE_ARRAY_HEADER_EXTRA, headerEnd + 1, bodyEnd);
      bytes[headerEnd] = 0xdc;
      bytes[headerEnd + 1] = elements >>> 8;
      bytes[headerEnd + 2] = elements;
      bodyEnd += WIDE_ARRAY_HEADER_EXTRA;
    }
    packet.elicitsAck = frames > 0;
    if (frames > 0) {
      this.#lastSentMs = nowMs;
      this.#pingNow = false;
    }
    const length = this.#seal?.seal(bytes, headerEnd, bodyEnd, packet.number) ?? bodyEnd;
    outbox.commit(length, this.#context.address);
    this.#counters.datagramsSent += 1;
    this.#counters.bytesSent += length;
  }
}
