/**
 * What became of the packets we sent: acked, lost, or still under way; and what that says about the path.
 */
import { CongestionController } from "../congestion/congestion-controller.ts";
import { PathCell, type PathCells } from "../congestion/path-cells.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import type { Channels } from "./channels.ts";
import { type InputArrival, noteArrival } from "./input-arrival.ts";
import { NoticedLoss } from "./noticed-loss.ts";
import { isCarriedBy } from "./outgoing-message.ts";
import { RttEstimator } from "./rtt-estimator.ts";
import { type SentPacket, SentPackets } from "./sent-packets.ts";

/** A packet is lost when this many sent after it have arrived (RFC 9002 §6.1.1). */
const REORDER_THRESHOLD = 3;
/** So that 16 bits name a packet without doubt. */
const MAX_UNACKED_PACKETS = 16_384;
/** So long without an update, and more than some ticks, it was our own process that stood still. */
const OWN_STALL_MS = 500;
const OWN_STALL_TICKS = 4;
/** Beyond it there is still room to knock: a peer that comes back after long has to hear something to ack. */
const MAX_UNACKED_KNOCKS = 32_000;

/** Probes come more rarely each time, up to this: a peer that is away is not worth more. */
const MAX_PROBE_MS = 1_000;
/** Unanswered ones after which reliable messages wait; see `Channels.isStalled`. */
const STALLED_PROBES = 2;

/** Is told of each packet once, whether it arrived or is given up. */
export interface PacketListener {
  acked(number: number): void;
  lost(number: number): void;
}

/** Of all connections, see `path-cells.ts`. */
const rtts = new RttEstimator();
const noticed = new NoticedLoss();

export class AckTracker {
  readonly sent = new SentPackets();
  /** The newest input tick in a packet that was acked, or -1. */
  ackedInputTick = -1;
  readonly inputArrival: InputArrival = { newestTick: -1, delayMs: 0, cameBits: 0 };
  readonly #channels: Channels;
  readonly #counters: NetCounters;
  readonly #cells: PathCells;
  readonly #congestion: CongestionController;
  /** Hears what became of each packet. */
  state: PacketListener | undefined;
  /** 0 before the first. */
  newestAcked = 0;
  /** The last packet that repeats another, as its writer says. */
  newestRepeat = -2 * REORDER_THRESHOLD;
  /** Packets below it give no round trip: an outage, or another path, lies between them and their acks. */
  #measuredFrom = 1;
  #fruitlessProbes = 0;

  /** `tickMs`: time between two flushes of a busy peer; no loss is declared faster. */
  constructor(
    channels: Channels,
    counters: NetCounters,
    tickMs: number,
    congestion: CongestionController = new CongestionController(),
  ) {
    this.#channels = channels;
    this.#congestion = congestion;
    this.#counters = counters;
    const { cells } = congestion;
    this.#cells = cells;
    cells[PathCell.TickMs] = tickMs;
    cells[PathCell.TrackedAtMs] = Number.NEGATIVE_INFINITY;
    cells[PathCell.UnheardSinceMs] = 0;
    cells[PathCell.LossRatio] = 0;
    rtts.of(cells).clear();
    noticed.of(cells).clear();
  }

