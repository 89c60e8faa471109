/**
 * All channels of one connection, as their receiver sees them: puts pieces together and lets through what arrives as
 * each kind promises. A packet is judged as a whole before anything of it is taken.
 */
import { type Frame, FrameKind } from "../wire/frames.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import {
  type ChannelConfig,
  type ChannelSettings,
  channelSettings,
  hasIds,
  hasKeys,
} from "./channel-kind.ts";
import { MAX_HELD_BYTES } from "./held-bytes.ts";
import { LatestReceiver } from "./latest-receiver.ts";
import { type Outcome, ReliableReceiver } from "./reliable-receiver.ts";
import { UnreliableReceiver } from "./unreliable-receiver.ts";

interface IncomingChannel {
  readonly settings: ChannelSettings;
  /** Undefined for unreliable kinds, which share one. */
  readonly receiver: ReliableReceiver | LatestReceiver | undefined;
}

/** Called for each message that is let through; the bytes live for the call. */
export type Deliver = (channel: number, bytes: Uint8Array, start: number, end: number) => void;

export class IncomingChannels {
  readonly #channels: readonly IncomingChannel[];
  readonly #unreliable: UnreliableReceiver;
  readonly #counters: NetCounters;
  readonly #peer: "client" | "server";
  /** Of the packet being judged: what would be held because of it, and whether there is room. */
  #newBytes = 0;
  readonly #newChannels: number[] = [];
  readonly #newIds: number[] = [];
  #hasRoom = true;

