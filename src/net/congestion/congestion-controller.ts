/**
 * How fast one direction of one connection may send: so that the path is used and its queue stays short.
 *
 *   sent, acked, lost, answered ──▶ window (bytes under way) ──▶ rate = window / loop ──▶ mayStillSend
 *
 * A flow at rate r wants the queue to hold it up by `WANTED_MS + SLOW_MS × √(SLOW_BYTES_PER_MS / r)`: the slower,
 * the longer. All flows of a bottleneck see one and the same queue, so the faster finds it too long, the slower too
 * short, until they are equally fast (Swift, SIGCOMM 2020 §3.2.1; Copa, NSDI 2018). Once per loop, that is from
 * sending to hearing back, the window moves a part of the way to the size that would make the queue as wanted.
 */
import { IP_UDP_HEADER_BYTES } from "../bytes/datagram-limit.ts";
import { DeliveryMeter } from "./delivery-meter.ts";
import { Drains } from "./drains.ts";
import { ForeignDelay } from "./foreign-delay.ts";
import { LoopTime, START_LOOP_MS } from "./loop-time.ts";
import { LossExcess } from "./loss-excess.ts";
import { Pacer } from "./pacer.ts";
import { PathChange } from "./path-change.ts";
import { largestPacketBytes, PathDelay } from "./path-delay.ts";
import { DEFAULT_RATES, type RateLimits } from "./rate-limits.ts";

const WANTED_MS = 2;
/** A path that is shorter may have the rest as queue. */
const GOOD_TRIP_MS = 40;
const SLOW_MS = 20;
const SLOW_BYTES_PER_MS = 8;
/** Share of the way to the right window that one loop takes. */
const GAIN = 0.25;
const MOST_CHANGE = 0.5;
/** So short a queue is chance: no reason to end the start. */
const LEAST_QUEUE_MS = 5;
/** A flow that has no more to send than the path takes does not fill its queue: up to here it need not yield. */
const TOLERATED_MS = 40;
/** From here on nothing leaves that could be left out. */
const SPARING_MS = 20;
/**
 * A queue this much shorter than wanted, for so many loops: the path has become faster. Packets of one turn queue
 * behind each other, so it is never quite empty.
 */
const EMPTY_RATIO = 1 / 2;
const EMPTY_LOOPS = 4;
/** A short path's other end may be busy for so long and miss nothing: a window is worth at least this much time. */
const STALL_MS = 80;
/** So short a trip was no full path's: there is nothing to drain. */
const SEEN_EMPTY_MS = 10;
/** The wire tells no longer delay of an ack, so that of one that says so nobody knows the round trip. */
const MAX_TOLD_DELAY_MS = 126;
/** After so many loops without an ack the path is out, and asking often does not help. */
const SILENT_LOOPS = 3;
/** Shorter is a hiccup. */
const OUTAGE_MS = 500;
const RECHECK_MS = 5;
/** What must leave whatever the path does may run up a debt of so much time. */
const VITAL_DEBT_MS = 250;

export class CongestionController {
  readonly #startPerMs: number;
  readonly #minPerMs: number;
  readonly #maxPerMs: number;
  #delay = new PathDelay();
  #loss = new LossExcess();
  readonly #change = new PathChange();
  #foreign = new ForeignDelay();
  #hasLoss = false;
  readonly #pacer = new Pacer();
  #windowBytes: number;
  readonly #loop = new LoopTime();
  #isStarting = true;
  #underWayBytes = 0;
  /** Something waited for us since the window was last looked at. */
  #isLimited = false;
  /** The same of the loop before. */
  #wasLimited = false;
  #emptyLoops = 0;
  #queueMs = 0;
  #updatedAtMs = 0;
  readonly #drains = new Drains();
  #lastAckMs = 0;
  /** Since when something is under way. */
  #waitingSinceMs = 0;
  #outageUntilMs = 0;
  readonly #delivery = new DeliveryMeter();

  constructor(rates: RateLimits = DEFAULT_RATES) {
    this.#startPerMs = rates.startBytesPerSecond / 1000;
    this.#minPerMs = rates.minBytesPerSecond / 1000;
    this.#maxPerMs = rates.maxBytesPerSecond / 1000;
    this.#windowBytes = this.#startPerMs * START_LOOP_MS;
  }

  /** What may be sent, IP and UDP headers included. */
  get bytesPerSecond(): number {
    return this.#bytesPerMs * 1000;
  }

  /** What arrived of late. */
  get deliveredBytesPerSecond(): number {
    return this.#delivery.bytesPerMs * 1000;
  }

  /** How long our packets wait in queues on their way. */
  get queueingDelayMs(): number {
    return this.#queueMs;
  }

  get underWayBytes(): number {
    return this.#underWayBytes;
  }

