/**
 * One peer over time: state, acks, channels and timers. The same class stands at both ends; `side` decides the
 * header and which frames are lawful. How a connection comes to life is the endpoints' business.
 */
import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { fromSequence } from "../bytes/sequence.ts";
import { AckTracker } from "../channel/ack-tracker.ts";
import type { SendResult } from "../channel/channel-kind.ts";
import { Channels } from "../channel/channels.ts";
import { IncomingChannels } from "../channel/incoming-channels.ts";
import { ReceivedPackets } from "../channel/received-packets.ts";
import { CongestionController } from "../congestion/congestion-controller.ts";
import type { PacketSeal } from "../crypto/packet-seal.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import { newBodyHead, packetNumber, readBodyHead } from "../wire/data-packet.ts";
import { DISCONNECT_REASONS, type DisconnectReason } from "../wire/disconnect-reason.ts";
import { FrameKind, newFrame, readFrame } from "../wire/frames.ts";
import { TAG_BYTES } from "../wire/limits.ts";
import { ConnectionLife } from "./connection-life.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { ConnectionState } from "./connection-state.ts";
import { GameFrames } from "./game-frames.ts";
import { PacketFiller } from "./packet-filler.ts";
import { PacketJudge } from "./packet-judge.ts";
import { PeerPath } from "./peer-path.ts";
import type { StateSource } from "./state-source.ts";

/** Takes a block of state from bytes that need not outlive the call; false if it cannot be: nothing of it is taken. */
export type StateReader = (bytes: Uint8Array, start: number, end: number) => boolean;

type Refusal = "refusedBody" | "refusedAck" | "refusedFrame" | "refusedRoom" | "refusedBlock";

/** The packet at hand: all connections share these, for with a thousand of them it is memory that costs time. */
const reader = new MsgpackReader();
const head = newBodyHead();
const frame = newFrame();

export class Connection {
  readonly side: "client" | "server";
  /** 0 until the connection was accepted. */
  id = 0;
  /** What the client asked to be called. */
  name = "";
  /** Who the player is and what else the backend said of it, or empty; and at a server the room it was let into. */
  playerId = "";
  room = "";
  userData: Uint8Array = new Uint8Array(0);
  isSpectator = false;
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
  /** Client: judges blocks of state before their packets are taken. Without it all are good. */
  readState: StateReader = () => true;
  readonly #options: ConnectionOptions<Connection>;
  readonly #channels: Channels;
  readonly #incoming: IncomingChannels;
  readonly #gameFrames: GameFrames<Connection>;
  readonly #received = new ReceivedPackets();
  readonly #filler: PacketFiller;
  readonly #judge: PacketJudge;
  readonly #life: ConnectionLife<Connection>;
  readonly #path: PeerPath;
  /** Where the packet at hand came from. */
  #from: PeerAddress;

