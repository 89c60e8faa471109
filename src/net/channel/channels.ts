/**
 * All channels of one connection: takes messages from the game, writes those that are due into packets, and
 * lets through what arrives as each kind promises.
 */
import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { fromSequence, toSequence } from "../bytes/sequence.ts";
import { type Frame, writeMessageFrame } from "../wire/frames.ts";
import { MAX_CHANNELS, MAX_MESSAGE_BYTES } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import type { ChannelConfig, ChannelKind, SendResult } from "./channel-kind.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";
import { ReliableReceiver } from "./reliable-receiver.ts";
import { ReliableSender } from "./reliable-sender.ts";
import type { SentPacket } from "./sent-packets.ts";

/** Unreliable messages of one turn and peer: past this a game floods its own player. */
const MAX_UNRELIABLE_QUEUED = 256;

interface Channel {
  readonly kind: ChannelKind;
  readonly sender: ReliableSender | undefined;
  readonly receiver: ReliableReceiver | undefined;
  /** Sequenced: id of the next message to send, and of the newest that arrived. */
  nextId: number;
  newestId: number;
}

/** Called for each message that is let through; the bytes live for the call. */
export type Deliver = (channel: number, bytes: Uint8Array, start: number, end: number) => void;

export class Channels {
  readonly #channels: readonly Channel[];
  readonly #counters: NetCounters;
  /** Unreliable messages of this turn, three parallel lists, sent from `#unsent` on. */
  readonly #payloads: Uint8Array[] = [];
  readonly #payloadChannels: number[] = [];
  readonly #payloadIds: number[] = [];
  #unsent = 0;

