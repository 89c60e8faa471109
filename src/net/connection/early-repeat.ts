/**
 * At a server: when what left of the newest tick leaves once more, in a packet of its own, on a way that loses packets.
 * A lost one is then made good within milliseconds, and not with the next tick. Nothing needs it, so it only takes room
 * and time that are to spare.
 */
import type { AckTracker } from "../channel/ack-tracker.ts";
import type { SentPacket } from "../channel/sent-packets.ts";
import type { CongestionController } from "../congestion/congestion-controller.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { NewestBlock } from "./newest-block.ts";
import type { PacketWriter } from "./packet-writer.ts";
import type { StateFiller } from "./state-filler.ts";

/** What makes a path lose one packet alone is over by then. */
const REPEAT_AFTER_MS = 8;
/** Messages that wait or are under way: more than a packet of them fill the path, and it is theirs. */
const MESSAGES_FIRST_BYTES = 1_200;

export class EarlyRepeat {
  /** When it is to leave; Infinity: not at all. */
  dueMs = Number.POSITIVE_INFINITY;
  readonly #packets: PacketWriter;
  readonly #own: NewestBlock;
  readonly #state: StateFiller;
  readonly #acks: AckTracker;
  readonly #congestion: CongestionController;
  readonly #tickMs: number;
  /** The packet that is repeated, and when it left. */
  #number = 0;
  #sentAtMs = 0;
  /** All that left of the tick. */
  #bytes = 0;

  constructor(
    packets: PacketWriter,
    own: NewestBlock,
    state: StateFiller,
    acks: AckTracker,
    congestion: CongestionController,
    tickMs: number,
  ) {
    this.#packets = packets;
    this.#own = own;
    this.#state = state;
    this.#acks = acks;
    this.#congestion = congestion;
    this.#tickMs = tickMs;
  }

  /** The own block of a newer tick left with `packet`. `isHurried`: there is no time for repeats. */
  begin({ number, sentAtMs }: SentPacket, isHurried: boolean): void {
    this.#number = number;
    this.#sentAtMs = sentAtMs;
    this.#bytes = 0;
    const isWanted = this.#acks.loss.isNoticed && !isHurried;
    this.dueMs = isWanted ? sentAtMs + REPEAT_AFTER_MS : Number.POSITIVE_INFINITY;
  }

  /** A packet of `length` left. Those of the same turn tell of the same tick. */
  left(length: number, nowMs: number): void {
    if (nowMs === this.#sentAtMs) this.#bytes += length;
  }

  /** There is nothing to repeat any more. */
  cancel(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
  }

  /** Writes the packet once it is due and there is room that nothing else wants. Messages of `queuedBytes` are to leave. */
  turn(queuedBytes: number, nowMs: number, outbox: Outbox): void {
    // Not even a turn of its own it gets beside these: that would pace them otherwise.
    if (queuedBytes > MESSAGES_FIRST_BYTES || this.#own.isWaiting || this.#state.isWaiting) this.cancel();
    if (nowMs < this.dueMs) return;
    this.cancel();
    // It is known to have arrived.
    if (this.#acks.sent.pending(this.#number) === undefined) return;
    // What leaves with the next tick must not find its room taken.
    const spareBytes = this.#congestion.spareBytes(this.#tickMs - REPEAT_AFTER_MS, nowMs);
    const maxBytes = Math.min(spareBytes, this.#congestion.maxPacketBytes);
    // A part would have the client think that it knows all of the tick.
    if (this.#bytes > maxBytes) return;
    const packet = this.#packets.begin(nowMs, outbox, maxBytes);
    this.#acks.newestRepeat = packet.number;
    const frames = this.#own.write(this.#packets.frames) ? 1 : 0;
    this.#packets.finish(packet, frames + this.#state.writeAgain(packet), nowMs, outbox);
  }
}