  constructor(options: ConnectionOptions<Connection>) {
    this.#options = options;
    this.side = options.side;
    this.#life = new ConnectionLife<Connection>(this, options);
    this.#path = new PeerPath(options);
    this.#from = options.address;
    const { channels, counters, side, tickMs } = options;
    this.#channels = new Channels(channels, counters, side);
    this.#incoming = new IncomingChannels(channels, counters, side === "client" ? "server" : "client");
    this.#gameFrames = new GameFrames<Connection>(this, options.events, this.#incoming, options.budget);
    this.#judge = new PacketJudge(side, this.#incoming);
    this.congestion = new CongestionController(options.rates);
    this.acks = new AckTracker(this.#channels, counters, tickMs, this.congestion);
    const { acks, congestion } = this;
    this.#filler = new PacketFiller(this, this.#channels, this.#received, acks, congestion, counters, tickMs);
  }

  get state(): ConnectionState {
    return this.#life.state;
  }

  /** Where packets to the peer go. */
  get address(): PeerAddress {
    return this.#path.address;
  }

  /** True once it was connected, whatever came after. */
  get wasConnected(): boolean {
    return this.#life.wasConnected;
  }

  /** Silence after which a connected peer is dropped. */
  set timeoutMs(ms: number) {
    this.#life.timeoutMs = ms;
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
    this.#life.become(next, nowMs);
    // The peer sends nothing before it has heard from us.
    if (next === "connected" && this.side === "client") this.#filler.pingNow();
  }

  /** Payload bytes of messages that wait or are under way. */
  get queuedBytes(): number {
    return this.#channels.queuedBytes;
  }

  /** The payload belongs to the connection from now on and must not change. `key`: of reliable-latest channels. */
  send(channel: number, payload: Uint8Array, key = 0): SendResult {
    return this.#channels.send(channel, payload, key);
  }

  /** Server: packets take state from there, and tell it what became of them. */
  sendStateFrom(source: StateSource): void {
    this.#filler.state.source = source;
    this.acks.state = source;
  }

  /** Sends the newest block for this player alone; it must stay until the next is queued. So must input. */
  queueOwn(block: Uint8Array, length: number, start = 0): void {
    this.#filler.newest.put(block, length, -1, start);
  }

  queueInput(block: Uint8Array, length: number, newestTick: number): void {
    this.#filler.newest.put(block, length, newestTick);
  }

  /** Client: asks the server for all state anew. */
  askResync(): void {
    this.#filler.askResync();
  }

  /** When to flush again, because something waits that the path has no room for yet; else Infinity. */
  get nextSendMs(): number {
    return this.#filler.retryAtMs;
  }

  /** Ends the connection from our side: the peer is told with the next flushes. */
  close(reason: DisconnectReason, detail: string, nowMs: number): void {
    if (this.#life.close(reason, detail, nowMs)) this.#filler.sayGoodbye(reason, detail);
  }

  /** Refused before it came to life (client), or gone without a word. */
  abort(reason: DisconnectReason, detail: string, by: "peer" | "network", nowMs: number): void {
    this.#life.abort(reason, detail, by, nowMs);
  }

  /** True when a packet of this connection from elsewhere than `address` is worth an attempt to open it. */
  mayMove(nowMs: number): boolean {
    // In clear anyone could say so.
    return this.seal !== undefined && this.#path.mayOpen(nowMs);
  }

  /** Takes a DATA packet of this connection, whose body begins at `headerEnd`. From elsewhere ask `mayMove` first. */
  receive(
    bytes: Uint8Array,
    headerEnd: number,
    sequence: number,
    nowMs: number,
    from: PeerAddress = this.#path.address,
  ): void {
    const { counters } = this.#options;
    this.#from = from;
    if (!this.#life.isListening) {
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
    reader.reset(bytes, headerEnd, bodyEnd);
    readBodyHead(reader, this.side, head);
    const framesAt = reader.at;
    const ack = fromSequence(head.ack, this.acks.sent.newest);
    // Read twice: first to see that all of it is lawful.
    const fault = reader.ok ? this.#faultOf(bytes, ack) : "refusedBody";
    if (fault !== undefined) {
      this.#refuse(fault, number);
      return;
    }

    this.#options.counters.accepted += 1;
    const isNewest = number > this.#received.newest;
    this.#received.add(number, nowMs, this.#judge.eliciting > 0);
    this.acks.take(ack, head.ackMissing, head.ackDelayMs, this.#judge.ranges, nowMs);
    this.#life.heard(nowMs);
    this.#path.heard(this.#from, isNewest, bodyEnd + TAG_BYTES, nowMs);
    if (this.side === "client" && isNewest) {
      this.tick = Math.max(this.tick, fromSequence(head.tick, this.tick));
      this.tickAtMs = nowMs;
      this.inputLead = head.inputLead;
    }
    reader.reset(bytes, framesAt, bodyEnd);
    for (let i = 0; i < head.frames; i += 1) {
      readFrame(reader, frame);
      this.#takeFrame(bytes, nowMs);
    }
  }

  /** Why the packet cannot be taken whose frames are to be read, if it cannot. */
  #faultOf(bytes: Uint8Array, ack: number): Refusal | undefined {
    if (ack > this.acks.sent.newest) return "refusedAck";
    const fault = this.#judge.judge(reader, head.frames, ack);
    if (fault !== undefined) return fault;
    const { stateStart, stateEnd } = this.#judge;
    const mayRead = stateStart >= 0 && (this.state === "connected" || this.state === "dropped");
    return mayRead && !this.readState(bytes, stateStart, stateEnd) ? "refusedBlock" : undefined;
  }

  /** Of a packet that opened: its sender broke the protocol, or we have no room for it now. */
  #refuse(reason: Refusal, number: number): void {
    this.#options.counters[reason] += 1;
    if (reason !== "refusedRoom") this.#options.budget?.parseError();
    this.#received.refuse(number);
  }

  #takeFrame(bytes: Uint8Array, nowMs: number): void {
    if (frame.kind === FrameKind.Disconnect) {
      this.abort(DISCONNECT_REASONS[frame.reason]!, frame.detail, "peer", nowMs);
      return;
    }
    // Once we are leaving, only the peer's own goodbye is of interest.
    if (this.state !== "connected") return;
    if (frame.kind === FrameKind.PathChallenge) this.#filler.answerPath(bytes, frame.start);
    if (frame.kind === FrameKind.PathResponse) {
      const moved = this.#path.answered(this.#from, bytes, frame.start);
      if (moved === "host") this.acks.forgetPath();
      else if (moved === "port") this.acks.forgetUnderWay();
    }
    this.#gameFrames.take(frame, bytes, nowMs);
  }

  /** Timers: silence, and packets overdue. */
  update(nowMs: number): void {
    if (this.#life.passTime(nowMs)) this.acks.noteSilence();
    if (!this.#life.isListening) return;
    this.acks.update(nowMs);
    this.#incoming.update(nowMs);
  }

  /** Writes the packets that are due. */
  flush(nowMs: number, outbox: Outbox): void {
    const { state, isQuiet } = this.#life;
    const mayTalk = state === "connected" || state === "dropped" || state === "closing";
    if (!mayTalk || !this.acks.mayKnock()) {
      this.#filler.drop();
      return;
    }
    const path = state === "connected" ? this.#path.due(nowMs) : undefined;
    if (path !== undefined) this.#path.sent(this.#filler.challenge(path, nowMs, outbox), nowMs);
    const isKnocking = isQuiet || !this.acks.mayStillSend();
    const isOver = isKnocking ? this.#filler.knock(nowMs, outbox) : this.#filler.fill(nowMs, outbox);
    if (isOver) this.become("closed", nowMs);
  }
}
