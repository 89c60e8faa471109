/**
 * All channels of one connection, as their sender sees them: takes messages from the game and writes those that are
 * due into packets. The other half is `incoming-channels.ts`.
 */
import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { MAX_CHANNELS } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import { ByteBudget } from "./byte-budget.ts";
import { type ChannelConfig, channelSettings, hasKeys, isReliable, type SendResult } from "./channel-kind.ts";
import { FairQueue, type Lane, newLane } from "./fair-queue.ts";
import { writeDue } from "./frame-cutter.ts";
import type { HeldBytes } from "./held-bytes.ts";
import { LatestSender } from "./latest-sender.ts";
import type { Due, Piece } from "./outgoing-message.ts";
import { ReliableSender } from "./reliable-sender.ts";
import type { SentPacket } from "./sent-packets.ts";
import { UnreliableSender } from "./unreliable-sender.ts";

interface OutgoingChannel extends Lane {
  readonly sender: ReliableSender | LatestSender | UnreliableSender;
  readonly budget: ByteBudget;
  /** The packet that has no room for what this channel would send next. */
  fullPacket: number;
}

export class Channels {
  /**
   * True while the peer leaves probes unanswered: reliable messages wait then, but for probes. They would be lost with
   * the rest, and all at once be due again when the path is back.
   */
  isStalled = false;
  /** Nothing waits or is under way, so that no channel needs to be asked. */
  #isIdle = true;
  readonly #channels: readonly OutgoingChannel[];
  readonly #queue: FairQueue<OutgoingChannel>;
  readonly #counters: NetCounters;
  readonly #held: HeldBytes = { bytes: 0 };
  /** Of the packet being filled. */
  #nowMs = 0;
  #packetNumber = 0;
  #onlyProbes = false;

  /** `side`: the end that sends. */
  constructor(
    configs: readonly ChannelConfig[],
    counters: NetCounters,
    side: "client" | "server" = "server",
  ) {
    if (configs.length > MAX_CHANNELS) throw new Error(`more than ${MAX_CHANNELS} channels`);
    this.#channels = configs.map((config, index) => {
      const settings = channelSettings(config, side);
      const sender = hasKeys(config.kind)
        ? new LatestSender(index, settings, this.#held, counters)
        : isReliable(config.kind)
          ? new ReliableSender(index, settings, this.#held)
          : new UnreliableSender(index, settings);
      return { ...newLane(settings), sender, budget: new ByteBudget(settings.bytesPerSecond), fullPacket: 0 };
    });
    this.#queue = new FairQueue(this.#channels);
    this.#counters = counters;
  }

  /** The payload belongs to the channel from now on and must not change. `key`: of reliable-latest channels. */
  send(channel: number, payload: Uint8Array, key = 0): SendResult {
    const sender = this.#channels[channel]?.sender;
    if (sender === undefined) throw new Error(`no channel ${channel}`);
    const result = sender.send(payload, key);
    this.#isIdle = false;
    if (result === "queued") this.#counters.messagesSent += 1;
    else if (result === "too-large") this.#counters.messagesTooLarge += 1;
    else this.#counters.messagesQueueFull += 1;
    return result;
  }

  /** Lets go of what is unreliable and waits: by the time a peer who is away is back, it is stale. */
  discardUnreliable(): void {
    for (const { sender } of this.#channels) {
      if (!isAcked(sender)) this.#counters.messagesDiscarded += sender.discard();
    }
  }

