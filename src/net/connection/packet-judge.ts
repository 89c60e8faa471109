/** Whether the frames of an opened packet may be taken: all of them or none, so this is asked before any is. */
import type { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { areRangesLawful } from "../channel/ack-ranges.ts";
import { IncomingChannels } from "../channel/incoming-channels.ts";
import { type Frame, FrameKind, newFrame, readFrame } from "../wire/frames.ts";
import { newNetCounters } from "../wire/net-counters.ts";

const NO_RANGES: readonly number[] = [];

const NO_CHANNELS = new IncomingChannels([], newNetCounters(), "client");

/** One can serve all connections: what it says is of the packet judged last. */
export class PacketJudge {
  /** The frame read last. */
  readonly frame: Frame = newFrame();
  /** Frames of the packet judged last that ask for an ack. */
  eliciting = 0;
  /** Its ack ranges, or none. */
  ranges: readonly number[] = NO_RANGES;
  /** Its block of state, `bytes[stateStart … stateEnd)` of the reader; -1 without one. */
  stateStart = -1;
  stateEnd = -1;
  #hasOwn = false;
  #hasMessages = false;
  #side: "client" | "server";
  #incoming: IncomingChannels;

  /** `side`: the end that reads. */
  constructor(side: "client" | "server" = "server", incoming: IncomingChannels = NO_CHANNELS) {
    this.#side = side;
    this.#incoming = incoming;
  }

  /** Whose packet is judged next. */
  turnTo(side: "client" | "server", incoming: IncomingChannels): void {
    this.#side = side;
    this.#incoming = incoming;
  }

  /** Reads `count` frames up to the end of the body. The counter of the refusal, or undefined if they are lawful. */
  judge(reader: MsgpackReader, count: number, ack: number): "refusedFrame" | "refusedRoom" | undefined {
    const { frame } = this;
    this.eliciting = 0;
    this.ranges = NO_RANGES;
    this.stateStart = -1;
    this.#hasOwn = false;
    this.#hasMessages = false;
    for (let i = 0; i < count; i += 1) {
      if (!readFrame(reader, frame) || !this.#isLawful(ack)) return "refusedFrame";
      if (frame.kind === FrameKind.AckRanges) this.ranges = frame.ranges.slice();
      else this.eliciting += 1;
    }
    if (!reader.done()) return "refusedFrame";
    return !this.#hasMessages || this.#incoming.hasRoom ? undefined : "refusedRoom";
  }

  #isLawful(ack: number): boolean {
    const { frame } = this;
    switch (frame.kind) {
      case FrameKind.Message:
      case FrameKind.Fragment:
        // Only now: most packets have none, and the channels need not be looked at.
        if (!this.#hasMessages) this.#incoming.beginPacket();
        this.#hasMessages = true;
        return this.#incoming.isLawful(frame);
      case FrameKind.State:
        return this.#side === "client" && this.#isFirstState();
      case FrameKind.Own:
        return this.#side === "client" && this.#isFirstOwn();
      case FrameKind.Input:
      case FrameKind.Resync:
        return this.#side === "server";
      case FrameKind.AckRanges:
        return this.ranges === NO_RANGES && areRangesLawful(frame.ranges, ack);
      default:
        return true;
    }
  }

  #isFirstState(): boolean {
    const isFirst = this.stateStart < 0;
    this.stateStart = this.frame.start;
    this.stateEnd = this.frame.end;
    return isFirst;
  }

  #isFirstOwn(): boolean {
    const isFirst = !this.#hasOwn;
    this.#hasOwn = true;
    return isFirst;
  }
}
