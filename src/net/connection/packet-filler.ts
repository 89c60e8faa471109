/**
 * Fills the packets of one connection for one turn: acks in each, then what there is of the newest tick, then the
 * messages that are due and fit. The congestion controller says how long packets are and how many may leave; past
 * that only what keeps a game alive does, in packets of its own: the newest input or own block, with what the player
 * steers, acks and pings.
 */
import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import type { AckTracker } from "../channel/ack-tracker.ts";
import type { Channels } from "../channel/channels.ts";
import type { ReceivedPackets } from "../channel/received-packets.ts";
import type { SentPacket } from "../channel/sent-packets.ts";
import type { CongestionController } from "../congestion/congestion-controller.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import {
  FrameKind,
  writeDisconnectFrame,
  writePathFrame,
  writePingFrame,
  writeResyncFrame,
} from "../wire/frames.ts";
import { MAX_FRAMES, PATH_DATA_BYTES } from "../wire/limits.ts";
import { EarlyRepeat } from "./early-repeat.ts";
import { Goodbye } from "./goodbye.ts";
import { NewestBlock } from "./newest-block.ts";
import type { PacketContext } from "./packet-context.ts";
import { PacketWriter } from "./packet-writer.ts";
import type { PendingPath } from "./peer-path.ts";
import { StateFiller } from "./state-filler.ts";
import { StateShare } from "./state-share.ts";

/** An ack waits this long for something to ride on. */
const ACK_ALONE_AFTER_MS = 25;
/** And so long while packets queue up that it could ride on, if only they might leave. */
const ACK_HELD_AFTER_MS = 75;
/** A quiet end shows that it lives, so that silence means trouble. */
const KEEP_ALIVE_MS = 1_000;
/** Who hears nothing knocks more often, so that the way in, or back, is found soon. */
const KNOCK_MS = 250;
/** Messages that no packet had room for so long leave with one that cannot wait. */
const STARVED_AFTER_MS = 500;
/** One turn of one connection. The rest waits for the next turn. */
const MAX_PACKETS_PER_FLUSH = 64;

export class PacketFiller {
  /** When to fill again, as something waits that might not leave yet; else Infinity. */
  retryAtMs = Number.POSITIVE_INFINITY;
  /** Since when messages wait that no packet had room for. */
  #messagesSinceMs = 0;
  /** Own blocks of a server, input of a client. */
  readonly newest: NewestBlock;
  readonly state: StateFiller;
  readonly #context: PacketContext;
  readonly #channels: Channels;
  readonly #received: ReceivedPackets;
  readonly #congestion: CongestionController;
  readonly #packets: PacketWriter;
  readonly #acks: AckTracker;
  readonly #tickMs: number;
  /** Undefined while the way lost nothing worth it. */
  #repeat: EarlyRepeat | undefined;
  #pingNow = false;
  /** What the peer asked last to be told again, to prove that we are where we are; until that is done. */
  #pathAnswer: Uint8Array | undefined;
  #asksResync = false;
  #goodbye: Goodbye | undefined;
  readonly #share = new StateShare();