  /** Reliable messages that are sent or waiting, and not acked. */
  get unacked(): number {
    let unacked = 0;
    for (const { sender } of this.#channels) if (isAcked(sender)) unacked += sender.queued;
    return unacked;
  }

  /** Payload bytes that wait or are under way: at most the sum of the channels' queues. */
  get queuedBytes(): number {
    if (this.#isIdle) return 0;
    let bytes = 0;
    for (const { sender } of this.#channels) bytes += sender.queuedBytes;
    return bytes;
  }

  /** Pieces of reliable messages in packets that are neither acked nor lost. */
  get underWay(): number {
    if (this.#isIdle) return 0;
    let underWay = 0;
    let queued = 0;
    for (const { sender } of this.#channels) {
      queued += sender.queued;
      if (isAcked(sender)) underWay += sender.underWay;
    }
    this.#isIdle = queued + underWay === 0;
    return underWay;
  }

  /** True when `fill` would find something to write. */
  hasDue(nowMs: number, onlyProbes = false): boolean {
    if (this.#isIdle) return false;
    for (const channel of this.#channels) {
      const { sender } = channel;
      if (sender.queued === 0) continue;
      if (!isAcked(sender)) this.#counters.messagesStale += sender.dropStale(nowMs);
      if (this.#next(channel, nowMs, onlyProbes) !== undefined) return true;
    }
    return false;
  }

  /**
   * Writes what is due and fits, at most `maxFrames`, and returns how many frames that were. `emptyRoom`: the bytes
   * for frames that an empty packet of this size has; a message that does not fit these is cut. `onlyProbes`: just
   * what has to leave even when the path is used up.
   */
  fill(
    writer: MsgpackWriter,
    packet: SentPacket,
    nowMs: number,
    maxFrames: number,
    emptyRoom: number,
    onlyProbes = false,
  ): number {
    let frames = 0;
    this.#nowMs = nowMs;
    this.#packetNumber = packet.number;
    this.#onlyProbes = onlyProbes;
    while (frames < maxFrames) {
      const channel = this.#queue.next(this.#isWaiting);
      if (channel === undefined) break;
      const due = this.#next(channel, nowMs, onlyProbes)!;
      const mark = writer.at;
      if (this.#write(writer, channel.sender, due, packet, emptyRoom)) {
        this.#queue.served(channel, writer.at - mark);
        channel.budget.spend(writer.at - mark);
        frames += 1;
      } else channel.fullPacket = packet.number;
    }
    return frames;
  }

  /** Made once: packets are filled too often for a function each. */
  readonly #isWaiting = (channel: OutgoingChannel): boolean =>
    channel.sender.queued > 0 &&
    channel.fullPacket !== this.#packetNumber &&
    this.#next(channel, this.#nowMs, this.#onlyProbes) !== undefined;

  #next({ sender, budget }: OutgoingChannel, nowMs: number, onlyProbes: boolean): Due | undefined {
    if (!isAcked(sender)) return !onlyProbes && budget.allows(nowMs) ? sender.next() : undefined;
    return sender.next(nowMs, onlyProbes || this.isStalled || !budget.allows(nowMs));
  }

  /** False when it does not fit this packet. */
  #write(
    writer: MsgpackWriter,
    sender: OutgoingChannel["sender"],
    due: Due,
    packet: SentPacket,
    emptyRoom: number,
  ): boolean {
    const { message } = due;
    const fragmentId = sender instanceof ReliableSender ? message.id : sender.idOf(message);
    const id = sender instanceof LatestSender ? fragmentId : message.id;
    const end = writeDue(writer, due, id, fragmentId, emptyRoom);
    if (end < 0) return false;
    if (message.isFragmented) this.#counters.fragmentsSent += 1;
    if (due.piece?.isProbe) this.#counters.messagesProbed += 1;
    else if (due.piece !== undefined) {
      if (message.isFragmented) this.#counters.fragmentsResent += 1;
      else this.#counters.messagesResent += 1;
    }
    sender.sent(due, end, packet);
    return true;
  }

  acked(piece: Piece, packetNumber: number): void {
    this.#senderOf(piece).acked(piece, packetNumber);
  }

  /** The packet is given up: what it alone carried is due again. */
  lost(piece: Piece, packetNumber: number, nowMs: number, lostAfterMs: number): void {
    this.#senderOf(piece).lost(piece, packetNumber, nowMs, lostAfterMs);
  }

  /** Has the piece sent once more, to provoke an ack. */
  probe(piece: Piece, packetNumber: number): void {
    this.#senderOf(piece).probe(piece, packetNumber);
  }

  #senderOf({ message }: Piece): ReliableSender | LatestSender {
    return this.#channels[message.channel]!.sender as ReliableSender | LatestSender;
  }
}

function isAcked(sender: OutgoingChannel["sender"]): sender is ReliableSender | LatestSender {
  return !(sender instanceof UnreliableSender);
}