  /** To be asked at once: there is one for all connections. So is `loss`. */
  get rtt(): RttEstimator {
    return rtts.of(this.#cells);
  }

  get loss(): NoticedLoss {
    return noticed.of(this.#cells);
  }

  /** Share of our packets given up as lost, smoothed, 0 to 1. */
  get lossRatio(): number {
    return this.#cells[PathCell.LossRatio]!;
  }

  get #tickMs(): number {
    return this.#cells[PathCell.TickMs]!;
  }

  lostAfterMs(): number {
    return this.rtt.lostAfterMs(this.#tickMs);
  }

  /** False when so much is unacked that the peer cannot be there. */
  mayStillSend(): boolean {
    return this.sent.newest - this.newestAcked <= MAX_UNACKED_PACKETS;
  }

  /** False when not even a packet now and then may leave. */
  mayKnock(): boolean {
    return this.sent.newest - this.newestAcked <= MAX_UNACKED_KNOCKS;
  }

  /** The peer fell silent: what is acked after that tells how long it was away, not how far. */
  noteSilence(): void {
    this.#measuredFrom = this.sent.newest + 1;
    this.forgetUnderWay();
  }

  /** The peer is at another host: nothing that was learnt of the path holds (RFC 9000 §9.4). */
  forgetPath(): void {
    this.#measuredFrom = this.sent.newest + 1;
    this.forgetUnderWay();
    this.rtt.clear();
    this.#congestion.reset();
    this.#cells[PathCell.LossRatio] = 0;
    this.loss.clear();
  }

  /** What is under way there takes no room of the path any more, whatever becomes of it. */
  forgetUnderWay(): void {
    for (let number = this.sent.oldest; number <= this.sent.newest; number += 1) {
      const packet = this.sent.pending(number);
      if (packet === undefined) continue;
      this.#congestion.forgotten(packet.bytes, packet.sentAtMs);
      packet.bytes = 0;
    }
  }

  /** The record of the next packet. The one it pushes out of memory counts as lost. */
  begin(nowMs: number): SentPacket {
    const { leaving } = this.sent;
    if (leaving !== undefined) {
      this.#congestion.forgotten(leaving.bytes, leaving.sentAtMs);
      leaving.bytes = 0;
      this.#lose(leaving, nowMs);
      this.sent.trim();
    }
    return this.sent.begin(nowMs);
  }

  /** `ack` is a packet number we sent, or below 1; `missing` as on the wire; `ranges` lawful, or none. */
  take(ack: number, missing: number, delayMs: number, ranges: readonly number[], nowMs: number): void {
    this.#noteOwnStall(nowMs);
    const newest = this.sent.pending(ack);
    const isAnswer = newest !== undefined && ack > this.newestAcked;
    // What was read of it now is asked for below, when the view shows another.
    const bytes = newest?.bytes ?? 0;
    const sentAtMs = newest?.sentAtMs ?? 0;
    if (newest !== undefined) {
      // What asks for no ack gets none of its own, and may have waited long for another's.
      if (isAnswer && ack >= this.#measuredFrom && newest.elicitsAck) this.rtt.add(nowMs - sentAtMs, delayMs);
      if (isAnswer) noteArrival(this.inputArrival, this.sent, newest, missing, delayMs, this.ackedInputTick);
      this.#settle(this.sent.pending(ack)!, nowMs);
    }
    const { oldest } = this.sent;
    for (let i = 0; i < 32; i += 1) {
      const number = ack - 1 - i;
      if (number < oldest) break;
      if ((missing & (1 << i)) !== 0) continue;
      const packet = this.sent.pending(number);
      if (packet !== undefined) this.#settle(packet, nowMs);
    }
    this.#takeRanges(ack, ranges, nowMs);
    this.newestAcked = Math.max(this.newestAcked, ack);
    // Where every second packet repeats another, twice as many follow as soon.
    const repeats = this.newestAcked - this.newestRepeat < 2 * REORDER_THRESHOLD ? REORDER_THRESHOLD : 0;
    this.#giveUp(this.newestAcked - REORDER_THRESHOLD - repeats, Number.NEGATIVE_INFINITY, nowMs);
    if (isAnswer && ack >= this.#measuredFrom) this.#congestion.answered(bytes, sentAtMs, delayMs, nowMs);
  }

  #takeRanges(ack: number, ranges: readonly number[], nowMs: number): void {
    let number = ack;
    for (let i = 0; i < ranges.length; i += 1) {
      const end = number - ranges[i]!;
      for (; number > end; number -= 1) {
        const packet = i % 2 === 0 ? this.sent.pending(number) : undefined;
        if (packet !== undefined) this.#settle(packet, nowMs);
      }
    }
  }

  /** Inputs sent so far count no more: their ticks will be played again. */
  forgetInputs(): void {
    this.ackedInputTick = -1;
    this.inputArrival.newestTick = -1;
    for (let number = this.sent.oldest; number <= this.sent.newest; number += 1) {
      const packet = this.sent.pending(number);
      if (packet !== undefined) packet.inputTick = -1;
    }
  }

  /** What was under way while we did not look says how long that was, not how far the peer is. */
  #noteOwnStall(nowMs: number): void {
    const stallMs = Math.max(OWN_STALL_MS, OWN_STALL_TICKS * this.#tickMs);
    const beforeMs = this.#cells[PathCell.TrackedAtMs]!;
    if (nowMs - beforeMs > stallMs && beforeMs > 0) this.#measuredFrom = this.sent.newest + 1;
    this.#cells[PathCell.TrackedAtMs] = nowMs;
  }

  /** Gives up what was overtaken and has been under way for too long; probes when nothing comes back. */
  update(nowMs: number): void {
    this.#noteOwnStall(nowMs);
    this.#giveUp(0, nowMs - this.lostAfterMs(), nowMs);
    this.#probe(nowMs);
  }

  /** Silence after which the oldest reliable bytes are sent again, see `update`. */
  probeAfterMs(): number {
    const firstMs = this.rtt.answerWithinMs(this.#tickMs);
    return Math.max(firstMs, Math.min(firstMs * 2 ** this.#fruitlessProbes, MAX_PROBE_MS));
  }

  /** A packet ends in one of two ways: here it arrived. */
  #settle(packet: SentPacket, nowMs: number): void {
    packet.pending = false;
    this.#congestion.acked(packet.bytes, packet.sentAtMs, nowMs);
    this.ackedInputTick = Math.max(this.ackedInputTick, packet.inputTick);
    const { number } = packet;
    if (packet.hasPieces) for (const piece of packet.pieces) this.#channels.acked(piece, number);
    this.state?.acked(number);
    this.#noteLoss(0);
    this.#cells[PathCell.UnheardSinceMs] = nowMs;
    if (this.#fruitlessProbes === 0) return;
    this.#fruitlessProbes = 0;
    this.#channels.isStalled = false;
  }

  /** Oldest first: packets up to number `upTo`, or sent before `sentBeforeMs`, that a newer one has overtaken. */
  #giveUp(upTo: number, sentBeforeMs: number, nowMs: number): void {
    for (let number = this.sent.oldest; number < this.newestAcked; number += 1) {
      const packet = this.sent.pending(number);
      if (packet === undefined) continue;
      if (number > upTo && packet.sentAtMs >= sentBeforeMs) break;
      this.#lose(packet, nowMs);
    }
    this.sent.trim();
  }

  /** A packet ends in one of two ways: here it is given up. */
  #lose(packet: SentPacket, nowMs: number): void {
    packet.pending = false;
    this.#congestion.lost(packet.bytes, packet.sentAtMs, nowMs);
    if (packet.elicitsAck) {
      this.#counters.packetsLost += 1;
      this.#noteLoss(1);
    }
    const { number } = packet;
    if (packet.hasPieces) {
      const lostAfterMs = this.lostAfterMs();
      for (const piece of packet.pieces) this.#channels.lost(piece, number, nowMs, lostAfterMs);
    }
    this.state?.lost(number);
  }

  /**
   * When the last packets are lost nothing newer tells of it. So after silence the oldest packet with something
   * reliable is sent again under a new number (RFC 9002 §6.2): one packet, then ever more rarely.
   */
  #probe(nowMs: number): void {
    const { underWay } = this.#channels;
    if (underWay > 0 && nowMs - this.#cells[PathCell.UnheardSinceMs]! < this.probeAfterMs()) return;
    this.#cells[PathCell.UnheardSinceMs] = nowMs;
    const oldest = underWay > 0 ? this.#oldestReliable() : undefined;
    if (oldest === undefined) {
      // No ack is to be expected: what waits may go.
      this.#channels.isStalled = false;
      return;
    }
    const { number, pieces } = oldest;
    for (const piece of pieces) this.#channels.probe(piece, number);
    this.#fruitlessProbes += 1;
    this.#channels.isStalled = this.#fruitlessProbes >= STALLED_PROBES;
  }

  /** The oldest packet that carries what no later one does. */
  #oldestReliable(): SentPacket | undefined {
    for (let number = this.sent.oldest; number <= this.sent.newest; number += 1) {
      const packet = this.sent.pending(number);
      if (packet?.hasPieces && packet.pieces.some((piece) => isCarriedBy(piece, number))) return packet;
    }
    return undefined;
  }

  #noteLoss(lost: 0 | 1): void {
    this.#cells[PathCell.LossRatio]! += (lost - this.lossRatio) / 64;
    this.loss.note(lost);
  }
}
