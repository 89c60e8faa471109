/**
 * Fills the packets of one connection for one turn: acks in each, then the blocks that fit, then the
 * messages that are due and fit. The congestion controller says how long packets are and how many may leave; past
 * that only what keeps a game alive does, in packets of its own: the newest input or own block, acks and pings.
 */
import { cutText } from "../bytes/cut-text.ts";
import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { toSequence } from "../bytes/sequence.ts";
import type { AckTracker } from "../channel/ack-tracker.ts";
import type { Channels } from "../channel/channels.ts";
import type { ReceivedPackets } from "../channel/received-packets.ts";
import type { SentPacket } from "../channel/sent-packets.ts";
import type { CongestionController } from "../congestion/congestion-controller.ts";
import type { PacketSeal } from "../crypto/packet-seal.ts";
import type { Outbox } from "../ports/outbox.ts";
import {
  CLIENT_HEAD_ELEMENTS,
  CLIENT_HEADER_BYTES,
  SERVER_HEAD_ELEMENTS,
  SERVER_HEADER_BYTES,
} from "../wire/data-packet.ts";
import { type DisconnectReason, reasonCode } from "../wire/disconnect-reason.ts";
import {
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
import { type Block, BlockQueue } from "./block-queue.ts";
import type { PacketContext } from "./packet-context.ts";
import { StateShare } from "./state-share.ts";

/** An ack waits this long for something to ride on. */
const ACK_ALONE_AFTER_MS = 25;
/** And so long while packets queue up that it could ride on, if only they might leave. */
const ACK_HELD_AFTER_MS = 75;
/** A quiet end shows that it lives, so that silence means trouble. */
const KEEP_ALIVE_MS = 1_000;
/** A goodbye is not acked, so it is said often enough for 30 % loss to swallow it once in 4,000 times. */
const GOODBYES = 7;
const GOODBYE_INTERVAL_MS = 20;
/** One turn of one connection. The rest waits for the next turn. */
const MAX_PACKETS_PER_FLUSH = 64;
/** An array of 16 elements and more has a header of 3 bytes instead of 1. */
const WIDE_ARRAY_HEADER_EXTRA = 2;
const RESERVED_BYTES = TAG_BYTES + WIDE_ARRAY_HEADER_EXTRA;
const FULL_END = MAX_DATAGRAM_BYTES - RESERVED_BYTES;

export class PacketFiller {
  readonly #context: PacketContext;
  readonly #channels: Channels;
  readonly #received: ReceivedPackets;
  readonly #acks: AckTracker;
  readonly #congestion: CongestionController;
  readonly #counters: NetCounters;
  readonly #writer = new MsgpackWriter();
  readonly blocks: BlockQueue;
  /** When to fill again, as something waits that might not leave yet; else Infinity. */
  retryAtMs = Number.POSITIVE_INFINITY;
  readonly #share = new StateShare();
  #lastSentMs = 0;
  #pingNow = false;
  #seal: PacketSeal | undefined;
  /** Frames of acks in the packet at hand: they ask for no ack. */
  #ackFrames = 0;
  #goodbye: { readonly reason: number; readonly detail: string } | undefined;
  #goodbyesLeft = 0;
  #nextGoodbyeMs = 0;

  constructor(
    context: PacketContext,
    channels: Channels,
    received: ReceivedPackets,
    acks: AckTracker,
    congestion: CongestionController,
    counters: NetCounters,
  ) {
    this.#context = context;
    this.#channels = channels;
    this.#received = received;
    this.#acks = acks;
    this.#congestion = congestion;
    this.#counters = counters;
    this.blocks = new BlockQueue(counters);
  }

  sealWith(seal: PacketSeal | undefined): void {
    this.#seal = seal;
  }

  /** There is nobody to send to. */
  drop(): void {
    this.blocks.dropAll();
    this.retryAtMs = Number.POSITIVE_INFINITY;
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
    const lostAfterMs = this.#acks.lostAfterMs();
    this.retryAtMs = Number.POSITIVE_INFINITY;
    for (let packets = 0; packets < MAX_PACKETS_PER_FLUSH; packets += 1) {
      const pingIsDue = this.#pingNow || nowMs - this.#lastSentMs >= KEEP_ALIVE_MS;
      const messagesAreDue = this.#channels.hasDue(nowMs);
      const isLoaded = messagesAreDue || !this.blocks.isEmpty;
      if (!isLoaded && !pingIsDue && !this.#received.ackIsDue(nowMs, ACK_ALONE_AFTER_MS)) break;
      if (!this.#congestion.mayStillSend(nowMs)) {
        this.#fillVital(pingIsDue, isLoaded, nowMs, outbox);
        break;
      }
      const packet = this.#begin(nowMs, outbox, this.#congestion.maxPacketBytes);
      const frames = this.#fillPacket(packet, messagesAreDue, pingIsDue, nowMs, lostAfterMs);
      this.#finish(packet, frames, nowMs, outbox);
    }
    this.blocks.endTurn();
    return this.#fillGoodbye(nowMs, outbox);
  }

  /** The path is used up: one packet for what cannot wait. */
  #fillVital(pingIsDue: boolean, isLoaded: boolean, nowMs: number, outbox: Outbox): void {
    const { newest, isNewestOverdue } = this.blocks;
    const blockIsDue = newest !== undefined && (isNewestOverdue || this.#context.side === "client");
    const ackIsDue = this.#received.ackIsDue(nowMs, isLoaded ? ACK_HELD_AFTER_MS : ACK_ALONE_AFTER_MS);
    if ((blockIsDue || pingIsDue || ackIsDue) && this.#congestion.mayStillSendVital(nowMs)) {
      const packet = this.#begin(nowMs, outbox, MAX_DATAGRAM_BYTES);
      const frames = this.#writeNewest(packet) || this.#writePing(pingIsDue);
      this.#finish(packet, frames, nowMs, outbox);
    }
    if (!isLoaded) return;
    this.#congestion.noteLimited();
    this.retryAtMs = this.#congestion.retryAtMs(nowMs);
  }

  /** Returns how many frames were written. */
  #fillPacket(
    packet: SentPacket,
    messagesAreDue: boolean,
    pingIsDue: boolean,
    nowMs: number,
    lostAfterMs: number,
  ): number {
    const writer = this.#writer;
    let frames = this.#writeNewest(packet);
    const stateWaits = this.blocks.state !== undefined;
    for (;;) {
      const messagesFirst = messagesAreDue && this.#share.isMessagesTurn;
      const start = writer.at;
      if (!messagesFirst) frames += this.#writeStates();
      const middle = writer.at;
      if (messagesAreDue) {
        frames += this.#channels.fill(writer, packet, nowMs, lostAfterMs, MAX_FRAMES - frames);
      }
      const end = writer.at;
      if (messagesFirst) frames += this.#writeStates();
      if (messagesAreDue && stateWaits) this.#share.note(middle - start + writer.at - end, end - middle);
      if (frames > 0 || !(stateWaits || messagesAreDue) || writer.end === FULL_END) break;
      // Nothing fits so short a packet: it gets a longer one.
      writer.end = FULL_END;
    }
    // Beside ack ranges the largest block may not fit: it leaves with the next packet, which has none.
    if (stateWaits && frames === 0 && this.#ackFrames === 0) {
      throw new Error("a block does not fit an empty packet");
    }
    return frames || this.#writePing(pingIsDue);
  }

  #writePing(isDue: boolean): number {
    if (isDue) writePingFrame(this.#writer);
    return isDue ? 1 : 0;
  }

  /** After all else, so that what was sent before the end arrives before it. */
  #fillGoodbye(nowMs: number, outbox: Outbox): boolean {
    if (this.#goodbye === undefined || nowMs < this.#nextGoodbyeMs) return false;
    const packet = this.#begin(nowMs, outbox, MAX_DATAGRAM_BYTES);
    writeDisconnectFrame(this.#writer, this.#goodbye.reason, this.#goodbye.detail);
    this.#finish(packet, 1, nowMs, outbox);
    this.#goodbyesLeft -= 1;
    this.#nextGoodbyeMs = nowMs + GOODBYE_INTERVAL_MS;
    return this.#goodbyesLeft === 0;
  }

  /** Too long for a short packet, it makes it a long one: nothing is more urgent. */
  #writeNewest(packet: SentPacket): number {
    const { newest } = this.blocks;
    if (newest === undefined) return 0;
    if (!this.#writeBlock(newest)) {
      this.#writer.end = FULL_END;
      if (!this.#writeBlock(newest)) return 0;
    }
    packet.inputTick = newest.inputTick;
    this.blocks.newestLeft();
    return 1;
  }

  #writeStates(): number {
    let frames = 0;
    for (let block = this.blocks.state; block !== undefined; block = this.blocks.state) {
      if (!this.#writeBlock(block)) break;
      this.blocks.stateLeft();
      frames += 1;
    }
    return frames;
  }

  /** False when the block does not fit any more. */
  #writeBlock(block: Block): boolean {
    const writer = this.#writer;
    const mark = writer.at;
    writeBlockFrame(writer, block.kind, block.bytes, block.length);
    if (writer.ok) return true;
    writer.rewind(mark);
    return false;
  }

  #begin(nowMs: number, outbox: Outbox, maxBytes: number): SentPacket {
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
    const writer = this.#writer.reset(bytes, at + 1, bytes.length - RESERVED_BYTES);
    writer.int(toSequence(this.#received.newest));
    writer.int(this.#received.missingBits());
    writer.int(Math.min(MAX_ACK_DELAY_MS, Math.round(this.#received.ackDelayMs(nowMs))));
    if (side === "server") {
      writer.int(toSequence(tick));
      writer.int(Math.max(MIN_INPUT_LEAD_TICKS, Math.min(MAX_INPUT_LEAD_TICKS, inputLead)));
    }
    this.#ackFrames = 0;
    if (this.#received.wantsRanges) {
      writeAckRangesFrame(writer, this.#received.ranges());
      this.#ackFrames = 1;
    }
    this.#received.acked();
    // Only now: the head itself always fits.
    writer.end = maxBytes - RESERVED_BYTES;
    return packet;
  }

  #finish(packet: SentPacket, frames: number, nowMs: number, outbox: Outbox): void {
    const headerEnd = this.#context.side === "server" ? SERVER_HEADER_BYTES : CLIENT_HEADER_BYTES;
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
    packet.bytes = this.#congestion.sent(length, packet.elicitsAck);
    outbox.commit(length, this.#context.address);
    this.#counters.datagramsSent += 1;
    this.#counters.bytesSent += length;
  }
}
