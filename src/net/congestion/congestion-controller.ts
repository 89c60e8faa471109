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
import { newPathCells, PathCell } from "./path-cells.ts";
import { PathChange } from "./path-change.ts";
import { largestPacketBytes, PathDelay } from "./path-delay.ts";
import { DEFAULT_RATES, type RateLimits } from "./rate-limits.ts";
import { SendWindow } from "./send-window.ts";

const WANTED_MS = 2;
/** A path that is shorter may have the rest as queue. */
const GOOD_TRIP_MS = 40;
const SLOW_MS = 20;
const SLOW_BYTES_PER_MS = 8;
/** From here on nothing leaves that could be left out. */
const SPARING_MS = 20;
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

/** Of all connections: each works on the cells that it was given last. */
const delays = new PathDelay();
const losses = new LossExcess();
const changes = new PathChange();
const foreigns = new ForeignDelay();
const pacers = new Pacer();
const loops = new LoopTime();
const drains = new Drains();
const deliveries = new DeliveryMeter();
const windows = new SendWindow();

export class CongestionController {
  /** The acks' too. */
  readonly cells = newPathCells();
  readonly #startPerMs: number;
  readonly #minPerMs: number;
  readonly #maxPerMs: number;
  #hasLoss = false;
  /** Something waited for us since the window was last looked at. */
  #isLimited = false;
  /** The same of the loop before. */
  #wasLimited = false;

  constructor(rates: RateLimits = DEFAULT_RATES) {
    this.#startPerMs = rates.startBytesPerSecond / 1000;
    this.#minPerMs = rates.minBytesPerSecond / 1000;
    this.#maxPerMs = rates.maxBytesPerSecond / 1000;
    for (const part of [delays, losses, changes, foreigns, pacers, loops, drains, deliveries, windows]) {
      part.of(this.cells).clear();
    }
    this.#windowBytes = this.#startPerMs * START_LOOP_MS;
  }

  /** What may be sent, IP and UDP headers included. */
  get bytesPerSecond(): number {
    return this.#bytesPerMs * 1000;
  }

  /** What arrived of late. */
  get deliveredBytesPerSecond(): number {
    return deliveries.of(this.cells).bytesPerMs * 1000;
  }

  /** How long our packets wait in queues on their way. */
  get queueingDelayMs(): number {
    return this.cells[PathCell.QueueMs]!;
  }

  get underWayBytes(): number {
    return this.cells[PathCell.UnderWayBytes]!;
  }

  /** Of one datagram's payload. */
  get maxPacketBytes(): number {
    return largestPacketBytes(this.#bytesPerMs) - IP_UDP_HEADER_BYTES;
  }

  /** What may be under way. */
  get #windowBytes(): number {
    return this.cells[PathCell.WindowBytes]!;
  }