  /** Of one datagram's payload. */
  get maxPacketBytes(): number {
    return largestPacketBytes(this.#bytesPerMs) - IP_UDP_HEADER_BYTES;
  }

  get #loopMs(): number {
    return this.#loop.ms;
  }

  get #bytesPerMs(): number {
    const rate = this.#windowBytes / this.#loopMs;
    return Math.min(this.#maxPerMs, Math.max(this.#minPerMs, rate));
  }

  /** What a short path may be longer. */
  get #spareMs(): number {
    return Math.max(0, GOOD_TRIP_MS - this.#delay.leastMs);
  }

  get #isAtLeast(): boolean {
    return this.#bytesPerMs < 1.1 * this.#minPerMs;
  }

  #pacedPerMs(nowMs: number): number {
    return this.#bytesPerMs * this.#drains.ratio(nowMs);
  }

  /** True when a packet may leave. Who has one and hears no must say so: only a rate that is used up grows. */
  mayStillSend(nowMs: number): boolean {
    const hasCredit = this.#pacer.creditBytes(this.#pacedPerMs(nowMs), nowMs) > 0;
    return (
      hasCredit &&
      this.#underWayBytes < this.#windowBytes * Math.max(1, (STALL_MS + this.#spareMs) / this.#loopMs)
    );
  }

  /** True when a small packet may leave that cannot wait: input, an ack. */
  mayStillSendVital(nowMs: number): boolean {
    const perMs = this.#pacedPerMs(nowMs);
    return this.#pacer.creditBytes(perMs, nowMs) > -VITAL_DEBT_MS * perMs;
  }

  /** The longest datagram that nothing needs and nothing that leaves in `restMs` will miss; 0 while a queue stands. */
  spareBytes(restMs: number, nowMs: number): number {
    if (this.#isLimited || this.#wasLimited || this.#queueMs >= SPARING_MS) return 0;
    const perMs = this.#pacedPerMs(nowMs);
    const paceBytes = this.#pacer.spareBytes(perMs, restMs, nowMs);
    const windowBytes = this.#windowBytes - this.#underWayBytes;
    return Math.max(0, Math.min(paceBytes, windowBytes) - IP_UDP_HEADER_BYTES);
  }

  /** Something waits that would have left at a higher rate. */
  noteLimited(): void {
    this.#isLimited = true;
  }

  /** When to ask again after a no. */
  retryAtMs(nowMs: number): number {
    const freeAtMs = this.#pacer.freeAtMs(this.#pacedPerMs(nowMs));
    if (freeAtMs > nowMs) return freeAtMs;
    const isSilent = nowMs - this.#lastAckMs > SILENT_LOOPS * this.#loopMs;
    return isSilent ? Number.POSITIVE_INFINITY : nowMs + RECHECK_MS;
  }

  /** A datagram of `length` left. Returns the bytes that are under way by it: none if nobody acks it. */
  sent(length: number, elicitsAck: boolean, nowMs: number): number {
    const bytes = length + IP_UDP_HEADER_BYTES;
    this.#pacer.spend(bytes);
    if (!elicitsAck) return 0;
    if (this.#underWayBytes <= 0) this.#waitingSinceMs = nowMs;
    this.#underWayBytes += bytes;
    return bytes;
  }

  /** What `sent` returned, and when that was; so in `lost`. */
  acked(bytes: number, sentAtMs: number, nowMs: number): void {
    const silentMs = nowMs - Math.max(this.#lastAckMs, this.#waitingSinceMs);
    if (silentMs > Math.max(OUTAGE_MS, SILENT_LOOPS * this.#loopMs)) this.#startAfterOutage(nowMs);
    this.#lastAckMs = nowMs;
    this.#loop.acked(sentAtMs);
    if (bytes === 0) return;
    this.forgotten(bytes, sentAtMs);
    this.#delivery.acked(bytes);
    this.#loss.note(false, this.#drains.wasOn(sentAtMs), nowMs);
  }

  lost(bytes: number, sentAtMs: number, nowMs: number): void {
    if (bytes === 0 || sentAtMs < this.#outageUntilMs) return;
    this.forgotten(bytes, sentAtMs);
    this.#loss.note(true, this.#drains.wasOn(sentAtMs), nowMs);
    this.#hasLoss = true;
  }

  /** So many bytes, which `sent` returned, are not under way any more, whatever became of them. */
  forgotten(bytes: number, sentAtMs: number): void {
    if (sentAtMs >= this.#outageUntilMs) this.#underWayBytes -= bytes;
  }

  /**
   * After `acked` of all that one packet acks: the newest of them, of `bytes` as `sent` returned, was held by the
   * peer for `ackDelayMs` before it acked it.
   */
  answered(bytes: number, sentAtMs: number, ackDelayMs: number, nowMs: number): void {
    if (bytes === 0 || ackDelayMs > MAX_TOLD_DELAY_MS) return;
    const rttMs = Math.max(0, nowMs - sentAtMs - ackDelayMs);
    const largest = largestPacketBytes(this.#bytesPerMs);
    this.#delay.add(rttMs, bytes, largest, this.#bytesPerMs, nowMs);
    if (this.#loop.follow(rttMs, sentAtMs, nowMs)) {
      // On a short path the first window is not cut: what it does to it will be heard soon.
      this.#windowBytes = this.#startPerMs * Math.max(this.#loopMs, START_LOOP_MS);
    }
    // Who leaves gaps anyway need not make one.
    const mayStand = (this.#isLimited || this.#wasLimited) && this.#delay.leastMs >= SEEN_EMPTY_MS;
    const drainedAtMs = this.#drains.begin(this.#loopMs, mayStand && !this.#isStarting, nowMs);
    if (drainedAtMs !== undefined) this.#updatedAtMs = drainedAtMs;
    if (this.#drains.isHeld(nowMs) || sentAtMs < this.#updatedAtMs) return;
    const delayMs = this.#delay.queueMs(largest, this.#bytesPerMs, nowMs);
    if (this.#foreign.note(delayMs, this.#isAtLeast, nowMs)) this.#isStarting = true;
    this.#queueMs = Math.max(0, delayMs - this.#foreign.toleratedMs);
    if (this.#change.isLikely(this.#queueMs, this.#bytesPerMs, this.#isAtLeast, this.#hasLoss, nowMs)) {
      this.#delay = new PathDelay();
      this.#queueMs = 0;
      this.#isStarting = true;
    }
    this.#moveWindow();
    this.#delivery.measure(nowMs);
    this.#updatedAtMs = nowMs;
    this.#wasLimited = this.#isLimited;
    this.#isLimited = false;
    this.#hasLoss = false;
  }

  /** Another path: nothing of what was learned counts. */
  reset(): void {
    this.#delay = new PathDelay();
    this.#loss = new LossExcess();
    this.#foreign = new ForeignDelay();
    this.#isStarting = true;
    this.#loop.reset();
    this.#windowBytes = this.#startPerMs * START_LOOP_MS;
    this.#emptyLoops = 0;
    this.#queueMs = 0;
    this.#drains.reset();
  }

  /** What was under way when nothing came through is gone, and tells nothing of how wide the path is now. */
  #startAfterOutage(nowMs: number): void {
    this.#outageUntilMs = nowMs;
    this.#underWayBytes = 0;
    this.#loss = new LossExcess();
    this.#isStarting = true;
    this.#windowBytes = Math.max(this.#windowBytes / 2, this.#startPerMs * this.#loopMs);
  }

  #moveWindow(): void {
    const lossExcess = this.#loss.take();
    const wantedMs = this.#spareMs + WANTED_MS + SLOW_MS * Math.sqrt(SLOW_BYTES_PER_MS / this.#bytesPerMs);
    if (lossExcess > 0) {
      this.#isStarting = false;
      this.#windowBytes *= 1 - Math.min(MOST_CHANGE, lossExcess);
    } else if (this.#isStarting) {
      this.#start(wantedMs);
    } else {
      this.#steer(wantedMs);
    }
    const loopMs = this.#loopMs;
    const most = this.#maxPerMs * loopMs;
    this.#windowBytes = Math.min(most, Math.max(this.#minPerMs * loopMs, this.#windowBytes));
  }

  /** Twice as fast with each loop, until a queue shows. */
  #start(wantedMs: number): void {
    if (!this.#isLimited && this.#queueMs < TOLERATED_MS) return;
    if (this.#queueMs > Math.max(LEAST_QUEUE_MS, wantedMs / 2)) {
      this.#isStarting = false;
      this.#windowBytes *= Math.max(MOST_CHANGE, (this.#loopMs - this.#queueMs) / this.#loopMs);
    } else {
      this.#windowBytes *= 2;
    }
  }

  #steer(wantedMs: number): void {
    this.#emptyLoops = this.#queueMs < wantedMs * EMPTY_RATIO ? this.#emptyLoops + 1 : 0;
    let change = (GAIN * (wantedMs - this.#queueMs)) / this.#loopMs;
    if (this.#emptyLoops > EMPTY_LOOPS) change *= this.#emptyLoops - EMPTY_LOOPS + 1;
    if (!this.#isLimited && (change > 0 || this.#queueMs < Math.max(TOLERATED_MS, wantedMs))) return;
    this.#windowBytes *= 1 + Math.max(-MOST_CHANGE, Math.min(MOST_CHANGE, change));
  }
}