  constructor(configs: readonly ChannelConfig[], counters: NetCounters) {
    if (configs.length > MAX_CHANNELS) throw new Error(`more than ${MAX_CHANNELS} channels`);
    this.#channels = configs.map(({ kind }, index) => ({
      kind,
      sender: kind === "reliable-ordered" ? new ReliableSender(index) : undefined,
      receiver: kind === "reliable-ordered" ? new ReliableReceiver() : undefined,
      nextId: 0,
      newestId: -1,
    }));
    this.#counters = counters;
  }

  /** The payload belongs to the channel from now on and must not change. */
  send(channel: number, payload: Uint8Array): SendResult {
    const result = this.#enqueue(channel, payload);
    if (result === "queued") this.#counters.messagesSent += 1;
    else if (result === "too-large") this.#counters.messagesTooLarge += 1;
    else this.#counters.messagesQueueFull += 1;
    return result;
  }

  #enqueue(index: number, payload: Uint8Array): SendResult {
    const channel = this.#channels[index];
    if (channel === undefined) throw new Error(`no channel ${index}`);
    if (channel.sender !== undefined) return channel.sender.send(payload);
    if (payload.length > MAX_MESSAGE_BYTES) return "too-large";
    if (this.#payloads.length - this.#unsent >= MAX_UNRELIABLE_QUEUED) return "queue-full";
    this.#payloads.push(payload);
    this.#payloadChannels.push(index);
    this.#payloadIds.push(channel.kind === "unreliable-sequenced" ? channel.nextId++ : -1);
    return "queued";
  }

  /** Lets go of what is unreliable and waits: by the time a peer who is away is back, it is stale. */
  discardUnreliable(): void {
    this.#counters.messagesDiscarded += this.#payloads.length - this.#unsent;
    this.#payloads.length = 0;
    this.#payloadChannels.length = 0;
    this.#payloadIds.length = 0;
    this.#unsent = 0;
  }

  /** Reliable messages that are sent or waiting, and not acked. */
  get unacked(): number {
    let unacked = 0;
    for (const channel of this.#channels) unacked += channel.sender?.queued ?? 0;
    return unacked;
  }

  /** True when `fill` would find something to write. */
  hasDue(nowMs: number): boolean {
    if (this.#unsent < this.#payloads.length) return true;
    for (const { sender } of this.#channels) {
      if (sender !== undefined && sender.queued > 0 && sender.nextDue(nowMs, 0) !== undefined) return true;
    }
    return false;
  }

  /** Writes what is due and fits, at most `maxFrames`, and returns how many frames that were. */
  fill(
    writer: MsgpackWriter,
    packet: SentPacket,
    nowMs: number,
    lostAfterMs: number,
    maxFrames: number,
  ): number {
    let frames = 0;
    for (const { sender } of this.#channels) {
      if (sender === undefined || sender.queued === 0) continue;
      let from = 0;
      while (frames < maxFrames) {
        const message = sender.nextDue(nowMs, from);
        if (message === undefined) break;
        from = message.id + 1;
        const mark = writer.at;
        writeMessageFrame(writer, message.channel, toSequence(message.id), message.payload);
        if (!writer.ok) {
          writer.rewind(mark);
          continue; // a shorter one may still fit
        }
        if (message.sends > 0) this.#counters.messagesResent += 1;
        sender.sent(message, nowMs, lostAfterMs);
        message.packetNumber = packet.number;
        packet.messages.push(message);
        frames += 1;
      }
    }
    return frames + this.#fillUnreliable(writer, maxFrames - frames);
  }

  #fillUnreliable(writer: MsgpackWriter, maxFrames: number): number {
    let frames = 0;
    while (frames < maxFrames && this.#unsent < this.#payloads.length) {
      const id = this.#payloadIds[this.#unsent]!;
      const mark = writer.at;
      writeMessageFrame(
        writer,
        this.#payloadChannels[this.#unsent]!,
        id < 0 ? id : toSequence(id),
        this.#payloads[this.#unsent]!,
      );
      if (!writer.ok) {
        writer.rewind(mark);
        break;
      }
      this.#unsent += 1;
      frames += 1;
    }
    if (this.#unsent > 0 && this.#unsent === this.#payloads.length) {
      this.#payloads.length = 0;
      this.#payloadChannels.length = 0;
      this.#payloadIds.length = 0;
      this.#unsent = 0;
    }
    return frames;
  }

  /** True when a message frame names a channel of ours, with an id exactly where the kind has one. */
  isLawful(frame: Frame): boolean {
    const channel = this.#channels[frame.channel];
    if (channel === undefined || frame.messageId >= 0 !== (channel.kind !== "unreliable")) return false;
    return channel.receiver === undefined || channel.receiver.idOf(frame.messageId) !== -1;
  }

  /** Takes a lawful message frame. */
  receive(frame: Frame, bytes: Uint8Array, deliver: Deliver): void {
    const channel = this.#channels[frame.channel]!;
    if (channel.receiver !== undefined) {
      this.#receiveReliable(channel.receiver, frame, bytes, deliver);
      return;
    }
    if (channel.kind === "unreliable-sequenced") {
      const id = fromSequence(frame.messageId, Math.max(0, channel.newestId));
      if (id <= channel.newestId) {
        this.#counters.messagesOutdated += 1;
        return;
      }
      channel.newestId = id;
    }
    this.#counters.messagesReceived += 1;
    deliver(frame.channel, bytes, frame.start, frame.end);
  }

  #receiveReliable(receiver: ReliableReceiver, frame: Frame, bytes: Uint8Array, deliver: Deliver): void {
    // The window may have moved within this packet, so the id is worked out anew.
    const id = receiver.idOf(frame.messageId);
    const outcome = receiver.accept(id, bytes, frame.start, frame.end);
    if (outcome === "known") this.#counters.messagesDuplicate += 1;
    if (outcome !== "next") return;
    this.#counters.messagesReceived += 1;
    deliver(frame.channel, bytes, frame.start, frame.end);
    for (let early = receiver.takeEarly(); early !== undefined; early = receiver.takeEarly()) {
      this.#counters.messagesReceived += 1;
      deliver(frame.channel, early, 0, early.length);
    }
  }

  acked(message: OutgoingMessage): void {
    this.#channels[message.channel]!.sender?.acked(message);
  }

  /** The packet `number` is given up: what it alone carried is due at once. */
  lost(message: OutgoingMessage, number: number): void {
    if (message.packetNumber === number) message.dueMs = 0;
  }
}
