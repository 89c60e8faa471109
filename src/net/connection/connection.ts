/**
 * One peer over time: state, acks, channels and timers. The same class stands at both ends; `side` decides the
 * header and which frames are lawful. How a connection comes to life is the endpoints' business.
 */
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { fromSequence } from "../bytes/sequence.ts";
import { AckTracker } from "../channel/ack-tracker.ts";
import type { ChannelConfig, SendResult } from "../channel/channel-kind.ts";
import { Channels } from "../channel/channels.ts";
import { ReceivedPackets } from "../channel/received-packets.ts";
import type { RttEstimator } from "../channel/rtt-estimator.ts";
import { openPacket } from "../crypto/packet-seal.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import { CLIENT_HEAD_ELEMENTS, packetNumber, SERVER_HEAD_ELEMENTS } from "../wire/data-packet.ts";
import { DISCONNECT_REASONS, type DisconnectReason } from "../wire/disconnect-reason.ts";
import { FrameKind, newFrame, readFrame } from "../wire/frames.ts";
import { MAX_ACK_DELAY_MS, MAX_FRAMES, MAX_INPUT_LEAD_TICKS, MIN_INPUT_LEAD_TICKS } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import { type ConnectionState, TRANSITIONS } from "./connection-state.ts";
import type { EventQueue } from "./event-queue.ts";
import { PacketFiller } from "./packet-filler.ts";

export interface ConnectionOptions {
  readonly side: "client" | "server";
  readonly address: PeerAddress;
  readonly channels: readonly ChannelConfig[];
  readonly counters: NetCounters;
  readonly events: EventQueue<Connection>;
  /** Time between two flushes of a busy peer: no loss is declared faster. */
  readonly tickMs: number;
  readonly timeoutMs: number;
}

export class Connection {
  readonly side: "client" | "server";
  readonly address: PeerAddress;
  /** 0 until the connection was accepted. */
  id = 0;
  /** Display name the client asked for. */
  name = "";
  timeoutMs: number;
  /** Server: the tick that ran last, written by the owner. Client: what the newest packet said. */
  tick = 0;
  /** Server: how early this peer's inputs arrive, written by the owner. Client: what the server said last. */
  inputLead = 0;
  /** Client: when the packet with `tick` arrived. */
  tickAtMs = 0;

