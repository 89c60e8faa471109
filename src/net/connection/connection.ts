/**
 * One peer over time: state, acks, channels and timers. The same class stands at both ends; `side` decides the
 * header and which frames are lawful. How a connection comes to life is the endpoints' business.
 */
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { fromSequence } from "../bytes/sequence.ts";
import { areRangesLawful } from "../channel/ack-ranges.ts";
import { AckTracker } from "../channel/ack-tracker.ts";
import type { SendResult } from "../channel/channel-kind.ts";
import { Channels } from "../channel/channels.ts";
import { ReceivedPackets } from "../channel/received-packets.ts";
import { CongestionController } from "../congestion/congestion-controller.ts";
import type { PacketSeal } from "../crypto/packet-seal.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import { newBodyHead, packetNumber, readBodyHead } from "../wire/data-packet.ts";
import { DISCONNECT_REASONS, type DisconnectReason } from "../wire/disconnect-reason.ts";
import { FrameKind, newFrame, readFrame } from "../wire/frames.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { type ConnectionState, TRANSITIONS } from "./connection-state.ts";
import { PacketFiller } from "./packet-filler.ts";

/** By frame kind: those that carry a block of the game's. */
const BLOCK_EVENTS = [undefined, "state", "input", undefined, undefined, "own", undefined] as const;
const NO_RANGES: readonly number[] = [];

export class Connection {
  readonly side: "client" | "server";
  readonly address: PeerAddress;
  /** 0 until the connection was accepted. */
  id = 0;
  /** Display name the client asked for. */
  name = "";
  /** Who the player is, in the words of the backend, and what else it said; empty when nobody vouches for it. */
  playerId = "";
  userData: Uint8Array = new Uint8Array(0);
  /** True once it was connected, whatever came after. */
  wasConnected = false;
  timeoutMs: number;
  /** Server: the tick that ran last, written by the owner. Client: what the newest packet said. */
  tick = 0;
  /** Server: how early this peer's inputs arrive, written by the owner. Client: what the server said last. */
  inputLead = 0;
  /** Client: when the packet with `tick` arrived. */
  tickAtMs = 0;
  /** Undefined while packets travel in clear; see `sealWith`. */
  seal: PacketSeal | undefined;
  /** What became of our packets, and what that says about the path. */
  readonly acks: AckTracker;
  readonly congestion: CongestionController;

  readonly #options: ConnectionOptions<Connection>;
  readonly #channels: Channels;
  readonly #received = new ReceivedPackets();
  readonly #filler: PacketFiller;
  readonly #reader = new MsgpackReader();
  readonly #head = newBodyHead();
  readonly #frame = newFrame();
  #state: ConnectionState = "idle";
  #lastReceivedMs = 0;

