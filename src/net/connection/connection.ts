/**
 * One peer over time: state, acks, channels and timers. The same class stands at both ends; `side` decides the
 * header and which frames are lawful. How a connection comes to life is the endpoints' business.
 */
import { fromSequence } from "../bytes/sequence.ts";
import { AckTracker } from "../channel/ack-tracker.ts";
import type { SendResult } from "../channel/channel-kind.ts";
import { Channels } from "../channel/channels.ts";
import { HeldAck } from "../channel/held-ack.ts";
import { IncomingChannels } from "../channel/incoming-channels.ts";
import { ReceivedPackets } from "../channel/received-packets.ts";
import { CongestionController } from "../congestion/congestion-controller.ts";
import type { PacketSeal } from "../crypto/packet-seal.ts";
import type { Outbox } from "../ports/outbox.ts";
import { type PeerAddress, sameAddress } from "../ports/peer-address.ts";
import { packetNumber } from "../wire/data-packet.ts";
import { DISCONNECT_REASONS, type DisconnectReason } from "../wire/disconnect-reason.ts";
import { FrameKind } from "../wire/frames.ts";
import { TAG_BYTES } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import { ConnectionLife } from "./connection-life.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { ConnectionState } from "./connection-state.ts";
import type { EventQueue } from "./event-queue.ts";
import { GameFrames } from "./game-frames.ts";
import { OpenedPacket, type Refusal } from "./opened-packet.ts";
import { PacketFiller } from "./packet-filler.ts";
import type { PeerBudget } from "./peer-budget.ts";
import { PeerPath } from "./peer-path.ts";
import type { StateReader, StateSource } from "./state-source.ts";

/** The packet at hand: all connections share it, for with a thousand of them it is memory that costs time. */
const packet = new OpenedPacket();
const { frame, head, judge } = packet;

export class Connection {
  // What every packet asks for stands first, and together.
  readonly side: "client" | "server";
  /** Server: the tick that ran last, written by the owner. Client: what the newest packet said. */
  tick = 0;
  /** Server: how early this peer's inputs arrive, written by the owner. Client: what the server said last. */
  inputLead = 0;
  /** Server: its process is short of time, written by the owner: what need not leave does not. */
  isHurried = false;
  /** Undefined while packets travel in clear; see `sealWith`. */
  seal: PacketSeal | undefined;
  /** For its owner to keep something with. */
  attachment: object | undefined = undefined;
  readonly counters: NetCounters;
  /** Where packets to the peer go: its to read, ours to change. */
  address: PeerAddress;
  #newestSent = 0;
  /** Something came from elsewhere: until that is settled the path has to be asked. */
  #isAstray = false;
  /** Its state and what silence does to it. To end it from our side `close` the connection: the peer is told. */
  readonly life: ConnectionLife<Connection>;
  readonly #received = new ReceivedPackets();
  readonly #budget: PeerBudget | undefined;
  readonly #events: EventQueue<Connection>;
  readonly #heldAck: HeldAck;
  readonly #filler: PacketFiller;
  readonly #congestion: CongestionController;
  readonly #channels: Channels;
  /** True while a message is under reassembly that may never become whole. */
  #awaitsPieces = false;
  readonly #path: PeerPath;
  readonly #incoming: IncomingChannels;
  readonly #gameFrames: GameFrames<Connection>;
  /** Client: when the packet with `tick` arrived. */
  tickAtMs = 0;
  /** Client: judges blocks of state before their packets are taken. Without it all are good. */
  readState: StateReader = () => true;
  /** 0 until the connection was accepted. */
  id = 0;
  /** As the client asked to be called; who the player is and what else its backend said; at a server also its room. */
  name = "";
  playerId = "";
  room = "";
  userData: Uint8Array = new Uint8Array(0);
  isSpectator = false;

