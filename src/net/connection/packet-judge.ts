/** Whether the frames of an opened packet may be taken: all of them or none, so this is asked before any is. */
import type { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { areRangesLawful } from "../channel/ack-ranges.ts";
import type { IncomingChannels } from "../channel/incoming-channels.ts";
import { type Frame, FrameKind, newFrame, readFrame } from "../wire/frames.ts";

const NO_RANGES: readonly number[] = [];

/** Shared by all judges: it is read and judged in one go. */
const frame: Frame = newFrame();

export class PacketJudge {
  /** Frames of the packet judged last that ask for an ack. */
  eliciting = 0;
  /** Its ack ranges, or none. */
  ranges: readonly number[] = NO_RANGES;
  /** Its block of state, `bytes[stateStart … stateEnd)` of the reader; -1 without one. */
  stateStart = -1;
  stateEnd = -1;
  #hasOwn = false;
  readonly #side: "client" | "server";
  readonly #incoming: IncomingChannels;

  /** `side`: the end that reads. */
  constructor(side: "client" | "server", incoming: IncomingChannels) {
    this.#side = side;
    this.#incoming = incoming;
  }

  /** Reads `count` frames up to the end of the body. The counter of the refusal, or undefined if they are lawful. */
  judge(reader: MsgpackReader, count: number, ack: number): "refusedFrame" | "refusedRoom" | undefined {
    this.eliciting = 0;
    this.ranges = NO_RANGES;
    this.stateStart = -1;
    this.#hasOwn = false;
    this.#incoming.beginPacket();
    for (let i = 0; i < count; i += 1) {
      if (!readFrame(reader, frame) || !this.#isLawful(ack)) return "refusedFrame";
      if (frame.kind === FrameKind.AckRanges) this.ranges = frame.ranges.slice();
      else this.eliciting += 1;
    }
    if (!reader.done()) return "refusedFrame";
    return this.#incoming.hasRoom ? undefined : "refusedRoom";
  }

  #isLawful(ack: number): boolean {
    switch (frame.kind) {
      case FrameKind.Message:
      case FrameKind.Fragment:
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
    this.stateStart = frame.start;
    this.stateEnd = frame.end;
    return isFirst;
  }

  #isFirstOwn(): boolean {
    const isFirst = !this.#hasOwn;
    this.#hasOwn = true;
    return isFirst;
  }
}