  /** `peer`: the end that sends. */
  constructor(configs: readonly ChannelConfig[], counters: NetCounters, peer: "client" | "server") {
    this.#peer = peer;
    this.#counters = counters;
    this.#unreliable = new UnreliableReceiver(counters);
    this.#channels = configs.map((config) => {
      const settings = channelSettings(config, peer);
      return { settings, receiver: receiverOf(settings) };
    });
  }

  /** Sizes of all reliable messages that are held, whole or in part. */
  get heldBytes(): number {
    let bytes = 0;
    for (const { receiver } of this.#channels) bytes += receiver?.heldBytes ?? 0;
    return bytes;
  }

  /** Begins to judge a packet. */
  beginPacket(): void {
    this.#hasRoom = true;
    if (this.#newBytes === 0) return;
    this.#newBytes = 0;
    this.#newChannels.length = 0;
    this.#newIds.length = 0;
  }

  /** False when there is no room to hold what the frames judged since `beginPacket` would leave to hold. */
  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  /** True when a message or fragment names a channel of ours, with an id and a key exactly where these belong. */
  isLawful(frame: Frame): boolean {
    const channel = this.#channels[frame.channel];
    if (channel === undefined) return false;
    const { settings, receiver } = channel;
    const isPiece = frame.kind === FrameKind.Fragment;
    if (frame.key >= 0 !== hasKeys(settings.kind)) return false;
    if (isPiece) {
      if (settings.from !== "both" && settings.from !== this.#peer) return false;
      if (frame.total > settings.maxMessageBytes) return false;
    } else if (frame.messageId >= 0 !== hasIds(settings.kind)) return false;
    if (receiver === undefined)
      return !isPiece || this.#unreliable.idOf(frame.channel, frame.messageId) !== -1;
    const id = receiver.idOf(frame.messageId);
    if (id === -1) return false;
    this.#judgeRoom(receiver, id, frame, isPiece);
    return true;
  }

  #judgeRoom(receiver: ReliableReceiver | LatestReceiver, id: number, frame: Frame, isPiece: boolean): void {
    const length = frame.end - frame.start;
    let more = 0;
    if (receiver instanceof LatestReceiver) {
      if (!isPiece) return;
      if (!receiver.hasRoomFor(id, frame.key, frame.offset, length)) this.#hasRoom = false;
      more = receiver.countsMoreBytes(id, frame.key, frame.total);
    } else {
      if (isPiece && !receiver.hasRoomFor(id, frame.offset, length)) this.#hasRoom = false;
      more = receiver.countsMoreBytes(id, isPiece ? frame.total : length, !isPiece);
    }
    if (more === 0 || this.#isNewAlready(frame.channel, id)) return;
    this.#newChannels.push(frame.channel);
    this.#newIds.push(id);
    this.#newBytes += more;
    let counted = this.#newBytes;
    for (const each of this.#channels) counted += each.receiver?.countedBytes ?? 0;
    if (counted > MAX_HELD_BYTES) this.#hasRoom = false;
  }

  /** True when an earlier frame of this packet is of the same message. */
  #isNewAlready(channel: number, id: number): boolean {
    for (let i = 0; i < this.#newIds.length; i += 1) {
      if (this.#newIds[i] === id && this.#newChannels[i] === channel) return true;
    }
    return false;
  }

  /** Takes a lawful message or fragment. False for a fragment that contradicts what came before. */
  receive(frame: Frame, bytes: Uint8Array, nowMs: number, deliver: Deliver): boolean {
    const { settings, receiver } = this.#channels[frame.channel]!;
    if (frame.kind === FrameKind.Fragment) {
      this.#counters.fragmentsReceived += 1;
      return this.#receivePiece(settings, receiver, frame, bytes, nowMs, deliver);
    }
    const { start, end } = frame;
    if (receiver === undefined) {
      const isNews =
        settings.kind === "unreliable" ||
        this.#unreliable.acceptSequenced(
          frame.channel,
          this.#unreliable.idOf(frame.channel, frame.messageId),
        );
      if (isNews) this.#deliver(frame.channel, bytes, start, end, deliver);
      else this.#counters.messagesOutdated += 1;
      return true;
    }
    // The window may have moved within this packet, so the id is worked out anew.
    const id = receiver.idOf(frame.messageId);
    const outcome =
      receiver instanceof LatestReceiver
        ? receiver.accept(id, frame.key)
        : receiver.accept(id, bytes, start, end);
    if (outcome === "known") this.#counters.messagesDuplicate += 1;
    else if (outcome === "outdated") this.#counters.messagesOutdated += 1;
    else if (outcome === "next") {
      this.#deliver(frame.channel, bytes, start, end, deliver);
      this.#deliverEarly(frame.channel, receiver, deliver);
    }
    return true;
  }

  #receivePiece(
    settings: ChannelSettings,
    receiver: ReliableReceiver | LatestReceiver | undefined,
    frame: Frame,
    bytes: Uint8Array,
    nowMs: number,
    deliver: Deliver,
  ): boolean {
    const { channel, messageId, key, offset, total, start, end } = frame;
    let outcome: Outcome | "outdated" | Uint8Array;
    if (receiver === undefined) {
      const id = this.#unreliable.idOf(channel, messageId);
      const isSequenced = settings.kind === "unreliable-sequenced";
      outcome = this.#unreliable.acceptPiece(channel, id, isSequenced, frame, bytes, nowMs);
    } else {
      const id = receiver.idOf(messageId);
      outcome =
        receiver instanceof LatestReceiver
          ? receiver.acceptPiece(id, key, offset, total, bytes, start, end)
          : receiver.acceptPiece(id, offset, total, bytes, start, end);
    }
    if (outcome === "known") this.#counters.fragmentsDuplicate += 1;
    else if (outcome === "outdated") this.#counters.fragmentsOutdated += 1;
    else if (outcome === "contradiction") {
      this.#counters.fragmentsContradictory += 1;
      return false;
    } else if (outcome instanceof Uint8Array) {
      this.#deliver(channel, outcome, 0, outcome.length, deliver);
      this.#deliverEarly(channel, receiver, deliver);
    }
    return true;
  }

  #deliverEarly(
    channel: number,
    receiver: ReliableReceiver | LatestReceiver | undefined,
    deliver: Deliver,
  ): void {
    if (!(receiver instanceof ReliableReceiver)) return;
    for (let early = receiver.takeEarly(); early !== undefined; early = receiver.takeEarly()) {
      this.#deliver(channel, early, 0, early.length, deliver);
    }
  }

  #deliver(channel: number, bytes: Uint8Array, start: number, end: number, deliver: Deliver): void {
    this.#counters.messagesReceived += 1;
    deliver(channel, bytes, start, end);
  }

  /** Timers: unreliable messages that never became whole. False when none is on its way to become so. */
  update(nowMs: number): boolean {
    return this.#unreliable.update(nowMs);
  }
}

function receiverOf({ kind }: ChannelSettings): IncomingChannel["receiver"] {
  if (hasKeys(kind)) return new LatestReceiver();
  if (kind === "unreliable" || kind === "unreliable-sequenced") return undefined;
  return new ReliableReceiver(kind !== "reliable-unordered");
}
