/**
 * What became of the packets we sent: acked, lost, or still under way; and what that says about the path.
 */
import type { NetCounters } from "../wire/net-counters.ts";
import type { Channels } from "./channels.ts";
import { isCarriedBy } from "./outgoing-message.ts";
import { RttEstimator } from "./rtt-estimator.ts";
import { type SentPacket, SentPackets } from "./sent-packets.ts";

/** A packet is lost when this many sent after it have arrived (RFC 9002 §6.1.1). */
const REORDER_THRESHOLD = 3;
/** So that 16 bits name a packet without doubt. */
const MAX_UNACKED_PACKETS = 16_384;

/** Probes come more rarely each time, up to this: a peer that is away is not worth more. */
const MAX_PROBE_MS = 1_000;
/** Unanswered ones after which reliable messages wait; see `Channels.isStalled`. */
const STALLED_PROBES = 2;

export class AckTracker {
  readonly sent = new SentPackets();
  readonly rtt = new RttEstimator();
  /** Share of our packets given up as lost, smoothed, 0 to 1. */
  lossRatio = 0;
  /** The newest input tick in a packet that was acked, or -1. */
  ackedInputTick = -1;
  readonly #channels: Channels;
  readonly #counters: NetCounters;
  readonly #tickMs: number;
  /** 0 before the first. */
  newestAcked = 0;
  /** Since when something reliable is under way and nothing was heard. */
  #waitingSinceMs = 0;
  #fruitlessProbes = 0;

  /** `tickMs`: time between two flushes of a busy peer; no loss is declared faster. */
  constructor(channels: Channels, counters: NetCounters, tickMs: number) {
    this.#channels = channels;
    this.#counters = counters;
    this.#tickMs = tickMs;
  }

  lostAfterMs(): number {
    return this.rtt.lostAfterMs(this.#tickMs);
  }

  /** False when so much is unacked that the peer cannot be there. */
  mayStillSend(): boolean {
    return this.sent.newest - this.newestAcked <= MAX_UNACKED_PACKETS;
  }

  /** The record of the next packet. The one it pushes out of memory counts as lost. */
  begin(nowMs: number): SentPacket {
    const { leaving } = this.sent;
    if (leaving !== undefined) {
      this.#lose(leaving, nowMs);
      this.sent.trim();
    }
    return this.sent.begin(nowMs);
  }

  /** `ack` is a packet number we sent, or below 1; `missing` as on the wire; `ranges` lawful, or none. */
  take(ack: number, missing: number, delayMs: number, ranges: readonly number[], nowMs: number): void {
    const newest = this.sent.pending(ack);
    if (newest !== undefined) {
      // What asks for no ack gets none of its own, and may have waited long for another's.
      if (ack > this.newestAcked && newest.elicitsAck) this.rtt.add(nowMs - newest.sentAtMs, delayMs);
      this.#settle(newest, nowMs);
    }
    for (let i = 0; i < 32; i += 1) {
      const number = ack - 1 - i;
      if (number < this.sent.oldest) break;
      if ((missing & (1 << i)) !== 0) continue;
      const packet = this.sent.pending(number);
      if (packet !== undefined) this.#settle(packet, nowMs);
    }
    this.#takeRanges(ack, ranges, nowMs);
    this.newestAcked = Math.max(this.newestAcked, ack);
    this.#giveUp(this.newestAcked - REORDER_THRESHOLD, Number.NEGATIVE_INFINITY, nowMs);
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

  /** Gives up what was overtaken and has been under way for too long; probes when nothing comes back. */
  update(nowMs: number): void {
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
    this.ackedInputTick = Math.max(this.ackedInputTick, packet.inputTick);
    for (const piece of packet.pieces) this.#channels.acked(piece, packet.number);
    this.#noteLoss(0);
    this.#waitingSinceMs = nowMs;
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
    if (packet.elicitsAck) {
      this.#counters.packetsLost += 1;
      this.#noteLoss(1);
    }
    const lostAfterMs = this.lostAfterMs();
    for (const piece of packet.pieces) this.#channels.lost(piece, packet.number, nowMs, lostAfterMs);
  }

  /**
   * When the last packets are lost nothing newer tells of it. So after silence the oldest packet with something
   * reliable is sent again under a new number (RFC 9002 §6.2): one packet, then ever more rarely.
   */
  #probe(nowMs: number): void {
    const { underWay } = this.#channels;
    if (underWay > 0 && nowMs - this.#waitingSinceMs < this.probeAfterMs()) return;
    this.#waitingSinceMs = nowMs;
    const oldest = underWay > 0 ? this.#oldestReliable() : undefined;
    if (oldest === undefined) {
      // No ack is to be expected: what waits may go.
      this.#channels.isStalled = false;
      return;
    }
    for (const piece of oldest.pieces) this.#channels.probe(piece, oldest.number);
    this.#fruitlessProbes += 1;
    this.#channels.isStalled = this.#fruitlessProbes >= STALLED_PROBES;
  }

  /** The oldest packet that carries what no later one does. */
  #oldestReliable(): SentPacket | undefined {
    for (let number = this.sent.oldest; number <= this.sent.newest; number += 1) {
      const packet = this.sent.pending(number);
      if (packet?.pieces.some((piece) => isCarriedBy(piece, number))) return packet;
    }
    return undefined;
  }

  #noteLoss(lost: 0 | 1): void {
    this.lossRatio += (lost - this.lossRatio) / 64;
  }
}