  constructor(options: ConnectionOptions<Connection>) {
    this.#options = options;
    this.side = options.side;
    this.address = options.address;
    this.timeoutMs = options.timeoutMs;
    this.#channels = new Channels(options.channels, options.counters);
    this.congestion = new CongestionController(options.rates);
    this.acks = new AckTracker(this.#channels, options.counters, options.tickMs, this.congestion);
    const { acks, congestion } = this;
    this.#filler = new PacketFiller(this, this.#channels, this.#received, acks, congestion, options.counters);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Reliable messages sent or waiting, and not acked. */
  get unackedMessages(): number {
    return this.#channels.unacked;
  }

  /** From now on packets are sealed so; without a seal they travel in clear. */
  sealWith(seal: PacketSeal | undefined): void {
    this.seal = seal;
    this.#filler.sealWith(seal);
  }

  /** Only along the table of `connection-state.ts`. */
  become(next: ConnectionState, nowMs: number): void {
    if (!TRANSITIONS[this.#state].includes(next)) throw new Error(`${this.#state} cannot become ${next}`);
    this.#state = next;
    if (next === "accepted" || next === "connected") this.#lastReceivedMs = nowMs;
    if (next === "connected") {
      this.wasConnected = true;
      this.#options.counters.connectionsOpened += 1;
      this.#options.events.push("connected", this);
      // The peer sends nothing before it has heard from us.
      if (this.side === "client") this.#filler.pingNow();
    }
  }

  /** The payload belongs to the connection from now on and must not change. */
  send(channel: number, payload: Uint8Array): SendResult {
    return this.#channels.send(channel, payload);
  }

  /** Sends a block of a tick's state, once; it must stay as it is until the next flush. See `BlockQueue.queueState`. */
  queueState(block: Uint8Array, length: number): boolean {
    return this.#filler.blocks.queueState(block, length);
  }

  /** Sends the newest block for this player alone; it must stay until the next is queued. So must input. */
  queueOwn(block: Uint8Array, length: number): void {
    this.#filler.blocks.queueNewest(FrameKind.Own, block, length, -1);
  }

  queueInput(block: Uint8Array, length: number, newestTick: number): void {
    this.#filler.blocks.queueNewest(FrameKind.Input, block, length, newestTick);
  }

  /** When to flush again, because something waits that the path has no room for yet; else Infinity. */
  get nextSendMs(): number {
    return this.#filler.retryAtMs;
  }

  /** Ends the connection from our side: the peer is told with the next flushes. */
  close(reason: DisconnectReason, detail: string, nowMs: number): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    const wasConnected = this.#state === "connected";
    this.become(wasConnected ? "closing" : "closed", nowMs);
    if (wasConnected) this.#filler.sayGoodbye(reason, detail);
    this.#ended(reason, detail, "us", wasConnected || this.side === "client");
  }

  /** Refused before it came to life (client), or gone without a word. */
  abort(reason: DisconnectReason, detail: string, by: "peer" | "network", nowMs: number): void {
    if (this.#state === "closed") return;
    // The owner hears of each end once; a server's owner only of peers it has been told of.
    const tell = this.side === "client" ? this.#state !== "closing" : this.#state === "connected";
    this.become("closed", nowMs);
    this.#ended(reason, detail, by, tell);
  }

  #ended(reason: DisconnectReason, detail: string, by: "us" | "peer" | "network", tell: boolean): void {
    if (!tell) return;
    if (reason === "timeout") this.#options.counters.connectionsTimedOut += 1;
    else this.#options.counters.connectionsClosed += 1;
    this.#options.events.pushDisconnected(this, reason, detail, by);
  }

  /** Takes a DATA packet of this connection, whose body begins at `headerEnd`. */
  receive(bytes: Uint8Array, headerEnd: number, sequence: number, nowMs: number): void {
    const { counters } = this.#options;
    if (this.#state !== "connected" && this.#state !== "accepted" && this.#state !== "closing") {
      counters.refusedState += 1;
      return;
    }
    const number = packetNumber(sequence, this.#received.newest);
    const freshness = this.#received.check(number);
    if (freshness !== "new") {
      if (freshness === "duplicate") counters.refusedDuplicate += 1;
      else counters.refusedStale += 1;
      return;
    }
    const seal = this.seal;
    const bodyEnd =
      seal === undefined ? bytes.length : seal.open(bytes, headerEnd, number, this.#received.newest, nowMs);
    if (bodyEnd < 0) {
      counters.refusedForged += 1;
      return;
    }
    this.#takeBody(seal?.opened ?? bytes, headerEnd, bodyEnd, number, nowMs);
    const overdrawn = this.#options.budget?.overdrawn(nowMs);
    if (overdrawn !== undefined) this.close(overdrawn, "more than a player may send", nowMs);
  }

  /** Takes an opened body: as a whole or not at all. */
  #takeBody(bytes: Uint8Array, headerEnd: number, bodyEnd: number, number: number, nowMs: number): void {
    this.#options.budget?.packet(bodyEnd);
    const reader = this.#reader.reset(bytes, headerEnd, bodyEnd);
    const head = this.#head;
    readBodyHead(reader, this.side, head);
    if (!reader.ok) {
      this.#refuse("refusedBody", number);
      return;
    }
    const ack = fromSequence(head.ack, this.acks.sent.newest);
    if (ack > this.acks.sent.newest) {
      this.#refuse("refusedAck", number);
      return;
    }
    // Read twice: first to see that all of it is lawful.
    const framesAt = reader.at;
    let ranges = NO_RANGES;
    let eliciting = 0;
    for (let i = 0; i < head.frames; i += 1) {
      if (!readFrame(reader, this.#frame) || !this.#isLawful(ack, ranges)) {
        reader.fail();
        break;
      }
      if (this.#frame.kind === FrameKind.AckRanges) ranges = this.#frame.ranges.slice();
      else eliciting += 1;
    }
    if (!reader.done()) {
      this.#refuse("refusedFrame", number);
      return;
    }

    this.#options.counters.accepted += 1;
    this.#lastReceivedMs = nowMs;
    const isNewest = number > this.#received.newest;
    this.#received.add(number, nowMs, eliciting > 0);
    this.acks.take(ack, head.ackMissing, head.ackDelayMs, ranges, nowMs);
    if (this.#state === "accepted") this.become("connected", nowMs);
    if (this.side === "client" && isNewest) {
      this.tick = Math.max(this.tick, fromSequence(head.tick, this.tick));
      this.tickAtMs = nowMs;
      this.inputLead = head.inputLead;
    }
    reader.reset(bytes, framesAt, bodyEnd);
    for (let i = 0; i < head.frames; i += 1) {
      readFrame(reader, this.#frame);
      this.#takeFrame(bytes, nowMs);
    }
  }

  /** Of a packet that opened: its sender broke the protocol. */
  #refuse(reason: "refusedBody" | "refusedAck" | "refusedFrame", number: number): void {
    this.#options.counters[reason] += 1;
    this.#options.budget?.parseError();
    this.#received.refuse(number);
  }

  #isLawful(ack: number, ranges: readonly number[]): boolean {
    switch (this.#frame.kind) {
      case FrameKind.Message:
        return this.#channels.isLawful(this.#frame);
      case FrameKind.State:
      case FrameKind.Own:
        return this.side === "client";
      case FrameKind.Input:
        return this.side === "server";
      case FrameKind.AckRanges:
        return ranges === NO_RANGES && areRangesLawful(this.#frame.ranges, ack);
      default:
        return true;
    }
  }

  #takeFrame(bytes: Uint8Array, nowMs: number): void {
    const frame = this.#frame;
    if (frame.kind === FrameKind.Disconnect) {
      this.abort(DISCONNECT_REASONS[frame.reason]!, frame.detail, "peer", nowMs);
      return;
    }
    // Once we are leaving, only the peer's own goodbye is of interest.
    if (this.#state !== "connected") return;
    if (frame.kind === FrameKind.Message) {
      this.#options.budget?.message();
      this.#channels.receive(frame, bytes, this.#deliver);
      return;
    }
    const kind = BLOCK_EVENTS[frame.kind];
    if (kind !== undefined) this.#options.events.pushPayload(kind, this, 0, bytes, frame.start, frame.end);
  }

  readonly #deliver = (channel: number, bytes: Uint8Array, start: number, end: number): void => {
    this.#options.events.pushPayload("message", this, channel, bytes, start, end);
  };

  /** Timers: silence, and packets overdue. */
  update(nowMs: number): void {
    if (this.#state !== "connected" && this.#state !== "accepted" && this.#state !== "closing") return;
    if (nowMs - this.#lastReceivedMs > this.timeoutMs) {
      this.abort("timeout", "nothing was heard for too long", "network", nowMs);
      return;
    }
    this.acks.update(nowMs);
  }

  /** Writes the packets that are due. */
  flush(nowMs: number, outbox: Outbox): void {
    const mayTalk = this.#state === "connected" || this.#state === "closing";
    if (!mayTalk || !this.acks.mayStillSend()) {
      this.#filler.drop();
      return;
    }
    const goodbyeIsOver = this.#filler.fill(nowMs, outbox);
    if (goodbyeIsOver) this.become("closed", nowMs);
  }
}