  set #windowBytes(bytes: number) {
    this.cells[PathCell.WindowBytes] = bytes;
  }

  get #loopMs(): number {
    return this.cells[PathCell.LoopMs]!;
  }

  get #bytesPerMs(): number {
    const rate = this.#windowBytes / this.#loopMs;
    return Math.min(this.#maxPerMs, Math.max(this.#minPerMs, rate));
  }

  /** What a short path may be longer. */
  get #spareMs(): number {
    return Math.max(0, GOOD_TRIP_MS - delays.of(this.cells).leastMs);
  }

  get #isAtLeast(): boolean {
    return this.#bytesPerMs < 1.1 * this.#minPerMs;
  }

  #pacedPerMs(nowMs: number): number {
    return this.#bytesPerMs * drains.of(this.cells).ratio(nowMs);
  }

  /** True when a packet may leave. Who has one and hears no must say so: only a rate that is used up grows. */
  mayStillSend(nowMs: number): boolean {
    const hasCredit = pacers.of(this.cells).creditBytes(this.#pacedPerMs(nowMs), nowMs) > 0;
    return (
      hasCredit &&
      this.underWayBytes < this.#windowBytes * Math.max(1, (STALL_MS + this.#spareMs) / this.#loopMs)
    );
  }

  /** True when a small packet may leave that cannot wait: input, an ack. */
  mayStillSendVital(nowMs: number): boolean {
    const perMs = this.#pacedPerMs(nowMs);
    return pacers.of(this.cells).creditBytes(perMs, nowMs) > -VITAL_DEBT_MS * perMs;
  }

  /** The longest datagram that nothing needs and nothing that leaves in `restMs` will miss; 0 while a queue stands. */
  spareBytes(restMs: number, nowMs: number): number {
    if (this.#isLimited || this.#wasLimited || this.queueingDelayMs >= SPARING_MS) return 0;
    const perMs = this.#pacedPerMs(nowMs);
    const paceBytes = pacers.of(this.cells).spareBytes(perMs, restMs, nowMs);
    const windowBytes = this.#windowBytes - this.underWayBytes;
    return Math.max(0, Math.min(paceBytes, windowBytes) - IP_UDP_HEADER_BYTES);
  }

  /** Something waits that would have left at a higher rate. */
  noteLimited(): void {
    this.#isLimited = true;
  }

  /** When to ask again after a no. */
  retryAtMs(nowMs: number): number {
    const freeAtMs = pacers.of(this.cells).freeAtMs(this.#pacedPerMs(nowMs));
    if (freeAtMs > nowMs) return freeAtMs;
    const isSilent = nowMs - this.cells[PathCell.LastAckMs]! > SILENT_LOOPS * this.#loopMs;
    return isSilent ? Number.POSITIVE_INFINITY : nowMs + RECHECK_MS;
  }

  /** A datagram of `length` left. Returns the bytes that are under way by it: none if nobody acks it. */
  sent(length: number, elicitsAck: boolean, nowMs: number): number {
    const cells = this.cells;
    const bytes = length + IP_UDP_HEADER_BYTES;
    pacers.of(cells).spend(bytes);
    if (!elicitsAck) return 0;
    if (cells[PathCell.UnderWayBytes]! <= 0) cells[PathCell.WaitingSinceMs] = nowMs;
    cells[PathCell.UnderWayBytes]! += bytes;
    return bytes;
  }

  /** What `sent` returned, and when that was; so in `lost`. */
  acked(bytes: number, sentAtMs: number, nowMs: number): void {
    const cells = this.cells;
    const silentMs = nowMs - Math.max(cells[PathCell.LastAckMs]!, cells[PathCell.WaitingSinceMs]!);
    if (silentMs > Math.max(OUTAGE_MS, SILENT_LOOPS * this.#loopMs)) this.#startAfterOutage(nowMs);
    cells[PathCell.LastAckMs] = nowMs;
    loops.of(cells).acked(sentAtMs);
    if (bytes === 0) return;
    this.forgotten(bytes, sentAtMs);
    deliveries.of(cells).acked(bytes);
    losses.of(cells).note(false, drains.of(cells).wasOn(sentAtMs), nowMs);
  }

  lost(bytes: number, sentAtMs: number, nowMs: number): void {
    const cells = this.cells;
    if (bytes === 0 || sentAtMs < cells[PathCell.OutageUntilMs]!) return;
    this.forgotten(bytes, sentAtMs);
    losses.of(cells).note(true, drains.of(cells).wasOn(sentAtMs), nowMs);
    this.#hasLoss = true;
  }

  /** So many bytes, which `sent` returned, are not under way any more, whatever became of them. */
  forgotten(bytes: number, sentAtMs: number): void {
    const cells = this.cells;
    if (sentAtMs >= cells[PathCell.OutageUntilMs]!) cells[PathCell.UnderWayBytes]! -= bytes;
  }

  /**
   * After `acked` of all that one packet acks: the newest of them, of `bytes` as `sent` returned, was held by the
   * peer for `ackDelayMs` before it acked it.
   */
  answered(bytes: number, sentAtMs: number, ackDelayMs: number, nowMs: number): void {
    if (bytes === 0 || ackDelayMs > MAX_TOLD_DELAY_MS) return;
    const cells = this.cells;
    const delay = delays.of(cells);
    const drain = drains.of(cells);
    const rttMs = Math.max(0, nowMs - sentAtMs - ackDelayMs);
    const largest = largestPacketBytes(this.#bytesPerMs);
    delay.add(rttMs, bytes, largest, this.#bytesPerMs, nowMs);
    if (loops.of(cells).follow(rttMs, sentAtMs, nowMs)) {
      // On a short path the first window is not cut: what it does to it will be heard soon.
      this.#windowBytes = this.#startPerMs * Math.max(this.#loopMs, START_LOOP_MS);
    }
    // Who leaves gaps anyway need not make one.
    const mayStand = (this.#isLimited || this.#wasLimited) && delay.leastMs >= SEEN_EMPTY_MS;
    const drainedAtMs = drain.begin(this.#loopMs, mayStand && !windows.of(cells).isStarting, nowMs);
    if (drainedAtMs !== undefined) cells[PathCell.UpdatedAtMs] = drainedAtMs;
    if (drain.isHeld(nowMs) || sentAtMs < cells[PathCell.UpdatedAtMs]!) return;
    this.#lookBack(delay.queueMs(largest, this.#bytesPerMs, nowMs), nowMs);
  }

  /** Once per loop: what the path did with what left in it. */
  #lookBack(delayMs: number, nowMs: number): void {
    const cells = this.cells;
    const foreign = foreigns.of(cells);
    if (foreign.note(delayMs, this.#isAtLeast, nowMs)) windows.of(cells).startAnew();
    const queueMs = Math.max(0, delayMs - foreign.toleratedMs);
    cells[PathCell.QueueMs] = queueMs;
    if (changes.of(cells).isLikely(queueMs, this.#bytesPerMs, this.#isAtLeast, this.#hasLoss, nowMs)) {
      delays.of(cells).clear();
      cells[PathCell.QueueMs] = 0;
      windows.of(cells).startAnew();
    }
    this.#moveWindow(cells[PathCell.QueueMs]!);
    deliveries.of(cells).measure(nowMs);
    cells[PathCell.UpdatedAtMs] = nowMs;
    this.#wasLimited = this.#isLimited;
    this.#isLimited = false;
    this.#hasLoss = false;
  }

  /** Another path: nothing of what was learned counts. */
  reset(): void {
    for (const part of [delays, losses, foreigns, windows]) part.of(this.cells).clear();
    loops.of(this.cells).reset();
    this.#windowBytes = this.#startPerMs * START_LOOP_MS;
    this.cells[PathCell.QueueMs] = 0;
    drains.of(this.cells).reset();
  }

  /** What was under way when nothing came through is gone, and tells nothing of how wide the path is now. */
  #startAfterOutage(nowMs: number): void {
    this.cells[PathCell.OutageUntilMs] = nowMs;
    this.cells[PathCell.UnderWayBytes] = 0;
    losses.of(this.cells).clear();
    windows.of(this.cells).startAnew();
    this.#windowBytes = Math.max(this.#windowBytes / 2, this.#startPerMs * this.#loopMs);
  }

  #moveWindow(queueMs: number): void {
    const wantedMs = this.#spareMs + WANTED_MS + SLOW_MS * Math.sqrt(SLOW_BYTES_PER_MS / this.#bytesPerMs);
    const loopMs = this.#loopMs;
    windows.of(this.cells).move(queueMs, wantedMs, losses.of(this.cells).take(), this.#isLimited);
    const most = this.#maxPerMs * loopMs;
    this.#windowBytes = Math.min(most, Math.max(this.#minPerMs * loopMs, this.#windowBytes));
  }
}