  constructor(options: ConnectionOptions<Connection>) {
    const { channels, counters, side, tickMs } = options;
    this.side = side;
    this.counters = counters;
    this.address = options.address;
    this.#path = new PeerPath(options);
    this.#budget = options.budget;
    this.#events = options.events;
    this.life = new ConnectionLife<Connection>(this, options);
    this.#channels = new Channels(channels, counters, side);
    this.#incoming = new IncomingChannels(channels, counters, side === "client" ? "server" : "client");
    this.#gameFrames = new GameFrames<Connection>(this, options.events, this.#incoming, options.budget);
    const congestion = new CongestionController(options.rates);
    const acks = new AckTracker(this.#channels, counters, tickMs, congestion);
    this.#congestion = congestion;
    this.#heldAck = new HeldAck(acks);
    this.#filler = new PacketFiller(this, this.#channels, this.#received, acks, congestion, tickMs);
  }

  /** What became of our packets, and what that says about the path. */
  get acks(): AckTracker {
    return this.#heldAck.settle();
  }

  get congestion(): CongestionController {
    this.#heldAck.settle();
    return this.#congestion;
  }

  get state(): ConnectionState {
    return this.life.state;
  }

  /** Reliable messages sent or waiting, and not acked. */
  get unackedMessages(): number {
    this.#heldAck.settle();
    return this.#channels.unacked;
  }

  /** From now on packets are sealed so; without a seal they travel in clear. */
  sealWith(seal: PacketSeal | undefined): void {
    this.seal = seal;
  }

  /** Only along the table of `connection-state.ts`. */
  become(next: ConnectionState, nowMs: number): void {
    this.life.become(next, nowMs);
    // The peer sends nothing before it has heard from us.
    if (next === "connected" && this.side === "client") this.#filler.pingNow();
  }

  /** Payload bytes of messages that wait or are under way. */
  get queuedBytes(): number {
    this.#heldAck.settle();
    return this.#channels.queuedBytes;
  }

  /** The payload belongs to the connection from now on and must not change. `key`: of reliable-latest channels. */
  send(channel: number, payload: Uint8Array, key = 0): SendResult {
    this.#heldAck.settle();
    return this.#channels.send(channel, payload, key);
  }

  /** Server: packets take state from there, and tell it what became of them. */
  sendStateFrom(source: StateSource): void {
    this.#filler.state.source = source;
    this.#heldAck.acks.state = source;
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
    if (this.life.close(reason, detail, nowMs)) this.#filler.sayGoodbye(reason, detail);
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
    from: PeerAddress = this.address,
  ): void {
    if (!this.life.isListening) {
      this.counters.refusedState += 1;
      return;
    }
    const number = packetNumber(sequence, this.#received.newest);
    const freshness = this.#received.check(number);
    if (freshness !== "new") {
      if (freshness === "duplicate") this.counters.refusedDuplicate += 1;
      else this.counters.refusedStale += 1;
      return;
    }
    const seal = this.seal;
    const bodyEnd =
      seal === undefined ? bytes.length : seal.open(bytes, headerEnd, number, this.#received.newest, nowMs);
    if (bodyEnd < 0) {
      this.counters.refusedForged += 1;
      return;
    }
    this.#budget?.packet(bodyEnd);
    const opened = seal?.opened ?? bytes;
    const isBody = packet.begin(opened, headerEnd, bodyEnd, this.side, from);
    this.#takeBody(opened, isBody, bodyEnd, number, nowMs);
    const overdrawn = this.#budget?.overdrawn(nowMs);
    if (overdrawn !== undefined) this.close(overdrawn, "more than a player may send", nowMs);
  }

  /** Takes an opened body: as a whole or not at all. */
  #takeBody(bytes: Uint8Array, isBody: boolean, bodyEnd: number, number: number, nowMs: number): void {
    const ack = fromSequence(head.ack, this.#newestSent);
    const fault = isBody ? this.#faultOf(bytes, ack) : "refusedBody";
    if (fault !== undefined) {
      // It opened: its sender broke the protocol, or we have no room for it now.
      this.counters[fault] += 1;
      if (fault !== "refusedRoom") this.#budget?.parseError();
      this.#received.refuse(number);
      return;
    }
    this.counters.accepted += 1;
    const isNewest = number > this.#received.newest;
    this.#received.add(number, nowMs, judge.eliciting > 0);
    this.#heldAck.hold(ack, head.ackMissing, head.ackDelayMs, judge.ranges, nowMs);
    this.life.heard(nowMs);
    if (this.#isAstray || !sameAddress(packet.from, this.address)) {
      this.#isAstray = this.#path.heard(packet.from, isNewest, bodyEnd + TAG_BYTES, nowMs);
    }
    if (this.side === "client" && isNewest) {
      this.tick = Math.max(this.tick, fromSequence(head.tick, this.tick));
      this.tickAtMs = nowMs;
      this.inputLead = head.inputLead;
    }
    packet.rewind();
    while (packet.next()) this.#takeFrame(bytes, nowMs);
  }

  /** Why the packet cannot be taken whose frames are to be read, if it cannot. */
  #faultOf(bytes: Uint8Array, ack: number): Refusal | undefined {
    if (ack > this.#newestSent) return "refusedAck";
    const fault = packet.faultOfFrames(ack, this.side, this.#incoming);
    const { stateStart, stateEnd } = judge;
    if (fault !== undefined || stateStart < 0 || !this.life.isUp) return fault;
    return this.readState(bytes, stateStart, stateEnd) ? undefined : "refusedBlock";
  }

  #takeFrame(bytes: Uint8Array, nowMs: number): void {
    if (frame.kind === FrameKind.Disconnect) {
      this.life.abort(DISCONNECT_REASONS[frame.reason]!, frame.detail, "peer", nowMs);
      return;
    }
    // Once we are leaving, only the peer's own goodbye is of interest.
    if (this.state !== "connected") return;
    if (frame.kind === FrameKind.Input) {
      this.#events.pushPayload("input", this, 0, bytes, frame.start, frame.end);
      return;
    }
    if (frame.kind === FrameKind.PathChallenge) this.#filler.answerPath(bytes, frame.start);
    if (frame.kind === FrameKind.PathResponse) {
      const moved = this.#path.answered(packet.from, bytes, frame.start);
      this.address = this.#path.address;
      if (moved === "host") this.acks.forgetPath();
      else if (moved === "port") this.acks.forgetUnderWay();
    }
    if (frame.kind === FrameKind.Fragment) this.#awaitsPieces = true;
    this.#gameFrames.take(frame, bytes, nowMs);
  }

  /** The timer of silence. */
  passTime(nowMs: number): void {
    if (this.life.passTime(nowMs)) this.acks.noteSilence();
  }

  /** Once per turn, before `flush`: what came since, and packets overdue. */
  tend(nowMs: number): void {
    if (!this.life.isListening) return;
    this.acks.update(nowMs);
    if (this.#awaitsPieces) this.#awaitsPieces = this.#incoming.update(nowMs);
  }

  /** Writes the packets that are due. */
  flush(nowMs: number, outbox: Outbox): void {
    const { state, isQuiet } = this.life;
    if (!(this.life.isUp || state === "closing") || !this.acks.mayKnock()) {
      this.#filler.drop();
      return;
    }
    const path = this.#isAstray && state === "connected" ? this.#path.due(nowMs) : undefined;
    if (path !== undefined) this.#path.sent(this.#filler.challenge(path, nowMs, outbox), nowMs);
    const isKnocking = isQuiet || !this.acks.mayStillSend();
    const isOver = isKnocking ? this.#filler.knock(nowMs, outbox) : this.#filler.fill(nowMs, outbox);
    this.#newestSent = this.#heldAck.acks.sent.newest;
    if (isOver) this.become("closed", nowMs);
  }
}
