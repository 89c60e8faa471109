/** Writes the DATA packets of one connection: head, acks and tag of each; the frames between are the caller's. */
import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { toSequence } from "../bytes/sequence.ts";
import type { AckTracker } from "../channel/ack-tracker.ts";
import type { ReceivedPackets } from "../channel/received-packets.ts";
import type { SentPacket } from "../channel/sent-packets.ts";
import type { CongestionController } from "../congestion/congestion-controller.ts";
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
import { writeAckRangesFrame } from "../wire/frames.ts";
import { MAX_ACK_DELAY_MS, MAX_INPUT_LEAD_TICKS, MIN_INPUT_LEAD_TICKS, TAG_BYTES } from "../wire/limits.ts";
import { PacketType } from "../wire/packet-type.ts";
import type { PacketContext } from "./packet-context.ts";

const RESERVED_BYTES = TAG_BYTES + WIDE_ARRAY_HEADER_EXTRA;

/** Shared by all connections: with a thousand of them each piece of memory that is theirs alone costs time. */
const sharedWriter = new MsgpackWriter();

export class PacketWriter {
  /** Frames of acks in the packet at hand: they ask for no ack. */
  ackFrames = 0;
  /** Bytes for frames that the packet at hand had before the first. */
  emptyRoom = 0;
  /** When the peer was last sent what asks for an ack. */
  elicitedAtMs = 0;
  readonly #context: PacketContext;
  readonly #received: ReceivedPackets;
  readonly #acks: AckTracker;
  readonly #congestion: CongestionController;

  constructor(
    context: PacketContext,
    received: ReceivedPackets,
    acks: AckTracker,
    congestion: CongestionController,
  ) {
    this.#context = context;
    this.#received = received;
    this.#acks = acks;
    this.#congestion = congestion;
  }

  /** Frames go here, one connection's packet at a time. */
  get frames(): MsgpackWriter {
    return sharedWriter;
  }

  /** Begins a packet of at most `maxBytes`, with acks unless it goes to an address that is not proven. */
  begin(
    nowMs: number,
    outbox: Outbox,
    maxBytes = MAX_DATAGRAM_BYTES,
    to: PeerAddress = this.#context.address,
  ): SentPacket {
    const packet = this.#acks.begin(nowMs);
    const bytes = outbox.open();
    const { side, seal, tick, inputLead } = this.#context;
    const type = seal?.typeOf(packet.number, this.#acks.newestAcked, nowMs) ?? PacketType.Data;
    const at = writeHeader(bytes, type, side, side === "client" ? this.#context.id : 0, packet.number);
    const writer = this.frames.reset(bytes, at + 1, MAX_DATAGRAM_BYTES - RESERVED_BYTES);
    writer.int(toSequence(this.#received.newest));
    writer.int(this.#received.missingBits());
    writer.int(Math.min(MAX_ACK_DELAY_MS, Math.round(this.#received.ackDelayMs(nowMs))));
    if (side === "server") {
      writer.int(toSequence(tick));
      writer.int(Math.max(MIN_INPUT_LEAD_TICKS, Math.min(MAX_INPUT_LEAD_TICKS, inputLead)));
    }
    this.ackFrames = 0;
    this.emptyRoom = maxBytes - RESERVED_BYTES - writer.at;
    // To an address that is not proven goes as little as can be, and nothing is taken for told.
    if (to !== this.#context.address) return packet;
    if (this.#received.wantsRanges) {
      writeAckRangesFrame(writer, this.#received.ranges());
      this.ackFrames = 1;
    }
    this.#received.acked();
    // Only now: head and acks always fit.
    writer.end = maxBytes - RESERVED_BYTES;
    return packet;
  }

  /** Lets the packet at hand be as long as a datagram may be. False if it is already. */
  lengthen(): boolean {
    const end = MAX_DATAGRAM_BYTES - RESERVED_BYTES;
    if (this.frames.end === end) return false;
    this.emptyRoom += end - this.frames.end;
    this.frames.end = end;
    return true;
  }

  /** Ends the packet with its `frames` frames, acks not counted, and returns its length. */
  finish(
    packet: SentPacket,
    frames: number,
    nowMs: number,
    outbox: Outbox,
    to: PeerAddress = this.#context.address,
  ): number {
    const { address, counters, seal, side } = this.#context;
    const isServer = side === "server";
    const headerEnd = isServer ? SERVER_HEADER_BYTES : CLIENT_HEADER_BYTES;
    const { bytes, at } = this.frames;
    const elements = frames + this.ackFrames + (isServer ? SERVER_HEAD_ELEMENTS : CLIENT_HEAD_ELEMENTS);
    const bodyEnd = writeBodyHeader(bytes, headerEnd, at, elements);
    packet.elicitsAck = frames > 0;
    if (frames > 0 && to === address) this.elicitedAtMs = nowMs;
    const length = seal?.seal(bytes, headerEnd, bodyEnd, packet.number) ?? bodyEnd;
    packet.bytes = this.#congestion.sent(length, packet.elicitsAck, nowMs);
    outbox.commit(length, to);
    counters.datagramsSent += 1;
    counters.bytesSent += length;
    return length;
  }
}
