/**
 * What became of the packets we sent: acked, lost, or still under way; and what that says about the path.
 */
import { CongestionController } from "../congestion/congestion-controller.ts";
import { MAX_ACK_DELAY_MS } from "../wire/limits.ts";
import type { NetCounters } from "../wire/net-counters.ts";
import type { Channels } from "./channels.ts";
import { RttEstimator } from "./rtt-estimator.ts";
import { type SentPacket, SentPackets } from "./sent-packets.ts";

/** A packet is lost when this many sent after it have arrived (RFC 9002 §6.1.1). */
const REORDER_THRESHOLD = 3;
/** So that 16 bits name a packet without doubt. */
const MAX_UNACKED_PACKETS = 16_384;

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
  readonly #congestion: CongestionController;
  /** 0 before the first. */
  newestAcked = 0;

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
    this.#tickMs = tickMs;
  }

  lostAfterMs(): number {
    return this.rtt.lostAfterMs(this.#tickMs);
  }

  /** False when so much is unacked that the peer cannot be there. */
  mayStillSend(): boolean {
    return this.sent.newest - this.newestAcked <= MAX_UNACKED_PACKETS;
  }

  /** The record of a new packet. */
  begin(nowMs: number): SentPacket {
    const forgotten = this.sent.nextForgotten();
    if (forgotten !== undefined) this.#congestion.forgotten(forgotten.bytes);
    return this.sent.begin(nowMs);
  }

  /** `ack` is a packet number we sent, or below 1; `missing` as on the wire; `ranges` lawful, or none. */
  take(ack: number, missing: number, delayMs: number, ranges: readonly number[], nowMs: number): void {
    const newest = this.sent.pending(ack);
    const isAnswer = newest !== undefined && ack > this.newestAcked;
    if (newest !== undefined) {
      // A delay too long to tell: the sample would hold what remains of it.
      if (isAnswer && delayMs < MAX_ACK_DELAY_MS) this.rtt.add(nowMs - newest.sentAtMs, delayMs);
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
    if (isAnswer) this.#congestion.answered(newest.bytes, newest.sentAtMs, delayMs, nowMs);
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

  /** Gives up what was overtaken and has been under way for too long. */
  update(nowMs: number): void {
    this.#giveUp(0, nowMs - this.lostAfterMs(), nowMs);
  }

  #settle(packet: SentPacket, nowMs: number): void {
    packet.pending = false;
    this.#congestion.acked(packet.bytes, packet.sentAtMs, nowMs);
    this.ackedInputTick = Math.max(this.ackedInputTick, packet.inputTick);
    for (const message of packet.messages) this.#channels.acked(message);
    this.#noteLoss(0);
  }

  /** Oldest first: packets up to number `upTo`, or sent before `sentBeforeMs`, that a newer one has overtaken. */
  #giveUp(upTo: number, sentBeforeMs: number, nowMs: number): void {
    for (let number = this.sent.oldest; number < this.newestAcked; number += 1) {
      const packet = this.sent.pending(number);
      if (packet === undefined) continue;
      if (number > upTo && packet.sentAtMs >= sentBeforeMs) break;
      packet.pending = false;
      this.#congestion.lost(packet.bytes, nowMs);
      if (packet.elicitsAck) {
        this.#counters.packetsLost += 1;
        this.#noteLoss(1);
      }
      for (const message of packet.messages) this.#channels.lost(message, packet.number);
    }
    this.sent.trim();
  }

  #noteLoss(lost: 0 | 1): void {
    this.lossRatio += (lost - this.lossRatio) / 64;
  }
}