  constructor(
    context: PacketContext,
    channels: Channels,
    received: ReceivedPackets,
    acks: AckTracker,
    congestion: CongestionController,
    tickMs: number,
  ) {
    this.#context = context;
    this.#channels = channels;
    this.#received = received;
    this.#congestion = congestion;
    this.#packets = new PacketWriter(context, received, acks, congestion);
    this.state = new StateFiller(this.#packets);
    this.newest = new NewestBlock(
      context.side === "server" ? FrameKind.Own : FrameKind.Input,
      context.counters,
    );
    this.#acks = acks;
    this.#tickMs = tickMs;
  }

  /** There is nobody to send to. */
  drop(): void {
    this.newest.drop();
    this.#repeat?.cancel();
    this.retryAtMs = Number.POSITIVE_INFINITY;
  }

  pingNow(): void {
    this.#pingNow = true;
  }

  /** Asks for all state anew, with the next packet. */
  askResync(): void {
    this.#asksResync = true;
  }

  /** Answers the challenge `bytes[start … start + 8)` with the next packet. Of several the last one counts. */
  answerPath(bytes: Uint8Array, start: number): void {
    this.#pathAnswer = bytes.slice(start, start + PATH_DATA_BYTES);
  }

  sayGoodbye(reason: DisconnectReason, detail: string): void {
    this.#goodbye = new Goodbye(reason, detail);
  }

  /** Returns true when the last goodbye has been said. */
  fill(nowMs: number, outbox: Outbox): boolean {
    this.retryAtMs = Number.POSITIVE_INFINITY;
    for (let packets = 0; packets < MAX_PACKETS_PER_FLUSH; packets += 1) {
      const messagesAreDue = this.#channels.hasDue(nowMs);
      const isLoaded = messagesAreDue || this.newest.isWaiting || this.state.isWaiting;
      const isUrgent = this.#isUrgent(nowMs);
      if (!messagesAreDue) this.#messagesSinceMs = nowMs;
      this.state.noteWaiting(nowMs);
      if (!isLoaded && !isUrgent && !this.#received.ackIsDue(nowMs, ACK_ALONE_AFTER_MS)) break;
      if (!this.#congestion.mayStillSend(nowMs)) {
        this.#fillVital(isLoaded, messagesAreDue, nowMs, outbox);
        break;
      }
      const packet = this.#packets.begin(nowMs, outbox, this.#congestion.maxPacketBytes);
      this.#messagesSinceMs = nowMs;
      const frames = this.#fillPacket(packet, messagesAreDue, nowMs);
      this.#finish(packet, frames, nowMs, outbox);
    }
    // Only a rate that is used up grows.
    if (this.state.isShort) this.#congestion.noteLimited();
    if (this.#repeat !== undefined && this.#repeat.dueMs < Number.POSITIVE_INFINITY) {
      this.#repeat.turn(this.#channels.queuedBytes, nowMs, outbox);
      this.retryAtMs = Math.min(this.retryAtMs, this.#repeat.dueMs);
    }
    return this.#fillGoodbye(nowMs, outbox);
  }

  /** The path is used up: one packet for what cannot wait. */
  #fillVital(isLoaded: boolean, messagesAreDue: boolean, nowMs: number, outbox: Outbox): void {
    // Beside messages that fill the path every second tick has to do.
    const maySkip = this.#context.side === "server" && messagesAreDue && !this.newest.isOverdue;
    const blockIsDue = this.newest.isWaiting && !maySkip;
    const ackIsDue = this.#received.ackIsDue(nowMs, isLoaded ? ACK_HELD_AFTER_MS : ACK_ALONE_AFTER_MS);
    const probeIsDue = this.#channels.hasDue(nowMs, true);
    const isUrgent = probeIsDue || this.#isUrgent(nowMs);
    if ((blockIsDue || ackIsDue || isUrgent) && this.#congestion.mayStillSendVital(nowMs)) {
      const packet = this.#packets.begin(nowMs, outbox, this.#congestion.maxPacketBytes);
      const { frames: writer, emptyRoom } = this.#packets;
      let frames = this.#writeSmall();
      // What cannot wait may need all there is, for good: now and then a message must leave all the same.
      const messagesToo = nowMs - this.#messagesSinceMs > STARVED_AFTER_MS;
      if (probeIsDue || (messagesToo && this.#channels.hasDue(nowMs))) {
        frames += this.#channels.fill(writer, packet, nowMs, MAX_FRAMES - frames, emptyRoom, !messagesToo);
        if (messagesToo) this.#messagesSinceMs = nowMs;
      }
      frames += this.#writeNewest(packet) + this.state.write(packet, true);
      this.#finish(packet, frames + this.#writePing(frames, nowMs), nowMs, outbox);
    }
    if (!isLoaded) return;
    this.#congestion.noteLimited();
    this.retryAtMs = this.#congestion.retryAtMs(nowMs);
  }

  /** Returns how many frames were written. */
  #fillPacket(packet: SentPacket, messagesAreDue: boolean, nowMs: number): number {
    const writer = this.#packets.frames;
    let frames = this.#writeSmall() + this.#writeNewest(packet);
    const stateWaits = this.state.isWaiting;
    for (;;) {
      const messagesFirst = messagesAreDue && this.#share.isMessagesTurn;
      const start = writer.at;
      if (!messagesFirst) frames += this.state.write(packet, false);
      const middle = writer.at;
      if (messagesAreDue) {
        const { emptyRoom } = this.#packets;
        frames += this.#channels.fill(writer, packet, nowMs, MAX_FRAMES - frames, emptyRoom);
      }
      const end = writer.at;
      if (messagesFirst) frames += this.state.write(packet, false);
      if (messagesAreDue && stateWaits) this.#share.note(middle - start + writer.at - end, end - middle);
      // When nothing fits so short a packet, it gets a longer one.
      if (frames > 0 || !(stateWaits || messagesAreDue) || !this.#packets.lengthen()) break;
    }
    // Beside ack ranges the largest record may not fit: it leaves with the next packet, which has none.
    if (stateWaits && frames === 0 && this.#packets.ackFrames === 0) {
      throw new Error("a block does not fit an empty packet");
    }
    return frames + this.#writePing(frames, nowMs);
  }

  /**
   * The same for a peer that has not been heard for long, or acks nothing: blocks and what is unreliable would be
   * stale, and what is reliable waits. Returns true when the last goodbye has been said.
   */
  knock(nowMs: number, outbox: Outbox): boolean {
    this.drop();
    this.#channels.discardUnreliable();
    const isServer = this.#context.side === "server";
    const pingIsDue = this.#pingIsDue(nowMs, isServer ? KEEP_ALIVE_MS : KNOCK_MS);
    if (pingIsDue || this.#pathAnswer !== undefined || this.#received.ackIsDue(nowMs, ACK_ALONE_AFTER_MS)) {
      const packet = this.#packets.begin(nowMs, outbox);
      // Who can read nothing of what comes hears nothing: a wish for other state goes with the knock.
      const frames = this.#writeSmall();
      if (pingIsDue) writePingFrame(this.#packets.frames);
      this.#finish(packet, frames + (pingIsDue ? 1 : 0), nowMs, outbox);
    }
    return this.#fillGoodbye(nowMs, outbox);
  }

  /** Asks, in a packet of its own, whether the peer is at another address. Returns the packet's length. */
  challenge(path: PendingPath, nowMs: number, outbox: Outbox): number {
    const packet = this.#packets.begin(nowMs, outbox, MAX_DATAGRAM_BYTES, path.address);
    writePathFrame(this.#packets.frames, FrameKind.PathChallenge, path.data);
    return this.#packets.finish(packet, 1, nowMs, outbox, path.address);
  }

  /** After all else, so that what was sent before the end arrives before it. */
  #fillGoodbye(nowMs: number, outbox: Outbox): boolean {
    if (this.#goodbye?.isDue(nowMs) !== true) return false;
    const packet = this.#packets.begin(nowMs, outbox);
    writeDisconnectFrame(this.#packets.frames, this.#goodbye.reason, this.#goodbye.detail);
    this.#finish(packet, 1, nowMs, outbox);
    return this.#goodbye.said(nowMs);
  }

  #isUrgent(nowMs: number): boolean {
    return this.#pathAnswer !== undefined || this.#asksResync || this.#pingIsDue(nowMs, KEEP_ALIVE_MS);
  }

  #pingIsDue(nowMs: number, quietMs: number): boolean {
    // A server says nothing before the first packet of its client has come through.
    const intervalMs = this.#received.newest === 0 ? KNOCK_MS : quietMs;
    return this.#pingNow || nowMs - this.#packets.elicitedAtMs >= intervalMs;
  }

  /** A ping where nothing else asks for an ack. */
  #writePing(frames: number, nowMs: number): number {
    if (frames > 0 || !this.#pingIsDue(nowMs, KEEP_ALIVE_MS)) return 0;
    writePingFrame(this.#packets.frames);
    return 1;
  }

  #writePathAnswer(): number {
    if (this.#pathAnswer === undefined) return 0;
    writePathFrame(this.#packets.frames, FrameKind.PathResponse, this.#pathAnswer);
    this.#pathAnswer = undefined;
    return 1;
  }

  /** Small things that wait for nothing. */
  #writeSmall(): number {
    if (!this.#asksResync) return this.#writePathAnswer();
    this.#asksResync = false;
    writeResyncFrame(this.#packets.frames);
    return 1 + this.#writePathAnswer();
  }

  /** Too long for a short packet, it makes it a long one: nothing is more urgent. */
  #writeNewest(packet: SentPacket): number {
    const { newest } = this;
    if (!newest.isWaiting) return 0;
    const { frames } = this.#packets;
    if (!newest.write(frames) && !(this.#packets.lengthen() && newest.write(frames))) return 0;
    packet.inputTick = newest.inputTick;
    newest.left();
    if (this.#context.side === "server") this.#beginRepeat(packet);
    return 1;
  }

  #beginRepeat(packet: SentPacket): void {
    if (this.#repeat === undefined && !this.#acks.loss.isNoticed) return;
    const { newest, state } = this;
    const [packets, acks, congestion] = [this.#packets, this.#acks, this.#congestion];
    this.#repeat ??= new EarlyRepeat(packets, newest, state, acks, congestion, this.#tickMs);
    this.#repeat.begin(packet, this.#context.isHurried);
  }

  #finish(packet: SentPacket, frames: number, nowMs: number, outbox: Outbox): void {
    const length = this.#packets.finish(packet, frames, nowMs, outbox);
    this.#repeat?.left(length, nowMs);
    if (frames > 0) this.#pingNow = false;
  }
}