  readonly #options: ConnectionOptions;
  readonly #channels: Channels;
  readonly #received = new ReceivedPackets();
  readonly #acks: AckTracker;
  readonly #filler: PacketFiller;
  readonly #reader = new MsgpackReader();
  readonly #frame = newFrame();
  #state: ConnectionState = "idle";
  #lastReceivedMs = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.side = options.side;
    this.address = options.address;
    this.timeoutMs = options.timeoutMs;
    this.#channels = new Channels(options.channels, options.counters);
    this.#acks = new AckTracker(this.#channels, options.counters, options.tickMs);
    this.#filler = new PacketFiller(this, this.#channels, this.#received, this.#acks, options.counters);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get rtt(): RttEstimator {
    return this.#acks.rtt;
  }

  /** Share of our packets given up as lost, smoothed, 0 to 1. */
  get lossRatio(): number {
    return this.#acks.lossRatio;
  }

  /** Client: the newest input tick the server has confirmed to hold, or -1. */
  get ackedInputTick(): number {
    return this.#acks.ackedInputTick;
  }

  /** Reliable messages sent or waiting, and not acked. */
  get unackedMessages(): number {
    return this.#channels.unacked;
  }

  /** Only along the table of `connection-state.ts`. */
  become(next: ConnectionState, nowMs: number): void {
    if (!TRANSITIONS[this.#state].includes(next)) throw new Error(`${this.#state} cannot become ${next}`);
    this.#state = next;
    if (next === "accepted" || next === "connected") this.#lastReceivedMs = nowMs;
    if (next === "connected") {
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

  /** Sends a state block with the next flush, once. The block must stay as it is until then. */
  queueState(block: Uint8Array, length: number): void {
    this.#filler.queueBlock(FrameKind.State, block, length);
  }

  /** The same for the block that this player alone gets. */
  queueOwn(block: Uint8Array, length: number): void {
    this.#filler.queueBlock(FrameKind.Own, block, length);
  }

  /** Sends an input block with the next flush, once. The block must stay as it is until then. */
  queueInput(block: Uint8Array, length: number, newestTick: number): void {
    this.#filler.dropBlocks();
    this.#filler.queueBlock(FrameKind.Input, block, length, newestTick);
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
    const bodyEnd = openPacket(bytes, headerEnd, bytes.length, number);
    if (bodyEnd < 0) {
      counters.refusedForged += 1;
      return;
    }
    const reader = this.#reader.reset(bytes, headerEnd, bodyEnd);
    const isClient = this.side === "client";
    const headElements = isClient ? SERVER_HEAD_ELEMENTS : CLIENT_HEAD_ELEMENTS;
    const frames = reader.arrayHeader(headElements, headElements + MAX_FRAMES) - headElements;
    const ackSequence = reader.int(0, 0xffff);
    const ackMissing = reader.int(0, 0xffff_ffff);
    const ackDelayMs = reader.int(0, MAX_ACK_DELAY_MS);
    const tickSequence = isClient ? reader.int(0, 0xffff) : 0;
    const inputLead = isClient ? reader.int(MIN_INPUT_LEAD_TICKS, MAX_INPUT_LEAD_TICKS) : 0;
    if (!reader.ok) {
      counters.refusedBody += 1;
      return;
    }
    // Read twice: the packet takes effect as a whole or not at all.
    const framesAt = reader.at;
    for (let i = 0; i < frames; i += 1) {
      if (!readFrame(reader, this.#frame) || !this.#isLawful()) {
        counters.refusedFrame += 1;
        return;
      }
    }
    if (!reader.done()) {
      counters.refusedFrame += 1;
      return;
    }
    const ack = fromSequence(ackSequence, this.#acks.sent.newest);
    if (ack > this.#acks.sent.newest) {
      counters.refusedAck += 1;
      return;
    }

    counters.accepted += 1;
    this.#lastReceivedMs = nowMs;
    const isNewest = number > this.#received.newest;
    this.#received.add(number, nowMs, frames > 0);
    this.#acks.take(ack, ackMissing, ackDelayMs, nowMs);
    if (this.#state === "accepted") this.become("connected", nowMs);
    if (isClient && isNewest) {
      this.tick = Math.max(this.tick, fromSequence(tickSequence, this.tick));
      this.tickAtMs = nowMs;
      this.inputLead = inputLead;
    }
    reader.reset(bytes, framesAt, bodyEnd);
    for (let i = 0; i < frames; i += 1) {
      readFrame(reader, this.#frame);
      this.#takeFrame(bytes, nowMs);
    }
  }

  #isLawful(): boolean {
    switch (this.#frame.kind) {
      case FrameKind.Message:
        return this.#channels.isLawful(this.#frame);
      case FrameKind.State:
      case FrameKind.Own:
        return this.side === "client";
      case FrameKind.Input:
        return this.side === "server";
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
    if (frame.kind === FrameKind.Message) this.#channels.receive(frame, bytes, this.#deliver);
    else if (frame.kind === FrameKind.State) this.#deliverBlock("state", bytes);
    else if (frame.kind === FrameKind.Own) this.#deliverBlock("own", bytes);
    else if (frame.kind === FrameKind.Input) this.#deliverBlock("input", bytes);
  }

  #deliverBlock(kind: "state" | "own" | "input", bytes: Uint8Array): void {
    this.#options.events.pushPayload(kind, this, 0, bytes, this.#frame.start, this.#frame.end);
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
    this.#acks.update(nowMs);
  }

  /** Writes the packets that are due. */
  flush(nowMs: number, outbox: Outbox): void {
    const mayTalk = this.#state === "connected" || this.#state === "closing";
    if (!mayTalk || !this.#acks.mayStillSend()) {
      this.#filler.dropBlocks();
      return;
    }
    const goodbyeIsOver = this.#filler.fill(nowMs, outbox);
    if (goodbyeIsOver) this.become("closed", nowMs);
  }
}
